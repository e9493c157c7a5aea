import type { CompanyWords } from './en.ts'

export const pt: CompanyWords = {
  text: 'O que vale para todos na sua empresa.',
  files: 'Arquivos',
  inbound: 'Maior arquivo de um cliente',
  outbound: 'Maior arquivo para um cliente',
  hint: 'Em MB. Em branco: {{ max }}, o máximo deste servidor. Um canal pode aceitar menos.',
  range: 'De {{ min }} a {{ max }}.',
  tell: 'Avisar o cliente quando o arquivo dele for grande demais',
  tellHint: 'Uma vez por arquivo, no idioma da sua empresa. Grupos não são avisados.',
  links: 'Enviar como link um arquivo grande demais para o canal',
  linksHint: 'O link vale por sete dias, ou até a mensagem ser apagada. Sem isso, o arquivo é recusado.',
  saved: 'Salvo.',
}
