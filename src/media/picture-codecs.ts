import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import decodeJpeg, { init as initJpegDecoder } from '@jsquash/jpeg/decode.js'
import encode, { init as initJpegEncoder } from '@jsquash/jpeg/encode.js'
import decodePng, { init as initPng } from '@jsquash/png/decode.js'
import decodeWebp, { init as initWebp } from '@jsquash/webp/decode.js'
import { GifReader } from 'omggif'
import type { ThumbnailedMime } from '../shared/thumbnails.ts'
import type { Pixels } from './shrink-pixels.ts'

/**
 * mozjpeg, libwebp and a PNG decoder as WebAssembly: what a picture does to them stays in their own memory. They are made
 * for the browser, where they would fetch their programs; here each is read from its package before it is first used.
 */
const QUALITY = 72
const PAGE_BYTES = 64 * 1024
const MIB = 1024 * 1024

type Memory = { readonly buffer: ArrayBuffer; grow(pages: number): number }
/** Known to Node, and not to its types. */
const { WebAssembly } = globalThis as unknown as { WebAssembly: { Memory: { prototype: Memory } } }

/** From now on no decoder in this thread takes more; one that wants to fails, and may be in any state then. */
export const boundDecoders = (mibMax: number): void => {
  const memory = WebAssembly.Memory.prototype
  const grow = Reflect.get(memory, 'grow')
  memory.grow = function (this: Memory, pages) {
    if (this.buffer.byteLength + pages * PAGE_BYTES > mibMax * MIB)
      throw new RangeError(`a decoder wants more than ${mibMax} MiB`)
    return grow.call(this, pages)
  }
}

const { resolve } = createRequire(import.meta.url)
const once = (begin: (program: Buffer) => Promise<unknown>, path: string): (() => Promise<unknown>) => {
  let begun: Promise<unknown> | null = null
  return () => (begun ??= readFile(resolve(path)).then(begin))
}
/** What a decoder says of a picture is no line of our log: its failure is told where it is asked. */
const quiet = { print: () => undefined, printErr: () => undefined }
const ready = {
  jpeg: once(
    wasmBinary => initJpegDecoder({ wasmBinary, ...quiet }),
    '@jsquash/jpeg/codec/dec/mozjpeg_dec.wasm',
  ),
  webp: once(wasmBinary => initWebp({ wasmBinary, ...quiet }), '@jsquash/webp/codec/dec/webp_dec.wasm'),
  png: once(program => initPng(program), '@jsquash/png/codec/pkg/squoosh_png_bg.wasm'),
  encoder: once(
    wasmBinary => initJpegEncoder({ wasmBinary, ...quiet }),
    '@jsquash/jpeg/codec/enc/mozjpeg_enc.wasm',
  ),
}

const firstFrame = (bytes: ArrayBuffer): Pixels => {
  const gif = new GifReader(new Uint8Array(bytes))
  const data = new Uint8ClampedArray(gif.width * gif.height * 4)
  gif.decodeAndBlitFrameRGBA(0, data)
  return { data, width: gif.width, height: gif.height }
}

/** @throws what the decoder throws at what it cannot read: of any kind */
export const decode = async (bytes: ArrayBuffer, mime: ThumbnailedMime): Promise<Pixels> => {
  switch (mime) {
    case 'image/jpeg':
      await ready.jpeg()
      return decodeJpeg(bytes, { preserveOrientation: true })
    case 'image/png':
      await ready.png()
      return decodePng(bytes)
    case 'image/webp':
      await ready.webp()
      return decodeWebp(bytes)
    case 'image/gif':
      return firstFrame(bytes)
  }
}

export const encodeJpeg = async (picture: Pixels): Promise<Uint8Array> => {
  await ready.encoder()
  return new Uint8Array(await encode(picture, { quality: QUALITY }))
}
