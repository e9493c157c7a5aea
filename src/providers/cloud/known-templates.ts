import type { OutboundContent, SendResult } from '../provider.ts'
import { refusal } from '../refusal.ts'
import type { PlaceNames } from './message-body.ts'
import { templateMisfit } from './template-misfit.ts'
import type { CloudTemplate } from './templates.ts'

const NOTHING: PlaceNames = { body: null, header: undefined }

/**
 * What Meta has under a template's name: whether what is to be sent fits it, and the names of its places where they have
 * names instead of numbers. Asked of Meta once, and again before anything is refused by what was known; where it cannot be
 * asked, numbers are taken, and Meta itself refuses what does not fit.
 */
export const createKnownTemplates = (templates: () => Promise<readonly CloudTemplate[]>) => {
  let known: readonly CloudTemplate[] | null = null
  return async (content: OutboundContent): Promise<PlaceNames | SendResult> => {
    if (content.kind !== 'template') return NOTHING
    const find = () => known?.find(t => t.name === content.name && t.language === content.language)
    const wrong = () => {
      const found = find()
      return found ? templateMisfit(found, content) : null
    }
    const before = known
    if (!find() || wrong()) known = await templates().catch(() => known)
    const misfit = known === before ? null : wrong()
    if (misfit) return refusal(misfit.code, misfit.reason)
    const found = find()
    return found ? { body: found.placeNames, header: found.headerPlace } : NOTHING
  }
}
