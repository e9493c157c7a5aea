export const en = {
  title: 'Send a template',
  search: 'Search templates',
  loading: 'Asking the channel for its templates',
  none: 'The channel has no templates yet. They are made and approved at Meta.',
  notFound: 'No template found.',
  preview: 'As the customer will read it',
  place: 'Place {{ number }}',
  back: 'All templates',
  send: 'Send',
  'status.pending': 'waiting for approval',
  'status.rejected': 'rejected',
  'status.paused': 'paused',
  'status.disabled': 'disabled',
  'category.utility': 'utility',
  'category.marketing': 'marketing',
  'category.authentication': 'authentication',
  'refused.business-account-missing':
    'The channel has no WhatsApp business account set, and templates belong to that.',
  'refused.admin': 'Add it in the channel’s settings.',
  'refused.ask': 'Ask an administrator.',
}
export type TemplateWords = Record<keyof typeof en, string>
