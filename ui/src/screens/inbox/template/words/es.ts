import type { TemplateWords } from './en.ts'

export const es: TemplateWords = {
  title: 'Enviar una plantilla',
  search: 'Buscar plantillas',
  loading: 'Preguntando al canal por sus plantillas',
  none: 'El canal aún no tiene plantillas. Se crean y aprueban en Meta.',
  notFound: 'No se encontró ninguna plantilla.',
  preview: 'Como lo leerá el cliente',
  place: 'Campo {{ number }}',
  back: 'Todas las plantillas',
  send: 'Enviar',
  'status.pending': 'esperando aprobación',
  'status.rejected': 'rechazada',
  'status.paused': 'pausada',
  'status.disabled': 'desactivada',
  'category.utility': 'utilidad',
  'category.marketing': 'marketing',
  'category.authentication': 'autenticación',
  'refused.business-account-missing':
    'El canal no tiene una cuenta de WhatsApp Business definida, y las plantillas son de ella.',
  'refused.admin': 'Indícala en la configuración del canal.',
  'refused.ask': 'Pídeselo a un administrador.',
}
