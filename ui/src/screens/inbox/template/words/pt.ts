import type { TemplateWords } from './en.ts'

export const pt: TemplateWords = {
  title: 'Enviar um modelo',
  search: 'Buscar modelos',
  loading: 'Perguntando ao canal pelos modelos',
  none: 'O canal ainda não tem modelos. Eles são criados e aprovados na Meta.',
  notFound: 'Nenhum modelo encontrado.',
  preview: 'Como o cliente vai ler',
  place: 'Campo {{ number }}',
  back: 'Todos os modelos',
  send: 'Enviar',
  'status.pending': 'aguardando aprovação',
  'status.rejected': 'rejeitado',
  'status.paused': 'pausado',
  'status.disabled': 'desativado',
  'category.utility': 'utilidade',
  'category.marketing': 'marketing',
  'category.authentication': 'autenticação',
  'refused.business-account-missing':
    'O canal não tem uma conta do WhatsApp Business definida, e os modelos são dela.',
  'refused.admin': 'Informe-a nas configurações do canal.',
  'refused.ask': 'Peça a um administrador.',
}
