/** The IMAP commands on folders and messages (RFC 3501 with UIDPLUS, MOVE and IDLE), in Exchange's words. */
import type { ImapContext, ImapHandlers } from '../imap.ts'
import { type Argument, nstring, parseArguments, parseSet } from './arguments.ts'
import { expandMacro, fetchItem, setsSeen } from './fetch.ts'
import {
  append,
  createFolder,
  deleteFolder,
  type Folder,
  findFolder,
  type Mailbox,
  type Message,
  remove,
} from './folders.ts'
import { parseCriteria } from './search.ts'

/** A selected folder. `messages` holds those that the client knows, in the order of sequence numbers. */
export type Selection = { folder: Folder; readOnly: boolean; messages: Message[] }

type Entry = { message: Message; number: number }
type Call = ImapContext & { mailbox: Mailbox; list: Argument[]; byUid: boolean }
type SelectedCall = Call & { selection: Selection }

const UID_VALIDITY = 14
const BAD_ARGUMENTS = 'BAD Command Argument Error. 11'
const NO_FOLDER = 'NO The specified folder could not be found.'
const SYSTEM_FLAGS = ['\\Seen', '\\Answered', '\\Flagged', '\\Deleted', '\\Draft', '$MDNSent']

const textAt = (list: readonly Argument[], index: number): string => {
  const argument = list[index]
  return typeof argument === 'string' ? argument : ''
}
const namesIn = (argument: Argument | undefined): string[] =>
  [argument ?? []].flat().filter((each) => typeof each === 'string')

/** Sends an untagged answer that may hold literals. */
const sendBinary = ({ connection }: ImapContext, text: string) =>
  connection.sendRaw(Buffer.from(`* ${text}\r\n`, 'latin1'))

/** Tells the client what has been removed and added since it last heard of the folder. */
function announceChanges({ untagged }: ImapContext, { folder, messages }: Selection): void {
  const present = new Set(folder.messages)
  for (let index = messages.length - 1; index >= 0; index -= 1) {
    const message = messages[index]
    if (message && present.has(message)) continue
    messages.splice(index, 1)
    untagged(`${index + 1} EXPUNGE`)
  }
  if (folder.messages.length === messages.length) return
  messages.push(...folder.messages.slice(messages.length))
  untagged(`${messages.length} EXISTS`)
}

/** Returns the messages of a sequence set or UID set, or null if it is malformed. */
function entriesIn({ selection, list, byUid }: SelectedCall): Entry[] | null {
  const { messages } = selection
  const highest = byUid ? (messages.at(-1)?.uid ?? 0) : messages.length
  const includes = parseSet(textAt(list, 0), highest)
  if (!includes) return null
  return messages
    .map((message, index) => ({ message, number: index + 1 }))
    .filter(({ message, number }) => includes(byUid ? message.uid : number))
}

/** Wraps a handler that requires valid arguments. */
const withList =
  (handler: (call: Call) => void | Promise<void>) =>
  (context: ImapContext, byUid = false) => {
    const list = parseArguments(context.args)
    if (!list) return context.reply(BAD_ARGUMENTS)
    const mailbox = context.world.exchange.mailboxOf(context.session.user ?? '')
    return handler({ ...context, mailbox, list, byUid })
  }

const selected =
  (handler: (call: SelectedCall) => void | Promise<void>) =>
  (call: Call): void | Promise<void> => {
    const { selection } = call.session
    if (!selection) return call.reply('BAD Command received in Invalid state.')
    return handler({ ...call, selection })
  }

const writable = (handler: (call: SelectedCall) => void) =>
  selected((call) =>
    call.selection.readOnly ? call.reply('NO The folder is read-only.') : handler(call),
  )

/** Passes the messages of the first argument. */
const onMessages =
  (handler: (call: SelectedCall, entries: readonly Entry[]) => void) =>
  (call: SelectedCall): void => {
    const entries = entriesIn(call)
    if (entries) handler(call, entries)
    else call.reply('BAD The specified message set is invalid.')
  }

const completed = ({ command, reply }: Call, code = '') => reply(`OK ${code}${command} completed.`)

function open(call: Call) {
  const { mailbox, list, session, untagged, reply, command } = call
  session.selection = null
  const folder = findFolder(mailbox, textAt(list, 0))
  if (!folder) return reply(NO_FOLDER)
  const readOnly = command === 'EXAMINE'
  const messages = [...folder.messages]
  session.selection = { folder, readOnly, messages }
  const unseen = messages.findIndex(({ flags }) => !flags.has('\\Seen'))
  const flags = SYSTEM_FLAGS.join(' ')
  untagged(`${messages.length} EXISTS`)
  untagged('0 RECENT')
  untagged(`FLAGS (${flags})`)
  untagged(`OK [PERMANENTFLAGS (${readOnly ? '' : flags})] Permanent flags`)
  if (unseen >= 0) untagged(`OK [UNSEEN ${unseen + 1}] Is the first unseen message`)
  untagged(`OK [UIDVALIDITY ${UID_VALIDITY}] UIDVALIDITY value`)
  untagged(`OK [UIDNEXT ${folder.uidNext}] The next unique identifier value`)
  reply(`OK [${readOnly ? 'READ-ONLY' : 'READ-WRITE'}] ${command} completed.`)
}

function listFolders(call: Call): void {
  const { mailbox, list, untagged, command } = call
  const pattern = textAt(list, 0) + textAt(list, 1)
  if (textAt(list, 1) === '') untagged(`${command} (\\Noselect) "/" ""`)
  const matches = new RegExp(
    `^${pattern
      .replace(/[.+?^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('%', '[^/]*')}$`,
    'i',
  )
  for (const { name, attributes } of mailbox.folders) {
    if (!matches.test(name)) continue
    untagged(`${command} (${attributes}) "/" ${/^\w+$/.test(name) ? name : nstring(name)}`)
  }
  completed(call)
}

function status(call: Call) {
  const { mailbox, list, untagged, reply } = call
  const folder = findFolder(mailbox, textAt(list, 0))
  if (!folder) return reply(NO_FOLDER)
  const values: Record<string, number> = {
    MESSAGES: folder.messages.length,
    RECENT: 0,
    UNSEEN: folder.messages.filter(({ flags }) => !flags.has('\\Seen')).length,
    UIDNEXT: folder.uidNext,
    UIDVALIDITY: UID_VALIDITY,
  }
  const names = namesIn(list[1]).map((name) => name.toUpperCase())
  if (names.some((name) => values[name] === undefined)) return reply(BAD_ARGUMENTS)
  const items = names.map((name) => `${name} ${values[name]}`).join(' ')
  untagged(`STATUS ${nstring(folder.name)} (${items})`)
  completed(call)
}

function appendMessage(call: Call) {
  const { mailbox, list, world, reply } = call
  const folder = findFolder(mailbox, textAt(list, 0))
  if (!folder) return reply(`NO [TRYCREATE] ${NO_FOLDER.slice(3)}`)
  const flags = typeof list[1] === 'string' ? [] : namesIn(list[1])
  const date = list.slice(1, -1).findLast((argument) => typeof argument === 'string')
  const uid = append(mailbox, folder, {
    flags: new Set(flags),
    date: new Date(typeof date === 'string' ? Date.parse(date) : world.now()),
    raw: textAt(list, list.length - 1),
  })
  completed(call, `[APPENDUID ${UID_VALIDITY} ${uid}] `)
}

function fetch(call: SelectedCall, entries: readonly Entry[]) {
  const { selection, list, byUid, reply } = call
  const items = namesIn(list[1]).flatMap(expandMacro)
  if (byUid && !items.some((item) => item.toUpperCase() === 'UID')) items.unshift('UID')
  const seen = !selection.readOnly && items.some(setsSeen)
  for (const { message, number } of entries) {
    const changes = seen && !message.flags.has('\\Seen')
    if (changes) message.flags.add('\\Seen')
    const answers = [...items, ...(changes ? ['FLAGS'] : [])].map((item) =>
      fetchItem(message, item),
    )
    if (answers.includes(null)) return reply(BAD_ARGUMENTS)
    sendBinary(call, `${number} FETCH (${answers.join(' ')})`)
  }
  completed(call)
}

function store(call: SelectedCall, entries: readonly Entry[]) {
  const { list, byUid, untagged, reply } = call
  const [, sign, silent] = /^([+-]?)FLAGS(\.SILENT)?$/i.exec(textAt(list, 1)) ?? []
  if (sign === undefined) return reply(BAD_ARGUMENTS)
  const flags = list.slice(2).flatMap(namesIn)
  for (const { message, number } of entries) {
    if (sign === '') message.flags.clear()
    for (const flag of flags) {
      if (sign === '-') message.flags.delete(flag)
      else message.flags.add(flag)
    }
    if (silent) continue
    const uid = byUid ? ` UID ${message.uid}` : ''
    untagged(`${number} FETCH (${fetchItem(message, 'FLAGS')}${uid})`)
  }
  completed(call)
}

function search(call: SelectedCall) {
  const { selection, list, byUid, untagged, reply } = call
  const { messages } = selection
  const criteria = /^CHARSET$/i.test(textAt(list, 0)) ? list.slice(2) : list
  const last = { number: messages.length, uid: messages.at(-1)?.uid ?? 0 }
  const test = parseCriteria(criteria, last)
  if (!test || criteria.length === 0) return reply(BAD_ARGUMENTS)
  const found = messages
    .map((message, index) => ({ message, number: index + 1 }))
    .filter(test)
    .map(({ message, number }) => (byUid ? message.uid : number))
  untagged(['SEARCH', ...found].join(' '))
  completed(call)
}

/** Copies messages and returns the response code COPYUID, or null if the folder does not exist. */
function copyTo({ mailbox, list }: SelectedCall, entries: readonly Entry[]): string | null {
  const target = findFolder(mailbox, textAt(list, 1))
  if (!target) return null
  const copies = entries.map(({ message }) => append(mailbox, target, message))
  const uids = entries.map(({ message }) => message.uid)
  return uids.length > 0 ? `[COPYUID ${UID_VALIDITY} ${uids} ${copies}] ` : ''
}

function copy(call: SelectedCall, entries: readonly Entry[]) {
  const code = copyTo(call, entries)
  if (code === null) return call.reply(`NO [TRYCREATE] ${NO_FOLDER.slice(3)}`)
  completed(call, code)
}

function move(call: SelectedCall, entries: readonly Entry[]) {
  const code = copyTo(call, entries)
  if (code === null) return call.reply(`NO [TRYCREATE] ${NO_FOLDER.slice(3)}`)
  if (code !== '') call.untagged(`OK ${code}`)
  removeMessages(call, entries)
  completed(call)
}

function removeMessages(call: SelectedCall, entries: readonly Entry[]): void {
  const { mailbox, selection } = call
  remove(mailbox, selection.folder, new Set(entries.map(({ message }) => message)))
  announceChanges(call, selection)
}

const deleted = ({ messages }: Selection): Entry[] =>
  messages
    .map((message, index) => ({ message, number: index + 1 }))
    .filter(({ message }) => message.flags.has('\\Deleted'))

function expunge(call: SelectedCall) {
  // UID EXPUNGE takes a set (RFC 4315 section 2.1).
  const among = call.byUid ? entriesIn(call) : null
  if (call.byUid && !among) return call.reply(BAD_ARGUMENTS)
  const wanted = among && new Set(among.map(({ message }) => message))
  removeMessages(
    call,
    deleted(call.selection).filter(({ message }) => !wanted || wanted.has(message)),
  )
  completed(call)
}

function close(call: SelectedCall): void {
  const { mailbox, selection, session, command } = call
  session.selection = null
  if (command === 'CLOSE' && !selection.readOnly) {
    remove(mailbox, selection.folder, new Set(deleted(selection).map(({ message }) => message)))
  }
  completed(call)
}

/** Reports new mail until the client sends DONE. */
async function idle(call: Call): Promise<void> {
  const { connection, mailbox, session, reply } = call
  const { selection } = session
  const watch = () => {
    if (selection) announceChanges(call, selection)
  }
  connection.send('+ IDLE accepted, awaiting DONE command.')
  mailbox.watchers.add(watch)
  watch()
  const line = await connection.readLine()
  mailbox.watchers.delete(watch)
  if (line !== null) reply(/^DONE$/i.test(line) ? 'OK IDLE completed.' : BAD_ARGUMENTS)
}

function check(call: Call) {
  const { selection } = call.session
  if (selection) announceChanges(call, selection)
  completed(call)
}

function namespace(call: Call) {
  call.untagged('NAMESPACE (("" "/")) NIL NIL')
  completed(call)
}

function create(call: Call) {
  if (createFolder(call.mailbox, textAt(call.list, 0))) completed(call)
  else call.reply('NO Mailbox already exists.')
}

function destroy(call: Call) {
  if (deleteFolder(call.mailbox, textAt(call.list, 0))) completed(call)
  else call.reply(NO_FOLDER)
}

/** Commands that also exist with the prefix UID. */
const withUid = {
  FETCH: withList(selected(onMessages(fetch))),
  STORE: withList(writable(onMessages(store))),
  SEARCH: withList(selected(search)),
  COPY: withList(selected(onMessages(copy))),
  MOVE: withList(writable(onMessages(move))),
  EXPUNGE: withList(writable(expunge)),
}

function uid(context: ImapContext): void | Promise<void> {
  const [name = '', ...rest] = context.args.split(' ')
  const command = name.toUpperCase()
  if (!(command in withUid)) return context.reply(BAD_ARGUMENTS)
  const handler = withUid[command as keyof typeof withUid]
  return handler({ ...context, command, args: rest.join(' ') }, true)
}

/** Handlers for a session whose user has a mailbox. */
export const mailboxHandlers: ImapHandlers = {
  ...withUid,
  UID: uid,
  NAMESPACE: withList(namespace),
  LIST: withList(listFolders),
  LSUB: withList(listFolders),
  STATUS: withList(status),
  SELECT: withList(open),
  EXAMINE: withList(open),
  CREATE: withList(create),
  DELETE: withList(destroy),
  SUBSCRIBE: withList(completed),
  UNSUBSCRIBE: withList(completed),
  APPEND: withList(appendMessage),
  CHECK: withList(check),
  NOOP: withList(check),
  CLOSE: withList(selected(close)),
  UNSELECT: withList(selected(close)),
  IDLE: withList(idle),
}
