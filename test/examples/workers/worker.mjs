/**
 * Prints the subjects in the inbox of an email account, with the npm package `imapflow`. With a number of seconds as
 * its argument, it does so again and again.
 * Run with MAILGRANT_URL, MAILGRANT_KEY (an API key with the scope "tokens") and MAILGRANT_ACCOUNT (ma_...).
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { ImapFlow } from 'imapflow'

const { MAILGRANT_URL, MAILGRANT_KEY, MAILGRANT_ACCOUNT } = process.env

/** Returns a token with its server. Throws with the reason if a person has to act first. */
async function fetchToken(rejectedExpiresAt) {
  for (;;) {
    const response = await fetch(
      `${MAILGRANT_URL}/v1/mail-accounts/${MAILGRANT_ACCOUNT}/access-token`,
      {
        method: 'POST',
        headers: { authorization: `Bearer ${MAILGRANT_KEY}`, 'content-type': 'application/json' },
        body: JSON.stringify({ rejected_expires_at: rejectedExpiresAt }),
        signal: AbortSignal.timeout(60_000),
      },
    )
    const body = await response.json()
    // Mailgrant has another token from five minutes before the end of this one.
    if (response.ok) return { ...body, keepUntil: Date.now() + (body.expires_in - 300) * 1000 }
    if (![429, 503].includes(response.status)) throw new Error(`${body.title}: ${body.detail}`)
    // Microsoft is down or throttles: the header says when to ask again.
    await sleep(Number(response.headers.get('retry-after')) * 1000)
  }
}

async function connect({ host, port, security, username, access_token }) {
  const imap = new ImapFlow({
    host,
    port,
    secure: security === 'tls',
    auth: { user: username, accessToken: access_token },
    logger: false,
  })
  await imap.connect()
  return imap
}

/** The current access token, kept in memory only. */
let token

async function logIn() {
  if (token === undefined || Date.now() >= token.keepUntil) token = await fetchToken()
  try {
    return await connect(token)
  } catch (error) {
    if (!error.authenticationFailed) throw error
    // The server refused the token before its time. Report that, and try once with another.
    const refused = token
    token = await fetchToken(refused.expires_at)
    if (token.access_token === refused.access_token) throw error
    return connect(token)
  }
}

async function printSubjects() {
  const imap = await logIn()
  await imap.mailboxOpen('INBOX', { readOnly: true })
  for await (const { envelope } of imap.fetch('1:*', { envelope: true })) {
    console.log(envelope.subject)
  }
  await imap.logout()
}

const seconds = process.argv[2]
await printSubjects()
while (seconds !== undefined) {
  await sleep(Number(seconds) * 1000)
  await printSubjects()
}
