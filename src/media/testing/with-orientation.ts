/** An EXIF segment that says nothing but how the camera was held. */
export const withOrientation = (jpeg: Buffer, orientation: number, little = false): Buffer => {
  const tiff = Buffer.alloc(26)
  const put = (value: number, at: number) =>
    little ? tiff.writeUInt16LE(value, at) : tiff.writeUInt16BE(value, at)
  tiff.write(little ? 'II' : 'MM', 0, 'latin1')
  put(42, 2)
  if (little) tiff.writeUInt32LE(8, 4)
  else tiff.writeUInt32BE(8, 4)
  put(1, 8)
  put(0x0112, 10)
  put(3, 12)
  put(orientation, 18)
  const segment = Buffer.concat([
    Buffer.from([0xff, 0xe1, 0, 2 + 6 + tiff.length]),
    Buffer.from('Exif\0\0'),
    tiff,
  ])
  return Buffer.concat([jpeg.subarray(0, 2), segment, jpeg.subarray(2)])
}
