import { render } from 'solid-js/web'
import { App } from './app.tsx'
import { loadWords } from './i18n/index.ts'
import { resumeLogin } from './stores/auth.ts'
import './stores/theme.ts'
import './styles/app.css'

const root = document.getElementById('root')

if (!root) throw new Error('index.html has no #root')

// Both travel at the same time; the first paint already speaks the user's language.
void resumeLogin()
await loadWords()
root.replaceChildren()
render(() => <App />, root)
