import { fileTypeFromBuffer } from 'file-type'

/** So much of a file's beginning tells its type. */
export const SNIFFED_BYTES_MAX = 256 * 1024

/**
 * What a file is, by its bytes: what its sender calls it is a hint where the bytes leave a choice (sound or picture in
 * the same container, which kind of text), and otherwise ignored. `dangerous`: it may run where it is opened.
 */
export type Sniffed = { readonly mime: string; readonly verdict: 'fine' | 'dangerous' | 'unknown' }

const RUNS = new Set([
  'application/x-msdownload',
  'application/x-elf',
  'application/x-mach-binary',
  'application/x-shockwave-flash',
  'application/wasm',
  'application/java-vm',
  'application/java-archive',
  'application/vnd.android.package-archive',
  'application/x-google-chrome-extension',
  'application/x-xpinstall',
  'application/x-apple-diskimage',
  'application/x-deb',
  'application/x-rpm',
  'application/x.ms.shortcut',
  'application/x.apple.alias',
  'application/x-ms-regedit',
  'application/vnd.ms-htmlhelp',
  'application/x-asar',
])
/** Text that a double click runs, and pages that run in a browser. */
const RUNNING_NAME =
  /\.(exe|com|scr|pif|bat|cmd|ps1|psm1|vbs?|vbe|jse?|mjs|wsf|wsh|hta|msi|msp|reg|lnk|jar|apk|app|dmg|sh|bash|py|pl|php|x?html?|svgz?|xht|mht(ml)?|url|desktop|scf|cpl|dll|sys)$/i
const RUNNING_TEXT =
  /^\s*(#!|<\?php|<!doctype\s+html|<(html|head|body|script|svg|iframe|object|embed|meta)\b)|<script\b|<svg\b/i

/** The same thing under the name that browsers and channels know. */
const USUAL: Readonly<Record<string, string>> = {
  'image/apng': 'image/png',
  'audio/x-m4a': 'audio/mp4',
  'video/x-m4v': 'video/mp4',
  'application/x-rar-compressed': 'application/vnd.rar',
  'video/vnd.avi': 'video/x-msvideo',
}
const OLD_OFFICE: Readonly<Record<string, string>> = {
  doc: 'application/msword',
  xls: 'application/vnd.ms-excel',
  ppt: 'application/vnd.ms-powerpoint',
  msg: 'application/vnd.ms-outlook',
}
const TEXTS: Readonly<Record<string, string>> = {
  csv: 'text/csv',
  ics: 'text/calendar',
  vcf: 'text/vcard',
  json: 'application/json',
  xml: 'application/xml',
}
/** Containers that hold sound alone as well. */
const SOUND_OR_PICTURE = /^video\/(mp4|webm|3gpp|ogg)$/

const extensionOf = (name: string | null): string =>
  /\.([A-Za-z0-9]{1,8})$/.exec(name ?? '')?.[1]?.toLowerCase() ?? ''

const bare = (mime: string): string => (mime.split(';')[0] ?? '').trim().toLowerCase()

/** Text in UTF-8 without control characters; what is cut off at the end of the sample counts as text. */
const isText = (head: Buffer): boolean => {
  const text = head.toString('utf8')
  const spoilt = text.slice(0, -4).includes('\uFFFD')
  // eslint-disable-next-line no-control-regex
  return !spoilt && !/[\0-\x08\x0e-\x1a\x1c-\x1f]/.test(text)
}

const chosen = (found: string, declared: string, name: string | null): string => {
  const usual = USUAL[found] ?? found
  if (usual === 'application/x-cfb') return OLD_OFFICE[extensionOf(name)] ?? usual
  if (SOUND_OR_PICTURE.test(usual) && declared === usual.replace('video', 'audio')) return declared
  return usual
}

export const sniff = async (
  head: Buffer,
  { declared, name }: { readonly declared: string; readonly name: string | null },
): Promise<Sniffed> => {
  const found = await fileTypeFromBuffer(head).catch(() => undefined)
  if (found && RUNS.has(found.mime)) return { mime: found.mime, verdict: 'dangerous' }
  const named: Sniffed['verdict'] = RUNNING_NAME.test(name ?? '') ? 'dangerous' : 'fine'
  const asText = found === undefined || found.mime === 'application/xml'
  if (!asText) return { mime: chosen(found.mime, bare(declared), name), verdict: named }
  if (!isText(head))
    return { mime: 'application/octet-stream', verdict: named === 'fine' ? 'unknown' : named }
  const runs = RUNNING_TEXT.test(head.toString('utf8'))
  const mime = TEXTS[extensionOf(name)] ?? (found ? 'application/xml' : 'text/plain')
  return { mime: runs ? 'text/plain' : mime, verdict: runs ? 'dangerous' : named }
}
