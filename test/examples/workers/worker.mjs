/**
 * Prints the subjects in the inbox of an email account, with the npm package `imapflow`.
 * Run with MAILGRANT_URL, MAILGRANT_KEY (an API key with the scope "tokens") and MAILGRANT_ACCOUNT (ma_...).
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { ImapFlow } from 'imapflow'

const { MAILGRANT_URL, MAILGRANT_KEY, MAILGRANT_ACCOUNT } = process.env

/** Returns a token with its server. Throws with the reason if somebody has to act first. */
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
    if (response.ok) return body
    if (![429, 503].includes(response.status)) throw new Error(`${body.title}: ${body.detail}`)
    // Microsoft is down or throttles: the header says when to ask again.
    await sleep(Number(response.headers.get('retry-after')) * 1000)
  }
}

async function logIn({ host, port, security, username, access_token }) {
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

const token = await fetchToken()
const imap = await logIn(token).catch(async (error) => {
  if (!error.authenticationFailed) throw error
  // The server refused the token before its time. Report that, and try once with another.
  const other = await fetchToken(token.expires_at)
  if (!other.refreshed) throw error
  return logIn(other)
})

await imap.mailboxOpen('INBOX', { readOnly: true })
for await (const { envelope } of imap.fetch('1:*', { envelope: true })) {
  console.log(envelope.subject)
}
await imap.logout()
