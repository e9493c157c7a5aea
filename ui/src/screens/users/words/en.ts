/** What happened to somebody's account. */
export const en = {
  title: 'What happened to {{ name }}',
  by: 'by {{ who }}',
  server: 'the server',
  older: 'Older',
  'user.created': 'Account made',
  'user.changed': 'Account changed',
  'user.passwordChanged': 'Password changed',
  'user.deactivated': 'Deactivated',
  'user.reactivated': 'Activated again',
  'user.uploadRefused': 'Upload refused: malware in {{ file }} ({{ found }})',
  nameless: 'a file without a name',
}
export type UserWords = Record<keyof typeof en, string>
