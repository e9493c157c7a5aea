import { createEffect, createSignal, on, onCleanup, Show } from 'solid-js'
import { loadPart } from '../../sync/load-part.ts'
import { w } from './words.ts'

type Drawn = { readonly text: string; readonly size: number; readonly path: string }

/** The path of all dark modules. Dark on white in both themes: a phone reads no other. */
const draw = async (text: string): Promise<Drawn> => {
  const { encode } = await loadPart(() => import('uqr'))
  const { data, size } = encode(text, { ecc: 'L', border: 2 })
  const path = data.flatMap((row, y) => row.flatMap((dark, x) => (dark ? [`M${x} ${y}h1v1h-1z`] : [])))
  return { text, size, path: path.join('') }
}

/** A code to scan; its room is there before it is. */
export function QrCode(props: { text: string }) {
  const [drawn, setDrawn] = createSignal<Drawn>()
  const [failed, setFailed] = createSignal(false)
  // No resource: it would suspend the page behind the dialog until the drawing is there.
  createEffect(
    on(
      () => props.text,
      text => {
        let wanted = true
        onCleanup(() => (wanted = false))
        void draw(text).then(
          code => wanted && setDrawn(code),
          () => wanted && setFailed(true),
        )
      },
    ),
  )
  return (
    <Show when={!failed()} fallback={<p class="p-4">{w('scan.failed')}</p>}>
      <Show when={drawn()}>
        {code => (
          <svg
            role="img"
            aria-label={w('scan.qr')}
            data-testid="qr"
            data-qr={code().text}
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
