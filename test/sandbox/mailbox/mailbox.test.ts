/** Folders and messages over IMAP, as mail programs read them. */
import { ImapFlow } from 'imapflow'
import { describe, expect, it, onTestFinished } from 'vitest'
import { obtainTokens } from '../entra/test-client.ts'
import { imapEnd, openDialog, smtpEnd, xoauth2 } from '../mail/test-dialog.ts'
import { startWorld, type World } from '../world.ts'

const ALICE = 'alice@contoso.test'

async function newWorld(): Promise<World> {
  const world = await startWorld()
  onTestFinished(world.stop)
  return world
}

/** Logs in and returns a function that sends a command and returns the lines of the answer. */
async function logIn(world: World, user = ALICE) {
  const dialog = await openDialog(world.ports.imapTls, imapEnd, world.authority.ca)
  onTestFinished(dialog.close)
  await dialog.receive()
  const { access_token } = await obtainTokens(world.entra, user)
  await dialog.send(`a0 AUTHENTICATE XOAUTH2 ${xoauth2(user, access_token)}`)
  return Object.assign((command: string) => dialog.send(`a1 ${command}`), { dialog })
}

async function openInbox(world: World, command = 'SELECT') {
  const send = await logIn(world)
  await send(`${command} INBOX`)
  return send
}

async function sendMail(world: World, from: string, to: string, text: string) {
  const dialog = await openDialog(world.ports.smtpTls, smtpEnd, world.authority.ca)
  onTestFinished(dialog.close)
  await dialog.receive()
  const { access_token } = await obtainTokens(world.entra, from)
  await dialog.send(`AUTH XOAUTH2 ${xoauth2(from, access_token)}`)
  await dialog.send(`MAIL FROM:<${from}> BODY=8BITMIME SIZE=${text.length}`)
  await dialog.send(`RCPT TO:<${to}>`)
  await dialog.send('DATA')
  return dialog.send(`${text}\r\n.`)
}

describe('folders', () => {
  it('belong to one mailbox each', async () => {
    const world = await newWorld()
    const alice = await openInbox(world)
    await alice('STORE 1 +FLAGS (\\Deleted)')
    await alice('EXPUNGE')
    const grace = await logIn(world, 'grace@outlook.test')
    expect((await grace('SELECT INBOX')).at(0)).toBe('* 3 EXISTS')
    expect((await (await logIn(world))('SELECT INBOX')).at(0)).toBe('* 2 EXISTS')
  })

  it('require a selection for commands on messages', async () => {
    const send = await logIn(await newWorld())
    for (const command of ['FETCH 1 FLAGS', 'UID SEARCH ALL', 'CLOSE', 'EXPUNGE']) {
      expect(await send(command)).toEqual(['a1 BAD Command received in Invalid state.'])
    }
  })
})

describe('FETCH', () => {
  it('returns NIL for a part that does not exist and refuses an unknown item or set', async () => {
    const send = await openInbox(await newWorld())
    expect((await send('FETCH 3 BODY.PEEK[7]')).at(0)).toBe('* 3 FETCH (BODY[7] NIL)')
    expect(await send('FETCH 3 (COLOUR)')).toEqual(['a1 BAD Command Argument Error. 11'])
    expect(await send('FETCH x FLAGS')).toEqual(['a1 BAD The specified message set is invalid.'])
    expect(await send('FETCH 3 (FLAGS')).toEqual(['a1 BAD Command Argument Error. 11'])
  })
})

describe('changes', () => {
  it('expunge deleted messages, all of them or a set, and silently on CLOSE', async () => {
    const send = await openInbox(await newWorld())
    await send('STORE 1,3 +FLAGS.SILENT (\\Deleted)')
    expect(await send('UID EXPUNGE 2:3')).toEqual(['* 3 EXPUNGE', 'a1 OK EXPUNGE completed.'])
    expect(await send('CLOSE')).toEqual(['a1 OK CLOSE completed.'])
    expect((await send('SELECT INBOX')).at(0)).toBe('* 1 EXISTS')
    await send('STORE 1 +FLAGS.SILENT (\\Deleted)')
    expect(await send('UNSELECT')).toEqual(['a1 OK UNSELECT completed.'])
    expect((await send('SELECT INBOX')).at(0)).toBe('* 1 EXISTS')
    expect(await send('EXPUNGE')).toEqual(['* 1 EXPUNGE', 'a1 OK EXPUNGE completed.'])
  })
})

describe('new mail', () => {
  it('arrives in the inbox of the recipient octet for octet, and is announced', async () => {
    const world = await newWorld()
    const send = await openInbox(world)
    const idle = await openInbox(world)
    expect(await idle('IDLE')).toEqual(['+ IDLE accepted, awaiting DONE command.'])
    expect(
      (await sendMail(world, 'bob@contoso.test', ALICE, 'Subject: hi\r\n\r\nü')).at(0),
    ).toMatch(/^250 2\.0\.0 OK/)
    expect(await send('NOOP')).toEqual(['* 4 EXISTS', 'a1 OK NOOP completed.'])
    expect((await idle.dialog.send('DONE')).slice(-2)).toEqual([
      '* 4 EXISTS',
      'a1 OK IDLE completed.',
    ])
    expect((await send('FETCH 4 BODY.PEEK[TEXT]')).slice(0, 2)).toEqual([
      '* 4 FETCH (BODY[TEXT] {4}',
      'ü',
    ])
    expect(
      (await send('FETCH 4 BODY.PEEK[HEADER.FIELDS (RETURN-PATH SUBJECT)]')).slice(1, 3),
    ).toEqual(['Return-Path: bob@contoso.test', 'Subject: hi'])
  })

  it('of another connection is announced together with what that connection has removed', async () => {
    const world = await newWorld()
    const send = await openInbox(world)
    const other = await openInbox(world)
    await other('STORE 2 +FLAGS (\\Deleted)')
    await other('EXPUNGE')
    expect((await send('FETCH 3 UID')).at(0)).toBe('* 3 FETCH (UID 3)')
    expect(await send('CHECK')).toEqual(['* 2 EXPUNGE', 'a1 OK CHECK completed.'])
    expect((await send('FETCH 2 UID')).at(0)).toBe('* 2 FETCH (UID 3)')
  })

  it('for nobody of the sandbox is accepted and dropped', async () => {
    const world = await newWorld()
    await sendMail(world, ALICE, 'friend@example.test', 'Subject: hi\r\n\r\nhi')
    expect(world.smtp.tls.messages).toHaveLength(1)
    expect((await (await logIn(world))('SELECT INBOX')).at(0)).toBe('* 3 EXISTS')
  })
})

it('can be read by the library that mail workers use', async () => {
  const world = await newWorld()
  const { access_token } = await obtainTokens(world.entra, ALICE)
  const client = new ImapFlow({
    host: 'localhost',
    port: world.ports.imapTls,
    secure: true,
    tls: { ca: world.authority.ca },
    auth: { user: ALICE, accessToken: access_token },
    logger: false,
  })
  await client.connect()
  onTestFinished(() => client.close())
  expect((await client.list()).map(({ specialUse }) => specialUse)).toEqual(
    expect.arrayContaining(['\\Inbox', '\\Drafts', '\\Sent', '\\Trash', '\\Junk']),
  )
  await client.mailboxOpen('INBOX')
  const messages = await client.fetchAll('1:*', { envelope: true })
  const subjects = messages.map(({ envelope }) => envelope?.subject)
  expect(subjects).toEqual(['Welcome to the sandbox', 'Grüße aus Köln: 你好', 'Invoice 4711'])
  expect(await client.search({ from: 'Müller', seen: false })).toEqual([2])
  const { content, meta } = await client.download('3', '2')
  expect(meta).toMatchObject({ contentType: 'text/csv', filename: 'invoice.csv' })
  expect((await content?.toArray())?.join('')).toBe('article,price\r\nseat,9.00\r\n')
  await client.messageMove('1', 'Deleted Items')
  expect(await client.status('Deleted Items', { messages: true })).toMatchObject({ messages: 1 })
})
