import { createEffect, createRoot, createSignal } from 'solid-js'
import { createStored } from './stored.ts'

export type ThemeChoice = 'light' | 'dark' | 'system'
export const [themeChoice, setThemeChoice] = createStored<ThemeChoice>('theme', 'system')

const preference = matchMedia('(prefers-color-scheme: dark)')
const [systemDark, setSystemDark] = createSignal(preference.matches)
preference.addEventListener('change', event => setSystemDark(event.matches))

export const dark = () => themeChoice() === 'dark' || (themeChoice() === 'system' && systemDark())

/** The browser's own bar takes the colour of the rail: `--surface` of the style sheet. */
const BAR = { dark: '#14181b', light: '#ffffff' } as const

createRoot(() =>
  createEffect(() => {
    const theme = dark() ? 'dark' : 'light'
    document.documentElement.dataset['theme'] = theme
    document.querySelector('meta[name="theme-color"]')?.setAttribute('content', BAR[theme])
  }),
)
