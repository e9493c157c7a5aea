import { isId } from '../shared/ids.ts'

const SHA256 = /^[0-9a-f]{64}$/
const MIME = /^[\w.+-]{1,100}\/[\w.+-]{1,100}(;[\x20-\x7e]{0,100})?$/

/** A key has one form only, so that none can lead anywhere else. */
export const partsOf = (key: string): { companyId: string; sha256: string } | null => {
  const [companyId = '', sha256 = '', ...rest] = key.split('/')
  return rest.length === 0 && isId(companyId) && SHA256.test(sha256) ? { companyId, sha256 } : null
}

/** Whether files may be kept under this type. */
export const isMime = (text: string): boolean => MIME.test(text)

/** @throws Error when a file could not be put for this company or with this type. */
export const checkPut = (companyId: string, mime: string): void => {
  if (!isId(companyId)) throw new Error('media: not a company id')
  if (!isMime(mime)) throw new Error(`media: not a media type: ${JSON.stringify(mime)}`)
}
