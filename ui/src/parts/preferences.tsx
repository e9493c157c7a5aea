import { LOCALES, locale, localeNames, setLocale, t } from '../i18n/index.ts'
import { setThemeChoice, themeChoice, type ThemeChoice } from '../stores/theme.ts'
import { Icon, type IconName } from './icons.tsx'
import { Menu, type MenuItem } from './menu.tsx'

const themes: readonly { value: ThemeChoice; icon: IconName }[] = [
  { value: 'light', icon: 'sun' },
  { value: 'dark', icon: 'moon' },
  { value: 'system', icon: 'settings' },
]

export const themeItems = (): MenuItem[] =>
  themes.map(({ value, icon }) => ({
    label: t(`theme.${value}`),
    icon,
    checked: themeChoice() === value,
    run: () => setThemeChoice(value),
  }))

export const localeItems = (): MenuItem[] =>
  LOCALES.map(value => ({
    label: localeNames[value],
    checked: locale() === value,
    run: () => void setLocale(value),
  }))

/** Language and theme for who has not logged in yet. */
export function Preferences() {
  return (
    <div class="flex items-center justify-center gap-1 text-faint">
      <Menu
        label={t('language')}
        items={localeItems()}
        trigger={<Icon name="globe" />}
        testid="language-menu"
      />
      <Menu label={t('theme')} items={themeItems()} trigger={<Icon name="moon" />} testid="theme-menu" />
    </div>
  )
}
