import type { UserWords } from './en.ts'

export const es: UserWords = {
  title: 'Qué pasó con {{ name }}',
  by: 'por {{ who }}',
  server: 'el servidor',
  older: 'Más antiguos',
  'user.created': 'Cuenta creada',
  'user.changed': 'Cuenta modificada',
  'user.passwordChanged': 'Contraseña cambiada',
  'user.deactivated': 'Desactivada',
  'user.reactivated': 'Activada de nuevo',
  'user.uploadRefused': 'Subida rechazada: malware en {{ file }} ({{ found }})',
  nameless: 'un archivo sin nombre',
}
