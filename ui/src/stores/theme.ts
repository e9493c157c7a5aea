import { createEffect, createRoot, createSignal } from 'solid-js'
import { createStored } from './stored.ts'

export type ThemeChoice = 'light' | 'dark' | 'system'
export const [themeChoice, setThemeChoice] = createStored<ThemeChoice>('theme', 'system')

const preference = matchMedia('(prefers-color-scheme: dark)')
const [systemDark, setSystemDark] = createSignal(preference.matches)
preference.addEventListener('change', event => setSystemDark(event.matches))

export const dark = () => themeChoice() === 'dark' || (themeChoice() === 'system' && systemDark())

createRoot(() => createEffect(() => (document.documentElement.dataset['theme'] = dark() ? 'dark' : 'light')))
