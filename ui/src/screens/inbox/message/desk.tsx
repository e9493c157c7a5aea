import { createSignal, Match, Switch } from 'solid-js'
import { api, type Message, type Ticket } from '../../../api/index.ts'
import { clockTime } from '../../../i18n/format.ts'
import { Confirm } from '../../../parts/dialog.tsx'
import { attempt, say } from '../../../parts/toasts.tsx'
import { copied } from './copied.ts'
import type { Deed } from './may.ts'
import { MessageMenu } from './menu.tsx'
import { w } from './words.ts'
import { lazyPart } from '../../../sync/load-part.ts'

const Details = lazyPart(() => import('./details.tsx'))
const Forward = lazyPart(() => import('./forward.tsx'))

/** What is asked of one message, from opening its menu until it is done. Comes with the first menu that somebody opens. */
export default function MessageDesk(props: {
  ticket: Ticket
  message: Message
  /** What the menu stands beside, and what has the keys again afterwards. */
  anchor: HTMLElement
  /** Straight to the details, without a menu. */
  details: boolean
  onReply: () => void
  onEdit: () => void
  onDone: () => void
}) {
  const [open, setOpen] = createSignal<'menu' | 'forward' | 'delete' | 'details'>(
    // eslint-disable-next-line solid/reactivity -- what it begins with
    props.details ? 'details' : 'menu',
  )
  const react = (emoji: string) => {
    const mine = props.message.reactions.find(reaction => reaction.fromMe)
    const wanted = mine?.emoji === emoji ? '' : emoji
    void attempt(() => api.tickets.react(props.ticket.id, props.message.id, wanted))
    props.onDone()
  }
  const copy = () => {
    const body = props.message.body
    void copied(body).then(done => say(done ? w('copy.done') : w('copy.failed'), !done))
    props.onDone()
  }
  const copyLink = async () => {
    const { id } = props.message
    props.onDone()
    await attempt(async () => {
      const { url, expiresAt } = await api.messages.link(id)
      const done = await copied(url)
      say(done ? w('link.done', { until: clockTime(expiresAt) }) : w('copy.failed'), !done)
    })
  }
  const run: Record<Exclude<Deed, 'react'>, () => void> = {
    reply: () => {
      props.onReply()
      props.onDone()
    },
    copy,
    link: () => void copyLink(),
    edit: () => {
      props.onEdit()
      props.onDone()
    },
    forward: () => setOpen('forward'),
    delete: () => setOpen('delete'),
    details: () => setOpen('details'),
  }
  return (
    <Switch>
      <Match when={open() === 'menu'}>
        <MessageMenu
          ticket={props.ticket}
          message={props.message}
          anchor={props.anchor}
          onReact={react}
          onPick={deed => run[deed]()}
          onClose={() => props.onDone()}
        />
      </Match>
      <Match when={open() === 'forward'}>
        <Forward ticket={props.ticket} message={props.message} onClose={() => props.onDone()} />
      </Match>
      <Match when={open() === 'details'}>
        <Details ticket={props.ticket} message={props.message} onClose={() => props.onDone()} />
      </Match>
      <Match when={open() === 'delete'}>
        <Confirm
          open
          danger
          title={w('delete.title')}
          text={w('delete.text')}
          confirm={w('delete')}
          onClose={() => props.onDone()}
          run={() => api.tickets.revoke(props.ticket.id, props.message.id)}
        />
      </Match>
    </Switch>
  )
}
