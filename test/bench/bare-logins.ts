/**
 * The baseline for the checker: a script that logs in with the same libraries, settings and steps and
 * does nothing else. AUTHENTICATE, EXAMINE INBOX, LOGOUT; EHLO, STARTTLS, EHLO, AUTH and the
 * token on its own line, QUIT. As in the checker, a login is done when the goodbye is sent, not when its reply arrives.
 */
import { ImapFlow } from 'imapflow'
import library from 'imapflow/lib/imap-commands.js'
import SMTPConnection from 'nodemailer/lib/smtp-connection'
import { customAuth, TWO_LINE_METHOD } from '../interop/two-line-login.ts'
import { runTasks } from './blocks.ts'
import type { Order } from './logins.ts'
import type { Servers } from './servers.ts'

const skip = async () => undefined

/**
 * Removes the commands that imapflow adds by default: ID, NAMESPACE, a second CAPABILITY, LIST and LSUB
 * before EXAMINE, and OAUTHBEARER where offered. The checker omits them, so its baseline must too.
 */
function trim(client: ImapFlow): void {
  const commands = new Map(library)
  commands.set('ID', skip).set('NAMESPACE', skip)
  const capability = library.get('CAPABILITY') ?? skip
  commands.set('CAPABILITY', (client, ...rest) =>
    client.authenticated ? skip() : capability(client, ...rest),
  )
  const authenticate = library.get('AUTHENTICATE') ?? skip
  commands.set('AUTHENTICATE', (client, ...rest) => {
    client.capabilities.delete('AUTH=OAUTHBEARER')
    return authenticate(client, ...rest)
  })
  Object.assign(client, {
    commands,
    folders: new Map([['INBOX', { path: 'INBOX', delimiter: '/' }]]),
  })
}

async function loginOverImap(servers: Servers, plain: boolean): Promise<void> {
  const { imap, username, accessToken } = servers
  const client = new ImapFlow({
    host: imap.host,
    port: imap.port,
    secure: true,
    auth: { user: username, accessToken },
    logger: false,
    disableAutoIdle: true,
    disableAutoEnable: true,
    disableCompression: true,
  })
  client.on('error', () => {})
  if (!plain) trim(client)
  await client.connect()
  await client.mailboxOpen('INBOX', { readOnly: true })
  client.logout().catch(() => {})
}

function loginOverSmtp({ smtp, username, accessToken }: Servers): Promise<void> {
  const connection = new SMTPConnection({
    host: smtp.host,
    port: smtp.port,
    secure: false,
    requireTLS: true,
    logger: false,
    customAuth,
  })
  return new Promise((resolve, reject) => {
    connection.once('error', reject)
    connection.connect((error) => {
      if (error) return reject(error)
      connection.login(
        { method: TWO_LINE_METHOD, user: username, pass: accessToken },
        (refused) => {
          if (refused) return reject(refused)
          connection.quit()
          resolve()
        },
      )
    })
  })
}

process.on('message', async (message) => {
  if (message === 'memory' || message === 'cpu') return
  const { servers, count, parallel, protocols } = message as Order
  const login = {
    both: () => Promise.all([loginOverImap(servers, false), loginOverSmtp(servers)]),
    'both, plain': () => Promise.all([loginOverImap(servers, true), loginOverSmtp(servers)]),
    imap: () => loginOverImap(servers, false),
    smtp: () => loginOverSmtp(servers),
  }[protocols]
  process.send?.(await runTasks(count, parallel, login))
})

process.send?.('ready')
