import type { OutboundContent } from '../provider.ts'
import type { PlaceNames } from './message-body.ts'
import type { CloudTemplate } from './templates.ts'

/**
 * The names of a template's places, for those that have names instead of numbers. Asked of Meta once; where that cannot
 * be, numbers are taken, and Meta refuses what does not fit.
 */
export const createPlaceNames = (templates: () => Promise<readonly CloudTemplate[]>) => {
  let known: readonly CloudTemplate[] | null = null
  return async (content: OutboundContent): Promise<PlaceNames> => {
    if (content.kind !== 'template' || content.parameters.length === 0) return null
    const find = () => known?.find(t => t.name === content.name && t.language === content.language)
    if (!find()) known = await templates().catch(() => known)
    return find()?.placeNames ?? null
  }
}
