import { createSignal } from 'solid-js'

/** The same width as the style sheet's `md`: below it one pane is shown at a time. */
const query = matchMedia('(max-width: 767px)')
const [narrow, setNarrow] = createSignal(query.matches)
query.addEventListener('change', event => setNarrow(event.matches))
export { narrow }
