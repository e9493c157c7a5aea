import { createSignal, For, Show } from 'solid-js'
import type { CompanyChoice } from '../api/auth.ts'
import { ApiProblem, codeOf } from '../api/problem.ts'
import { explain } from '../i18n/explain.ts'
import { t } from '../i18n/index.ts'
import { Button } from '../parts/button.tsx'
import { Field } from '../parts/field.tsx'
import { Icon } from '../parts/icons.tsx'
import { Preferences } from '../parts/preferences.tsx'
import { signIn } from '../stores/auth.ts'

/** One person may work for several companies: the answer then lists them instead of a login. */
const choicesIn = (error: unknown): CompanyChoice[] | null => {
  if (codeOf(error) !== 'company-choice' || !(error instanceof ApiProblem)) return null
  const given = error.problem['choices']
  return Array.isArray(given) ? (given as CompanyChoice[]) : null
}

export default function Login() {
  const [email, setEmail] = createSignal('')
  const [password, setPassword] = createSignal('')
  const [busy, setBusy] = createSignal(false)
  const [error, setError] = createSignal<unknown>()
  const [choices, setChoices] = createSignal<CompanyChoice[]>()

  const enter = async (companyId?: string) => {
    setBusy(true)
    setError(undefined)
    try {
      await signIn({ email: email().trim(), password: password(), ...(companyId ? { companyId } : {}) })
    } catch (failure) {
      const companies = choicesIn(failure)
      if (companies) setChoices(companies)
      else setError(failure)
    } finally {
      setBusy(false)
    }
  }
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    void enter()
  }

  return (
    <main class="h-full overflow-y-auto p-4">
      {/* Held from above: what appears below (a refusal, the companies) moves nothing over it. */}
      <div class="mx-auto mt-[max(1rem,calc(45dvh-15rem))] grid w-full max-w-sm gap-5">
        <div class="grid justify-items-center gap-2 text-center">
          <img src="/favicon.svg" alt="" width="48" height="48" class="rounded-xl" />
          <h1 class="text-xl font-semibold">{t('login.title')}</h1>
          <p class="text-faint">{t('login.text')}</p>
        </div>
        <Show
          when={choices()}
          fallback={
            <form class="grid gap-4 rounded-2xl border border-line bg-surface p-5" onSubmit={submit}>
              <Field
                label={t('login.email')}
                type="email"
                autocomplete="username"
                required
                autofocus
                data-testid="login-email"
                value={email()}
                onInput={e => setEmail(e.currentTarget.value)}
              />
              <Field
                label={t('login.password')}
                type="password"
                autocomplete="current-password"
                required
                data-testid="login-password"
                value={password()}
                onInput={e => setPassword(e.currentTarget.value)}
              />
              <Show when={error()}>
                <p
                  role="alert"
                  data-testid="login-error"
                  class="rounded-lg bg-danger-bg px-3 py-2 text-danger"
                >
                  {explain(error())}
                </p>
              </Show>
              <Button type="submit" look="primary" busy={busy()} data-testid="login-submit">
                {t('login.submit')}
              </Button>
            </form>
          }
        >
          {companies => (
            <div class="grid gap-2 rounded-2xl border border-line bg-surface p-5">
              <h2 class="mb-1 font-medium">{t('login.company')}</h2>
              <For each={companies()}>
                {company => (
                  <button
                    type="button"
                    disabled={busy()}
                    class="flex items-center justify-between rounded-lg border border-line px-3 py-2.5 text-left hover:bg-hover"
                    onClick={() => void enter(company.companyId)}
                  >
                    {company.name ?? company.companyId} <Icon name="next" size={16} />
                  </button>
                )}
              </For>
              <Show when={error()}>
                <p role="alert" class="rounded-lg bg-danger-bg px-3 py-2 text-danger">
                  {explain(error())}
                </p>
              </Show>
              <Button look="ghost" icon="back" onClick={() => setChoices(undefined)}>
                {t('back')}
              </Button>
            </div>
          )}
        </Show>
        <Preferences />
      </div>
    </main>
  )
}
