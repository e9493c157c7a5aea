import type { Command } from './command.ts'
import { listAuditHeads, signAuditRoot } from './audit.ts'
import { changeQueue, createCompany, createQueue, removeQueue } from './company/queues.ts'
import { changeSettings } from './company/settings.ts'
import { refuseUpload } from './company/refuse-upload.ts'
import { changeUser, createUser, deactivateUser, reactivateUser } from './company/users.ts'
import { blockContact, changeContact, createContact, unblockContact } from './contact/contacts.ts'
import { completeErasure, eraseContact, forgetContact } from './contact/erase.ts'
import { continueMerge, continueUnmerge, mergeContact, unmergeContact } from './contact/merge.ts'
import { identifyContact } from './contact/identify.ts'
import { noteProfile } from './contact/profile.ts'
import { repairConversation } from './conversation/repair.ts'
import { dropDeadLetter, eraseDeadLetter, recordDeadLetter, retryDeadLetter } from './dead-letter.ts'
import { editMessage, reactToMessage, revokeMessage } from './message/act-on.ts'
import { recordStatus } from './message/delivery.ts'
import { forwardMessage } from './message/forward.ts'
import { recordWatermark } from './message/watermark.ts'
import { receiveMessage } from './message/receive.ts'
import { retryMessage } from './message/retry.ts'
import { sendMessage } from './message/send.ts'
import { recordMedia } from './message/media.ts'
import { recordOutcome, startSending } from './message/sending.ts'
import { beginChat } from './session/begin-chat.ts'
import { ownSession, recordGap, recordLink } from './session/link-facts.ts'
import { requestPairingCode } from './session/request-pairing-code.ts'
import { retryNow } from './session/retry-now.ts'
import {
  changeSession,
  createSession,
  logOutSession,
  removeSession,
  restartSession,
  startSession,
  stopSession,
} from './session/sessions.ts'
import { acceptTicket } from './ticket/accept.ts'
import { closeTicket } from './ticket/close.ts'
import { openTicket } from './ticket/open.ts'
import { readTicket } from './ticket/read.ts'
import { reopenTicket } from './ticket/reopen.ts'
import { returnTicket } from './ticket/return.ts'
import { snoozeTicket } from './ticket/snooze.ts'
import { takeOverTicket } from './ticket/take-over.ts'
import { wakeByTimer, wakeTicket } from './ticket/wake.ts'

/** Everything that may be asked, by name. */
export const commands = [
  createCompany,
  changeSettings,
  createUser,
  changeUser,
  deactivateUser,
  reactivateUser,
  refuseUpload,
  createQueue,
  changeQueue,
  removeQueue,
  createSession,
  changeSession,
  startSession,
  stopSession,
  restartSession,
  logOutSession,
  removeSession,
  requestPairingCode,
  retryNow,
  ownSession,
  recordLink,
  recordGap,
  beginChat,
  createContact,
  changeContact,
  blockContact,
  unblockContact,
  identifyContact,
  noteProfile,
  mergeContact,
  continueMerge,
  unmergeContact,
  continueUnmerge,
  eraseContact,
  forgetContact,
  completeErasure,
  openTicket,
  acceptTicket,
  returnTicket,
  takeOverTicket,
  readTicket,
  closeTicket,
  reopenTicket,
  snoozeTicket,
  wakeTicket,
  wakeByTimer,
  receiveMessage,
  recordStatus,
  recordWatermark,
  sendMessage,
  forwardMessage,
  reactToMessage,
  editMessage,
  revokeMessage,
  retryMessage,
  startSending,
  recordOutcome,
  recordMedia,
  recordDeadLetter,
  retryDeadLetter,
  dropDeadLetter,
  eraseDeadLetter,
  repairConversation,
  listAuditHeads,
  signAuditRoot,
] as unknown as readonly Command[]

export const registry: ReadonlyMap<string, Command> = new Map(
  commands.map(command => [command.name, command]),
)
