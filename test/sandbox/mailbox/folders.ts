/** The folders of a mailbox, as Exchange creates them. Shared by all connections; kept in memory. */
import { sampleMail } from './sample-mail.ts'

export type Message = {
  uid: number
  flags: Set<string>
  /** Time of arrival (INTERNALDATE). */
  date: Date
  /** One character per octet. */
  raw: string
}

export type Folder = { name: string; attributes: string; uidNext: number; messages: Message[] }

export type Mailbox = {
  folders: Folder[]
  /** Functions to call after a change, such as those of connections that idle. */
  watchers: Set<() => void>
}

const newFolder = (name: string, attributes = '\\HasNoChildren'): Folder => ({
  name,
  attributes,
  uidNext: 1,
  messages: [],
})

/** Creates a mailbox with three messages in its inbox. */
export function createMailbox(address: string): Mailbox {
  const mailbox = {
    folders: [
      newFolder('INBOX', '\\Marked \\HasNoChildren'),
      newFolder('Drafts', '\\HasNoChildren \\Drafts'),
      newFolder('Sent Items', '\\HasNoChildren \\Sent'),
      newFolder('Deleted Items', '\\HasNoChildren \\Trash'),
      newFolder('Junk Email', '\\HasNoChildren \\Junk'),
    ],
    watchers: new Set<() => void>(),
  }
  for (const { raw, date } of sampleMail(address)) deliver(mailbox, raw, date)
  return mailbox
}

/** Finds a folder. Only INBOX ignores case (RFC 9051 section 5.1). */
export const findFolder = ({ folders }: Mailbox, name: string): Folder | undefined =>
  folders.find((each) => each.name === (name.toUpperCase() === 'INBOX' ? 'INBOX' : name))

/** Creates an empty folder. Returns false if it exists. */
export function createFolder(mailbox: Mailbox, name: string): boolean {
  if (name === '' || findFolder(mailbox, name)) return false
  mailbox.folders.push(newFolder(name))
  return true
}

/** Deletes a folder that a client has created. Returns false for any other. */
export function deleteFolder(mailbox: Mailbox, name: string): boolean {
  const index = mailbox.folders.findIndex((each) => each.name === name)
  if (mailbox.folders[index]?.attributes !== '\\HasNoChildren') return false
  mailbox.folders.splice(index, 1)
  return true
}

/** Appends a message and returns its UID. */
export function append(mailbox: Mailbox, folder: Folder, message: Omit<Message, 'uid'>): number {
  const uid = folder.uidNext
  folder.uidNext += 1
  folder.messages.push({ ...message, flags: new Set(message.flags), uid })
  for (const notify of mailbox.watchers) notify()
  return uid
}

/** Appends an unread message to the inbox. */
export function deliver(mailbox: Mailbox, raw: string, date: Date): void {
  const [inbox] = mailbox.folders
  if (inbox) append(mailbox, inbox, { flags: new Set(), date, raw })
}

export function remove(mailbox: Mailbox, folder: Folder, messages: ReadonlySet<Message>): void {
  folder.messages = folder.messages.filter((message) => !messages.has(message))
  for (const notify of mailbox.watchers) notify()
}
