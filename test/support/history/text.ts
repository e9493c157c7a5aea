import type { Chance } from './chance.ts'

/** What people of this story are called and what they write: enough words that a search has something to tell apart. */

const FIRST =
  'Ana Antônio Beatriz Bruno Camila Carlos Conceição Cláudia Daniel Débora Eduardo Elisângela Fábio Fernanda Flávia Gabriel Helena Heloísa Igor Inês Isabela João Joaquim José Júlia Karina Larissa Leonardo Letícia Luís Luciana Márcio Marcos Maria Mariana Mateus Natália Otávio Patrícia Paulo Rafael Raquel Renata Ricardo Rita Roberto Sandra Sérgio Sílvia Tatiane Tiago Valéria Vânia Vinícius Vitória Zélia'.split(
    ' ',
  )
const LAST =
  'Almeida Alves Andrade Araújo Barbosa Barros Batista Borges Brandão Campos Cardoso Carvalho Castro Cavalcanti Coelho Correia Costa Cunha Dias Duarte Farias Fernandes Ferreira Freitas Gomes Gonçalves Guimarães Lima Lopes Machado Magalhães Martins Melo Mendes Monteiro Moraes Moreira Nascimento Nogueira Nunes Oliveira Pacheco Pereira Pinto Queiroz Ramos Rezende Ribeiro Rocha Rodrigues Sá Santos Silva Siqueira Soares Souza Teixeira Vieira'.split(
    ' ',
  )
/** The common words first: how often one is taken falls with its place. */
const WORDS =
  'de que o a e não para com um por mais bom dia obrigado obrigada pedido entrega prazo hoje amanhã boleto pagamento nota fiscal endereço cartão parcela desconto produto tamanho cor estoque troca devolução garantia técnico visita horário agenda consulta exame retorno receita contrato plano internet velocidade instalação senha acesso aplicativo erro tela código rastreio transportadora correio frete orçamento proposta reunião documento assinatura vencimento atraso juros segunda via cadastro atualização telefone email loja unidade gerente atendente dúvida reclamação elogio sugestão cancelamento reembolso crédito débito pix transferência comprovante recibo caixa embalagem defeito peça montagem manual voltagem bateria carregador cabo película capa geladeira fogão micro-ondas televisão sofá colchão tinta parafuso furadeira martelo bicicleta capacete mochila tênis camiseta vestido jaqueta óculos relógio perfume shampoo vitamina vacina pediatra dentista ortopedia fisioterapia ultrassom tomografia jejum convênio autorização internação ambulância matrícula boletim mensalidade uniforme apostila professora diretoria coordenação excursão formatura vestibular jacarandá pitangueira jabuticabeira ornitorrinco'.split(
    ' ',
  )

const word = (chance: Chance): string => WORDS[Math.floor(WORDS.length * chance.next() ** 2.2)] ?? 'oi'

export const personName = (chance: Chance): string =>
  `${chance.oneOf(FIRST)} ${chance.oneOf(LAST)} ${chance.oneOf(LAST)}`

/** A Brazilian mobile number, digits only. */
export const phoneNumber = (n: number): string => `55${11 + (n % 80)}9${String(10_000_000 + n * 7).slice(-8)}`

/** Two to some forty words; one in ten names an order number of six digits. */
export const sentence = (chance: Chance): string => {
  const words: string[] = []
  const count = 2 + Math.floor(chance.next() ** 2 * 38)
  for (let i = 0; i < count; i++) words.push(word(chance))
  if (chance.is(0.1)) words.push(String(100_000 + chance.below(900_000)))
  const text = words.join(' ')
  return text[0]!.toUpperCase() + text.slice(1)
}
