/**
 * Two worlds in which a mail program logs in, both with a whole Mailgrant: the sandbox, which responds
 * like Exchange Online, refuses without a challenge and has no mail to read (E), and Dovecot with Postfix,
 * which send one (P).
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { ImapFlow } from 'imapflow'
import type { Protocol } from '../../../schema/mail-servers.ts'
import { type Api, createApi } from '../../journeys/api.ts'
import { alice, bob, carol } from '../../sandbox/personas.ts'
import type { World } from '../../sandbox/world.ts'
import { startConfiguredDemo } from '../configured-demo.ts'
import { configure, issueAccessToken, obtainGrant, saveAccount } from '../journey.ts'
import { olga, pavel } from '../people.ts'
import { startProduct } from '../product.ts'
import type { Use } from './recipe.ts'

export type Mailbox = {
  address: string
  /** ID of the email account whose token the program asks for. */
  id: string
}

export type Rig = {
  name: 'E' | 'P'
  api: Api
  /** Ports on 127.0.0.1. */
  ports: { api: number; imap: number; smtp: number }
  /** PEM of the CA of the mail servers. */
  ca: string
  /** Address to which the server lets everybody send. */
  recipient: string
  /** Signs a person in, who may send and, in world P, read three messages. */
  connect: () => Promise<Mailbox>
  /** Returns a mailbox whose server refuses this use. */
  connectRefused: (use: Use) => Promise<Mailbox>
  /** Makes the mail server refuse the token that the program has, and Mailgrant renew it at the next request. */
  endToken: (mailbox: Mailbox) => Promise<void>
  /** Makes the mail server refuse a token that Mailgrant still issues, and can replace. */
  rejectToken: (mailbox: Mailbox) => Promise<void>
  /** Makes the next refresh fail, so that a person has to sign in again. */
  endSignIn: (mailbox: Mailbox) => Promise<void>
  /** Returns the number of messages that the server has accepted for the recipient. */
  accepted: () => Promise<number>
  stop: () => Promise<void>
}

export type ExchangeRig = Rig & {
  world: World
  /** Signs a person in, who may send through Graph. */
  connectToGraph: () => Promise<Mailbox>
}

/** Text of each message in the inbox of world P. */
export const INBOX = ['Welcome to the sandbox', 'Grüße aus Köln', 'Invoice 4711']

/** Changes stored times, since the clock of the product, another process, cannot be moved. */
function setStoredTime(folder: string, column: 'access_token_expires_at' | 'issued_at'): void {
  const database = new DatabaseSync(join(folder, 'mailgrant.sqlite'), { timeout: 5000 })
  database.exec(`UPDATE grant_tokens SET ${column} = 0`)
  database.close()
}

/** Makes Mailgrant renew every token at the next request. */
const expireStoredTokens = (folder: string) => setStoredTime(folder, 'access_token_expires_at')

/** Lets Mailgrant replace a token that a server refused, which it does once a minute. */
const allowReplacement = (folder: string) => setStoredTime(folder, 'issued_at')

/** Returns the token that the program is given at the moment. */
export async function currentToken(api: Api, { id }: Mailbox): Promise<string> {
  const { access_token } = await api.expect(200, 'POST', `/v1/mail-accounts/${id}/access-token`, {})
  return String(access_token)
}

/** Starts the sandbox: XOAUTH2 only, and refusals without a challenge, as Exchange Online has them. */
export async function startExchangeRig(): Promise<ExchangeRig> {
  const { demo, api, admin } = await startConfiguredDemo('checker', 'third-party')
  const { world, ports } = demo

  async function connect(
    address: string,
    protocol: 'imap' | 'graph_send' = 'imap',
  ): Promise<Mailbox> {
    const protocols: Protocol[] = protocol === 'imap' ? ['imap', 'smtp'] : [protocol]
    const { state } = await admin.getAccessToken({ username: address, protocols }, address)
    const account = admin.account(protocol, admin.grantIdOf(state), { username: address })
    return { address, id: await admin.save(account) }
  }
  async function endAtServer(mailbox: Mailbox): Promise<void> {
    const issued = world.entra.checkToken(await currentToken(api, mailbox))
    if (issued) issued.expiresAt = 0
  }
  const recipient = 'bob@example.com'
  const delivered = () =>
    [world.smtp.starttls, world.smtp.tls].flatMap(({ messages }) =>
      messages.filter(({ to }) => to.includes(recipient)),
    )
  return {
    name: 'E',
    api,
    ports: { api: ports.api, imap: ports.imapTls, smtp: ports.smtpStarttls },
    ca: await readFile(world.caFile, 'utf8'),
    recipient,
    connect: () => connect(alice.username),
    world,
    connectToGraph: () => connect(carol.username, 'graph_send'),
    connectRefused: (use) => connect(use === 'read' ? bob.username : carol.username),
    async endToken(mailbox) {
      await endAtServer(mailbox)
      expireStoredTokens(demo.databaseFolder)
    },
    async rejectToken(mailbox) {
      await endAtServer(mailbox)
      allowReplacement(demo.databaseFolder)
    },
    async endSignIn({ address }) {
      world.entra.control.revoke(address)
      expireStoredTokens(demo.databaseFolder)
    },
    accepted: async () => delivered().length,
    stop: demo.stop,
  }
}

/** Starts Dovecot and Postfix: XOAUTH2 and OAUTHBEARER, and refusals with a challenge. */
export async function startPostfixRig(): Promise<Rig> {
  const product = await startProduct()
  const { oidc, servers, postfix, caFile } = product.world
  await configure(product)
  const ca = await readFile(caFile, 'utf8')
  const connect = async () => {
    const grant = await obtainGrant(product, olga)
    return { address: olga.username, id: await saveAccount(product, olga, servers.imapTls, grant) }
  }

  async function endAtServer({ id }: Mailbox): Promise<void> {
    await oidc.revoke((await issueAccessToken(product, id)).access_token)
  }

  const { access_token } = await issueAccessToken(product, (await connect()).id)
  const { host, port } = servers.imapTls
  const auth = { user: olga.username, accessToken: access_token }
  const inbox = new ImapFlow({ host, port, secure: true, tls: { ca }, auth, logger: false })
  await inbox.connect()
  for (const text of INBOX) {
    // RFC 2047.
    const subject = `=?UTF-8?B?${Buffer.from(text).toString('base64')}?=`
    const fields = [`From: ${pavel.username}`, `To: ${olga.username}`, `Subject: ${subject}`]
    await inbox.append('INBOX', `${fields.join('\r\n')}\r\n\r\n${text}\r\n`)
  }
  await inbox.logout()

  return {
    name: 'P',
    api: createApi(product.url, product.rootApiKey),
    ports: { api: Number(new URL(product.url).port), imap: port, smtp: servers.smtpStarttls.port },
    ca,
    recipient: pavel.username,
    connect,
    // Mailgrant does not know that the token has ended, and still issues it.
    async connectRefused() {
      const mailbox = await connect()
      await endAtServer(mailbox)
      return mailbox
    },
    async endToken(mailbox) {
      await endAtServer(mailbox)
      expireStoredTokens(product.state)
    },
    async rejectToken(mailbox) {
      await endAtServer(mailbox)
      allowReplacement(product.state)
    },
    async endSignIn() {
      for (const { kind, value } of oidc.issued)
        if (kind === 'refresh_token') await oidc.revoke(value)
      expireStoredTokens(product.state)
    },
    accepted: async () =>
      (await postfix.log())
        .split(`to=<${pavel.username}>`)
        .filter((rest) => /^[^\n]*status=sent/.test(rest)).length,
    stop: product.stop,
  }
}
