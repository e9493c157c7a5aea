import type { CompanyWords } from './en.ts'

export const es: CompanyWords = {
  text: 'Lo que vale para todos en tu empresa.',
  files: 'Archivos',
  inbound: 'Archivo más grande de un cliente',
  outbound: 'Archivo más grande para un cliente',
  hint: 'En MB. En blanco: {{ max }}, el máximo de este servidor. Un canal puede aceptar menos.',
  range: 'De {{ min }} a {{ max }}.',
  tell: 'Avisar al cliente cuando su archivo sea demasiado grande',
  tellHint: 'Una vez por archivo, en el idioma de tu empresa. A los grupos no se les avisa.',
  links: 'Enviar como enlace un archivo demasiado grande para el canal',
  linksHint: 'El enlace vale siete días, o hasta que se elimine el mensaje. Sin esto, el archivo se rechaza.',
  saved: 'Guardado.',
}
