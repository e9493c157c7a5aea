import { z } from 'zod'
import { companyKind, type CompanySettings } from '../../actors/company/chart.ts'
import { MEDIA_BYTES_MAX_LEAST, MEDIA_MIB_MAX_MOST } from '../../shared/media-limits.ts'
import { answerOf, type Act } from '../act.ts'
import { ADMINS, command } from '../command.ts'
import { refused, type Refusal } from '../define.ts'

/** Settings may be this old where other processes change them. */
const SETTINGS_FRESH_MS = 2_000

const bytesMax = z
  .int()
  .min(MEDIA_BYTES_MAX_LEAST)
  .max(MEDIA_MIB_MAX_MOST * 1024 * 1024)
  .nullable()
  .optional()

/** What a company may choose; absent: as it is, `null`: as the installation has it. */
export const settingsFields = {
  inboundMediaBytesMax: bytesMax,
  outboundMediaBytesMax: bytesMax,
  tellTooLarge: z.boolean().optional(),
  largeFilesAsLinks: z.boolean().optional(),
}
type Change = z.output<z.ZodObject<typeof settingsFields>>

/** Pure: of what is asked, that which is not so already. */
const changesOf = (known: CompanySettings, asked: Change): Change =>
  Object.fromEntries(
    Object.entries(asked).filter(
      ([name, value]) => value !== undefined && value !== known[name as keyof CompanySettings],
    ),
  )

export const changeSettings = command({
  name: 'company.changeSettings',
  summary: 'Change the settings of the company',
  roles: ADMINS,
  input: z.strictObject(settingsFields),
  run: async (act, asked) => {
    const { companyId } = act.principal
    const { mediaBytesMax: max } = act.tools
    const over = (['inboundMediaBytesMax', 'outboundMediaBytesMax'] as const).find(
      name => (asked[name] ?? 0) > max,
    )
    if (over) return refused('invalid', `${over}: this installation takes ${max} bytes at most.`)
    const outcome = await act.transact(companyKind, companyId, company => {
      if (!company.matches('existing')) return refused('not-found', 'There is no such company.')
      const data = changesOf(company.context.settings, asked)
      return Object.keys(data).length > 0 ? [{ type: 'company.settingsChanged', data }] : []
    })
    return answerOf(companyId, outcome)
  },
})

/** What holds for the asker's company: bytes of one file, in and out, and what else it chose. */
export const settingsOf = async (
  act: Pick<Act, 'state' | 'principal'> & { readonly tools: Pick<Act['tools'], 'mediaBytesMax'> },
) => {
  const { mediaBytesMax: max } = act.tools
  const { state } = await act.state(companyKind, act.principal.companyId, SETTINGS_FRESH_MS)
  const { settings, locale } = state.context
  return {
    locale,
    tellTooLarge: settings.tellTooLarge,
    largeFilesAsLinks: settings.largeFilesAsLinks,
    // What was chosen under a larger limit of the installation counts for no more than it has now.
    inboundMediaBytesMax: Math.min(settings.inboundMediaBytesMax ?? max, max),
    outboundMediaBytesMax: Math.min(settings.outboundMediaBytesMax ?? max, max),
  }
}

/** Why the company sends no file of this size: said of what was uploaded before the limit, or is forwarded. */
export const overCompanyLimit = async (act: Act, size: number): Promise<Refusal | null> => {
  const { outboundMediaBytesMax: max } = await settingsOf(act)
  return size > max ? refused('too-large', `A file may have ${max} bytes.`, { max }) : null
}
