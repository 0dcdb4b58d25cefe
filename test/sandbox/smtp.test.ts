import { describe, expect, it } from 'vitest'
import { passwordAccount } from './cast.ts'
import { xoauth2 } from './mail/test-dialog.ts'
import { ALICE, dial, newWorld, tokenOf, worldWithBadTokens } from './mail/test-world.ts'

const base64 = (text: string) => Buffer.from(text).toString('base64')
const success = ['235 2.7.0 Authentication successful']
const refused = [
  expect.stringMatching(/^535 5\.7\.3 Authentication unsuccessful \[\S+ \S+Z [0-9A-F]{16}\]$/),
]

describe('the SMTP server', () => {
  it('offers and accepts AUTH only after STARTTLS', async () => {
    const world = await newWorld()
    const dialog = await dial(world, 'smtpStarttls')
    expect((await dialog.receive()).at(0)).toMatch(
      /^220 \S+ Microsoft ESMTP MAIL Service ready at /,
    )
    const clear = await dialog.send('EHLO here')
    expect(clear).toContain('250-STARTTLS')
    expect(clear.join()).not.toContain('AUTH')
    expect(await dialog.send('AUTH XOAUTH2')).toEqual([
      '504 5.7.4 Unrecognized authentication type',
    ])
    expect(await dialog.send('STARTTLS')).toEqual(['220 2.0.0 SMTP server ready'])
    await dialog.upgrade(world.authority.ca)
    const secure = await dialog.send('EHLO here')
    expect(secure).toContain('250-AUTH LOGIN XOAUTH2')
    expect(secure).not.toContain('250-STARTTLS')
  })

  it('refuses the names of a shared mailbox and of another person', async () => {
    const world = await newWorld()
    const token = await tokenOf(world, ALICE)
    const dialog = await dial(world, 'smtpTls')
    for (const user of ['support@contoso.test', 'bob@contoso.test', 'nobody@contoso.test']) {
      expect(await dialog.send(`AUTH XOAUTH2 ${xoauth2(user, token)}`)).toEqual(refused)
    }
  })

  it('refuses a token that is invented, expired, for Graph, or without the SMTP scope', async () => {
    const { world, tokens } = await worldWithBadTokens(
      'SMTP.Send',
      'https://outlook.office.com/IMAP.AccessAsUser.All',
    )
    const dialog = await dial(world, 'smtpTls')
    for (const token of tokens) {
      expect(await dialog.send(`AUTH XOAUTH2 ${xoauth2(ALICE, token)}`)).toEqual(refused)
    }
    expect(await dialog.send('AUTH XOAUTH2')).toEqual(['334 '])
    expect(await dialog.send('*')).toEqual(refused)
  })

  it('accepts a password only from the password account, with LOGIN and with PLAIN', async () => {
    const world = await newWorld()
    const { username, password } = passwordAccount
    const plain = (user: string, word: string) => `AUTH PLAIN ${base64(`\0${user}\0${word}`)}`
    const dialog = await dial(world, 'smtpTls')
    expect(await dialog.send(plain(username, 'wrong'))).toEqual(refused)
    expect(await dialog.send(plain(ALICE, 'any'))).toEqual([
      expect.stringContaining('535 5.7.139 Authentication unsuccessful, basic authentication'),
    ])
    expect(await dialog.send(plain(username, password))).toEqual(success)
    const second = await dial(world, 'smtpTls')
    expect(await second.send('AUTH LOGIN')).toEqual(['334 VXNlcm5hbWU6'])
    expect(await second.send(base64(username))).toEqual(['334 UGFzc3dvcmQ6'])
    expect(await second.send(base64(password))).toEqual(success)
  })

  it('accepts mail after a login, only from the person or a shared mailbox', async () => {
    const world = await newWorld()
    const dialog = await dial(world, 'smtpTls')
    expect(await dialog.send('MAIL FROM:<alice@contoso.test>')).toEqual([
      '530 5.7.57 Client not authenticated to send mail.',
    ])
    const token = await tokenOf(world, ALICE)
    await dialog.send(`AUTH XOAUTH2 ${xoauth2(ALICE, token)}`)
    const send = async (from: string) => {
      await dialog.send(`MAIL FROM:<${from}>`)
      await dialog.send('RCPT TO:<friend@example.test>')
      await dialog.send('DATA')
      return (await dialog.send('Subject: hello\r\n\r\n..dot\r\n.')).at(0)
    }
    expect(await send(ALICE)).toMatch(/^250 2\.0\.0 OK/)
    expect(await send('support@contoso.test')).toMatch(/^250 2\.0\.0 OK/)
    expect(await send('bob@contoso.test')).toMatch(/^550 5\.7\.60 SMTP; Client does not have/)
    expect(world.smtp.tls.messages.map((message) => message.from)).toEqual([
      ALICE,
      'support@contoso.test',
    ])
    expect(world.smtp.tls.messages[0]?.text).toBe('Subject: hello\r\n\r\n.dot')
  })

  it('offers only extensions that it implements', async () => {
    const world = await newWorld()
    const dialog = await dial(world, 'smtpTls')
    expect(await dialog.send('EHLO here')).toEqual([
      expect.stringMatching(/^250-\S+ Hello \[127\.0\.0\.1\]$/),
      '250-SIZE 157286400',
      '250-PIPELINING',
      '250-DSN',
      '250-ENHANCEDSTATUSCODES',
      '250-AUTH LOGIN XOAUTH2',
      '250-8BITMIME',
      '250 SMTPUTF8',
    ])
    const token = await tokenOf(world, ALICE)
    await dialog.send(`AUTH XOAUTH2 ${xoauth2(ALICE, token)}`)
    expect(await dialog.send('MAIL FROM:<alice@contoso.test> SIZE=157286401')).toEqual([
      '552 5.3.4 Message size exceeds fixed maximum message size',
    ])
    await dialog.send('MAIL FROM:<alice@contoso.test> SIZE=99 BODY=8BITMIME SMTPUTF8')
    await dialog.send('RCPT TO:<jörg@example.test> NOTIFY=FAILURE')
    await dialog.send('DATA')
    await dialog.send('Subject: grün\r\n\r\n.')
    expect(world.smtp.tls.messages[0]).toMatchObject({ to: ['jörg@example.test'] })
  })
})
