import type { UserWords } from './en.ts'

export const pt: UserWords = {
  title: 'O que aconteceu com {{ name }}',
  by: 'por {{ who }}',
  server: 'o servidor',
  older: 'Mais antigos',
  'user.created': 'Conta criada',
  'user.changed': 'Conta alterada',
  'user.passwordChanged': 'Senha alterada',
  'user.deactivated': 'Desativada',
  'user.reactivated': 'Ativada de novo',
  'user.uploadRefused': 'Envio recusado: malware em {{ file }} ({{ found }})',
  nameless: 'um arquivo sem nome',
}
