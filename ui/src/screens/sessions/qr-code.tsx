import { createResource, Show } from 'solid-js'
import { w } from './words.ts'

/** The path of all dark modules. Dark on white in both themes: a phone reads no other. */
const draw = async (text: string): Promise<{ size: number; path: string }> => {
  const { encode } = await import('uqr')
  const { data, size } = encode(text, { ecc: 'L', border: 2 })
  const path = data.flatMap((row, y) => row.flatMap((dark, x) => (dark ? [`M${x} ${y}h1v1h-1z`] : [])))
  return { size, path: path.join('') }
}

/** A code to scan; its room is there before it is. */
export function QrCode(props: { text: string }) {
  const [drawn] = createResource(() => props.text, draw)
  return (
    <Show when={drawn.error === undefined} fallback={<p class="p-4">{w('scan.failed')}</p>}>
      <Show when={drawn.latest}>
        {code => (
          <svg
            role="img"
            aria-label={w('scan.qr')}
            data-testid="qr"
            data-qr={props.text}
            viewBox={`0 0 ${code().size} ${code().size}`}
            shape-rendering="crispEdges"
            class="size-full"
          >
            <rect width={code().size} height={code().size} fill="#fff" />
            <path d={code().path} fill="#000" />
          </svg>
        )}
      </Show>
    </Show>
  )
}
