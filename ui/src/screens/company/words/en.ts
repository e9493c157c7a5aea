/** What a company chooses for itself. */
export const en = {
  text: 'What holds for everybody in your company.',
  files: 'Files',
  inbound: 'Largest file from a customer',
  outbound: 'Largest file to a customer',
  hint: 'In MB. Left empty: {{ max }}, the most this server takes. A channel may take less.',
  range: 'From {{ min }} to {{ max }}.',
  tell: 'Tell customers when their file was too large',
  tellHint: 'Once for each file, in your company’s language. Groups are not told.',
  links: 'Send a file that is too large for a channel as a link',
  linksHint: 'The link ends after seven days, or when the message is deleted. Otherwise the file is refused.',
  saved: 'Saved.',
}
export type CompanyWords = typeof en
