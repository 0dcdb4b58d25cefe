/** Folders and messages over IMAP, as mail programs read them. */
import { ImapFlow } from 'imapflow'
import { describe, expect, it, onTestFinished } from 'vitest'
import { passwordAccount } from '../cast.ts'
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
  it('have the names and special uses of Exchange', async () => {
    const send = await logIn(await newWorld())
    const folders = [
      '(\\Marked \\HasNoChildren) "/" INBOX',
      '(\\HasNoChildren \\Drafts) "/" Drafts',
      '(\\HasNoChildren \\Sent) "/" "Sent Items"',
      '(\\HasNoChildren \\Trash) "/" "Deleted Items"',
      '(\\HasNoChildren \\Junk) "/" "Junk Email"',
    ]
    expect(await send('LIST "" "%"')).toEqual([
      ...folders.map((folder) => `* LIST ${folder}`),
      'a1 OK LIST completed.',
    ])
    expect(await send('LSUB "" *')).toEqual([
      ...folders.map((folder) => `* LSUB ${folder}`),
      'a1 OK LSUB completed.',
    ])
    expect(await send('LIST "" ""')).toEqual([
      '* LIST (\\Noselect) "/" ""',
      'a1 OK LIST completed.',
    ])
    expect(await send('LIST "" "S*"')).toHaveLength(2)
  })

  it('can be created, selected and deleted, except those of Exchange', async () => {
    const send = await logIn(await newWorld())
    expect(await send('SELECT Archive')).toEqual(['a1 NO The specified folder could not be found.'])
    expect(await send('CREATE Archive')).toEqual(['a1 OK CREATE completed.'])
    expect(await send('CREATE Archive')).toEqual(['a1 NO Mailbox already exists.'])
    expect((await send('SELECT Archive')).at(0)).toBe('* 0 EXISTS')
    expect(await send('DELETE Archive')).toEqual(['a1 OK DELETE completed.'])
    expect((await send('DELETE Drafts')).at(0)).toMatch(/^a1 NO/)
  })

  it('report their state on SELECT, EXAMINE and STATUS', async () => {
    const send = await logIn(await newWorld())
    expect(await send('SELECT inbox')).toEqual([
      '* 3 EXISTS',
      '* 0 RECENT',
      '* FLAGS (\\Seen \\Answered \\Flagged \\Deleted \\Draft $MDNSent)',
      '* OK [PERMANENTFLAGS (\\Seen \\Answered \\Flagged \\Deleted \\Draft $MDNSent)] Permanent flags',
      '* OK [UNSEEN 1] Is the first unseen message',
      '* OK [UIDVALIDITY 14] UIDVALIDITY value',
      '* OK [UIDNEXT 4] The next unique identifier value',
      'a1 OK [READ-WRITE] SELECT completed.',
    ])
    expect(await send('EXAMINE INBOX')).toEqual(
      expect.arrayContaining([
        '* OK [PERMANENTFLAGS ()] Permanent flags',
        'a1 OK [READ-ONLY] EXAMINE completed.',
      ]),
    )
    expect(await send('STATUS INBOX (MESSAGES UNSEEN UIDNEXT UIDVALIDITY)')).toEqual([
      '* STATUS "INBOX" (MESSAGES 3 UNSEEN 3 UIDNEXT 4 UIDVALIDITY 14)',
      'a1 OK STATUS completed.',
    ])
    expect(await send('STATUS INBOX (SECRETS)')).toEqual(['a1 BAD Command Argument Error. 11'])
  })

  it('belong to one mailbox each', async () => {
    const world = await newWorld()
    const alice = await openInbox(world)
    await alice('STORE 1 +FLAGS (\\Deleted)')
    await alice('EXPUNGE')
    const grace = await logIn(world, 'grace@outlook.test')
    expect((await grace('SELECT INBOX')).at(0)).toBe('* 3 EXISTS')
    expect((await (await logIn(world))('SELECT INBOX')).at(0)).toBe('* 2 EXISTS')
  })

  it('are open to the password account', async () => {
    const world = await newWorld()
    const dialog = await openDialog(world.ports.imapTls, imapEnd, world.authority.ca)
    onTestFinished(dialog.close)
    await dialog.receive()
    await dialog.send(`a0 LOGIN ${passwordAccount.username} ${passwordAccount.password}`)
    expect((await dialog.send('a1 SELECT INBOX')).at(0)).toBe('* 3 EXISTS')
  })

  it('require a selection for commands on messages', async () => {
    const send = await logIn(await newWorld())
    for (const command of ['FETCH 1 FLAGS', 'UID SEARCH ALL', 'CLOSE', 'EXPUNGE']) {
      expect(await send(command)).toEqual(['a1 BAD Command received in Invalid state.'])
    }
  })
})

describe('FETCH', () => {
  it('returns flags, UID, time of arrival, size and envelope', async () => {
    const send = await openInbox(await newWorld())
    expect(await send('FETCH 1 (UID FLAGS INTERNALDATE RFC822.SIZE ENVELOPE)')).toEqual([
      '* 1 FETCH (UID 1 FLAGS () INTERNALDATE " 2-Nov-2026 08:15:00 +0000" RFC822.SIZE 364 ' +
        'ENVELOPE ("Mon, 02 Nov 2026 09:15:00 +0100" "Welcome to the sandbox" ' +
        `${'(("Ada Admin" NIL "admin" "contoso.test")) '.repeat(3)}` +
        '((NIL NIL "alice" "contoso.test")) NIL NIL NIL "<welcome@contoso.test>"))',
      'a1 OK FETCH completed.',
    ])
    expect((await send('UID FETCH 2:* ALL')).map((line) => line.slice(0, 20))).toEqual([
      '* 2 FETCH (UID 2 FLA',
      '* 3 FETCH (UID 3 FLA',
      'a1 OK FETCH complete',
    ])
  })

  it('describes the structure of a nested multipart', async () => {
    const send = await openInbox(await newWorld())
    const text = (subtype: string, size: number) =>
      `("text" "${subtype}" ("charset" "us-ascii") NIL NIL "7bit" ${size} 0 NIL NIL NIL NIL)`
    expect((await send('FETCH 3 BODYSTRUCTURE')).at(0)).toBe(
      `* 3 FETCH (BODYSTRUCTURE ((${text('plain', 24)}${text('html', 38)} "alternative" ` +
        '("boundary" "=_sandbox_7f3a_text") NIL NIL NIL)' +
        '("text" "csv" ("name" "invoice.csv") NIL NIL "base64" 36 0 NIL ' +
        '("attachment" ("filename" "invoice.csv")) NIL NIL) "mixed" ' +
        '("boundary" "=_sandbox_7f3a") NIL NIL NIL))',
    )
    expect((await send('FETCH 1 BODY')).at(0)).toBe(
      '* 1 FETCH (BODY ("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 129 2))',
    )
  })

  it.each([
    ['BODY.PEEK[1.2]', 'BODY[1.2] {38}', '<p>The invoice is <b>attached</b>.</p>)'],
    ['BODY.PEEK[2.MIME]', 'BODY[2.MIME] {138}', 'Content-Type: text/csv; name="invoice.csv"'],
    ['BODY.PEEK[2]<4.8>', 'BODY[2]<4> {8}', 'aWNsZSxw)'],
    ['BODY.PEEK[2]<99.8>', 'BODY[2]<99> {0}', ')'],
    [
      'BODY.PEEK[HEADER.FIELDS (subject)]',
      'BODY[HEADER.FIELDS (SUBJECT)] {25}',
      'Subject: Invoice 4711',
    ],
    ['BODY.PEEK[TEXT]<0.6>', 'BODY[TEXT]<0> {6}', '--=_sa)'],
    ['RFC822.HEADER', 'RFC822.HEADER {270}', 'Date: Wed, 04 Nov 2026 08:05:00 +0000'],
  ])('returns %s', async (item, label, line) => {
    const send = await openInbox(await newWorld())
    const lines = await send(`FETCH 3 (${item})`)
    expect(lines.slice(0, 2)).toEqual([`* 3 FETCH (${label}`, line])
    expect((await send('FETCH 3 FLAGS')).at(0)).toBe('* 3 FETCH (FLAGS ())')
  })

  it('returns NIL for a part that does not exist and refuses an unknown item or set', async () => {
    const send = await openInbox(await newWorld())
    expect((await send('FETCH 3 BODY.PEEK[7]')).at(0)).toBe('* 3 FETCH (BODY[7] NIL)')
    expect(await send('FETCH 3 (COLOUR)')).toEqual(['a1 BAD Command Argument Error. 11'])
    expect(await send('FETCH x FLAGS')).toEqual(['a1 BAD The specified message set is invalid.'])
    expect(await send('FETCH 3 (FLAGS')).toEqual(['a1 BAD Command Argument Error. 11'])
  })

  it('marks a message as read unless the folder is read-only', async () => {
    const world = await newWorld()
    const reader = await openInbox(world, 'EXAMINE')
    expect((await reader('FETCH 2 BODY[]')).join()).not.toContain('\\Seen')
    const send = await openInbox(world)
    expect((await send('FETCH 2 BODY[]')).at(-2)).toBe(' FLAGS (\\Seen))')
    expect(await send('SEARCH UNSEEN')).toEqual(['* SEARCH 1 3', 'a1 OK SEARCH completed.'])
  })

  it('returns the structure and envelope of a forwarded message', async () => {
    const world = await newWorld()
    const forwarded = [
      'Subject: Fwd',
      'Content-Type: message/rfc822',
      '',
      'From: Bob <bob@contoso.test>',
      'Subject: inner',
      '',
      'hello',
    ]
    await sendMail(world, ALICE, ALICE, forwarded.join('\r\n'))
    const send = await openInbox(world)
    const bob = '(("Bob" NIL "bob" "contoso.test"))'
    expect((await send('FETCH 4 BODY')).at(0)).toBe(
      '* 4 FETCH (BODY ("message" "rfc822" NIL NIL NIL "7bit" 55 ' +
        `(NIL "inner" ${bob} ${bob} ${bob} NIL NIL NIL NIL NIL) ` +
        '("text" "plain" NIL NIL NIL "7bit" 7 1) 4))',
    )
    expect((await send('FETCH 4 BODY.PEEK[1.TEXT]')).at(1)).toBe('hello')
  })
})

describe('SEARCH', () => {
  it.each([
    ['ALL', '1 2 3'],
    ['FROM billing', '3'],
    ['SUBJECT "Grüße"', '2'],
    ['CHARSET UTF-8 FROM {7+}\r\nmüller', '2'],
    ['BODY "aus Köln"', '2'],
    ['TEXT attached', '3'],
    ['SINCE 3-Nov-2026', '2 3'],
    ['BEFORE 3-Nov-2026', '1'],
    ['ON 03-Nov-2026', '2'],
    ['SENTSINCE 4-Nov-2026', '3'],
    ['HEADER Message-ID welcome', '1'],
    ['CC support', '3'],
    ['UID 2:*', '2 3'],
    ['1,3', '1 3'],
    ['NOT 1 UNSEEN', '2 3'],
    ['OR (FROM billing SEEN) SUBJECT welcome', '1'],
    ['LARGER 500', '3'],
    ['FLAGGED', ''],
  ])('finds messages by %s', async (criteria, found) => {
    const send = await openInbox(await newWorld())
    expect(await send(`SEARCH ${criteria}`)).toEqual([
      `* SEARCH ${found}`.trim(),
      'a1 OK SEARCH completed.',
    ])
  })

  it('refuses unknown and incomplete criteria', async () => {
    const send = await openInbox(await newWorld())
    for (const criteria of ['', 'COLOUR red', 'FROM', 'OR ALL', 'NOT', 'UID x']) {
      expect(await send(`SEARCH ${criteria}`)).toEqual(['a1 BAD Command Argument Error. 11'])
    }
  })
})

describe('changes', () => {
  it('set, add and remove flags, with and without an answer', async () => {
    const send = await openInbox(await newWorld())
    expect((await send('STORE 1:2 FLAGS (\\Seen \\Flagged)')).slice(0, 2)).toEqual([
      '* 1 FETCH (FLAGS (\\Seen \\Flagged))',
      '* 2 FETCH (FLAGS (\\Seen \\Flagged))',
    ])
    expect((await send('UID STORE 2 -FLAGS \\Seen')).at(0)).toBe(
      '* 2 FETCH (FLAGS (\\Flagged) UID 2)',
    )
    expect(await send('STORE 3 +FLAGS.SILENT (\\Answered)')).toEqual(['a1 OK STORE completed.'])
    expect((await send('SEARCH ANSWERED')).at(0)).toBe('* SEARCH 3')
    expect(await send('STORE 3 COLOURS (red)')).toEqual(['a1 BAD Command Argument Error. 11'])
    await send('EXAMINE INBOX')
    expect((await send('STORE 3 FLAGS ()')).at(0)).toMatch(/^a1 NO/)
  })

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

  it('copy and move messages with their new UIDs', async () => {
    const send = await openInbox(await newWorld())
    expect(await send('UID COPY 2:3 "Deleted Items"')).toEqual([
      'a1 OK [COPYUID 14 2,3 1,2] COPY completed.',
    ])
    expect(await send('MOVE 1 "Deleted Items"')).toEqual([
      '* OK [COPYUID 14 1 3] ',
      '* 1 EXPUNGE',
      'a1 OK MOVE completed.',
    ])
    expect((await send('COPY 1 Nowhere')).at(0)).toMatch(/^a1 NO \[TRYCREATE\]/)
    expect((await send('SELECT "Deleted Items"')).at(0)).toBe('* 3 EXISTS')
  })

  it('append a message with its flags, time and octets', async () => {
    const send = await logIn(await newWorld())
    const { dialog } = send
    expect(
      await send(
        'APPEND Drafts (\\Draft) " 1-Feb-2026 10:00:00 +0100" {23+}\r\nSubject: "x\\"\r\n\r\nü {3}',
      ),
    ).toEqual(['a1 OK [APPENDUID 14 1] APPEND completed.'])
    expect(await dialog.send('a2 APPEND Nowhere {1+}\r\nx')).toEqual([
      'a2 NO [TRYCREATE] The specified folder could not be found.',
    ])
    await send('SELECT Drafts')
    expect(await send('FETCH 1 (FLAGS INTERNALDATE BODY.PEEK[])')).toEqual([
      '* 1 FETCH (FLAGS (\\Draft) INTERNALDATE " 1-Feb-2026 09:00:00 +0000" BODY[] {23}',
      'Subject: "x\\"',
      '',
      'ü {3})',
      'a1 OK FETCH completed.',
    ])
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
