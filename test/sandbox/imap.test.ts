import { describe, expect, it } from 'vitest'
import { passwordAccount } from './cast.ts'
import { xoauth2 } from './mail/test-dialog.ts'
import { ALICE, dial, newWorld, tokenOf, worldWithBadTokens } from './mail/test-world.ts'

describe('the IMAP server', () => {
  it('greets like Exchange and offers STARTTLS but no login without TLS', async () => {
    const world = await newWorld()
    const dialog = await dial(world, 'imapStarttls')
    expect(await dialog.receive()).toEqual([
      expect.stringMatching(/^\* OK The Microsoft Exchange IMAP4 service is ready\. \[\S+\]$/),
    ])
    const [withoutTls] = await dialog.send('a1 CAPABILITY')
    expect(withoutTls).toContain('STARTTLS')
    expect(withoutTls).toContain('LOGINDISABLED')
    expect(withoutTls).not.toContain('AUTH=')
    expect(await dialog.send('a2 AUTHENTICATE XOAUTH2')).toEqual([
      'a2 BAD Command received in Invalid state.',
    ])
    expect(await dialog.send('a3 STARTTLS')).toEqual(['a3 OK Begin TLS negotiation now.'])
    await dialog.upgrade(world.authority.ca)
    const [secure] = await dialog.send('a4 CAPABILITY')
    expect(secure).toContain('AUTH=XOAUTH2 SASL-IR')
    expect(secure).not.toContain('STARTTLS')
  })

  it.each([
    ['bob@contoso.test', 'bob@contoso.test', 'IMAP is off for him'],
    [ALICE, 'carol@contoso.test', 'it is the mailbox of someone else'],
    [ALICE, 'nobody@contoso.test', 'the mailbox does not exist'],
    ['heidi.h@contoso.test', 'heidi.h@contoso.test', 'it is a sign-in name, not a mailbox'],
    ['admin@contoso.test', 'admin@contoso.test', 'she has no mailbox'],
  ])('authenticates %s for %s but does not connect: %s', async (as, user) => {
    const world = await newWorld()
    const dialog = await dial(world, 'imapTls')
    const blob = xoauth2(user, await tokenOf(world, as))
    expect(await dialog.send(`a1 AUTHENTICATE XOAUTH2 ${blob}`)).toEqual([
      'a1 OK AUTHENTICATE completed.',
    ])
    for (const command of [
      'NAMESPACE',
      'LIST "" "*"',
      'STATUS INBOX (MESSAGES)',
      'EXAMINE INBOX',
    ]) {
      expect(await dialog.send(`a2 ${command}`)).toEqual([
        'a2 BAD User is authenticated but not connected.',
      ])
    }
  })

  it('refuses a token that is invented, expired, for Graph, or without the IMAP scope', async () => {
    const { world, tokens } = await worldWithBadTokens(
      'IMAP.AccessAsUser.All',
      'https://outlook.office.com/SMTP.Send',
    )
    const dialog = await dial(world, 'imapTls')
    for (const token of tokens) {
      expect(await dialog.send(`a1 AUTHENTICATE XOAUTH2 ${xoauth2(ALICE, token)}`)).toEqual([
        'a1 NO AUTHENTICATE failed.',
      ])
    }
    const fresh = await tokenOf(world, ALICE)
    expect(await dialog.send(`a2 AUTHENTICATE XOAUTH2 ${xoauth2(ALICE, fresh)}`)).toEqual([
      'a2 OK AUTHENTICATE completed.',
    ])
  })

  it('accepts the password account with LOGIN (using literals) and with PLAIN', async () => {
    const world = await newWorld()
    const { username, password } = passwordAccount
    const dialog = await dial(world, 'imapTls')
    expect(await dialog.send(`a1 LOGIN ${username} wrong`)).toEqual(['a1 NO LOGIN failed.'])
    expect(await dialog.send('a2 LOGIN alice@contoso.test any')).toEqual(['a2 NO LOGIN failed.'])
    expect(await dialog.send(`a3 LOGIN {${username.length}}`)).toEqual([
      '+ Ready for additional command text.',
    ])
    expect(await dialog.send(`${username} {${password.length}+}\r\n${password}`)).toEqual([
      'a3 OK LOGIN completed.',
    ])
    const plain = Buffer.from(`\0${username}\0${password}`).toString('base64')
    const second = await dial(world, 'imapTls')
    expect(await second.send(`a1 AUTHENTICATE PLAIN ${plain}`)).toEqual([
      'a1 OK AUTHENTICATE completed.',
    ])
  })
})
