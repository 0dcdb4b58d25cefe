/** The backend of the guide that sends links, as it is written there, and the mail server that takes its mail. */
import { createServer } from 'node:net'
import { expect } from 'vitest'
import type { ConfiguredDemo } from '../configured-demo.ts'
import { freePorts, until } from '../ports.ts'
import { start } from '../programs.ts'
import { codeOf, createWorkshop } from './programs.ts'

const replies: Record<string, number> = { DATA: 354, QUIT: 221 }

/** Accepts mail and keeps it. */
async function startMailServer(port: number) {
  const messages: string[] = []
  const server = createServer((socket) => {
    let message: string | null = null
    socket.write('220 ready\r\n')
    socket.on('data', (bytes) => {
      if (message === null) {
        const command = String(bytes).slice(0, 4).toUpperCase()
        if (command === 'DATA') message = ''
        socket.write(`${replies[command] ?? 250} OK\r\n`)
      } else {
        message += bytes
        if (!message.endsWith('\r\n.\r\n')) return
        messages.push(message)
        message = null
        socket.write('250 OK\r\n')
      }
    })
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  return { messages, stop: () => void server.close() }
}

export type Desk = Awaited<ReturnType<typeof startDesk>>

/** Starts the backend with this API key, and with a webhook about all customers. */
export async function startDesk({ demo, api }: Pick<ConfiguredDemo, 'demo' | 'api'>, key: string) {
  await using parts = new AsyncDisposableStack()
  const workshop = await createWorkshop()
  parts.defer(workshop.remove)
  const [port = 0, smtp = 0] = await freePorts(2)
  const mail = await startMailServer(smtp)
  parts.defer(mail.stop)
  const url = `http://127.0.0.1:${port}`
  const at = (port: number) => ({ host: 'localhost', port, security: 'tls' })
  const servers = { imap: at(demo.ports.imapTls), smtp: at(demo.ports.smtpTls) }
  const code = (await codeOf('send-a-link', 'python'))
    .replace('https://mail.example.com', demo.urls.api)
    .replace('8080', String(port))
    .replace("'localhost', 25", `'127.0.0.1', ${smtp}`)
    .replace(
      "'protocol': protocol,",
      `'protocol': protocol, **${JSON.stringify(servers)}[protocol],`,
    )
  const { secret } = await api.expect(201, 'POST', '/v1/webhooks', {
    url: `${url}/hooks/mailgrant`,
    events: ['authorization.completed', 'authorization.failed'],
  })
  const { program, file, env } = await workshop.prepare('python', code)
  const keys = { MAILGRANT_KEY: key, MAILGRANT_WEBHOOK_SECRET: String(secret) }
  const backend = start(program, [file], { cwd: env.HOME, env: { ...env, ...keys } })
  parts.defer(backend.stop)
  const post = async (path: string, body: object) =>
    (await fetch(url + path, { method: 'POST', body: JSON.stringify(body) })).status
  const responses = () =>
    post('/hooks/mailgrant', {}).then(
      (status) => status === 401,
      () => false,
    )
  await until(responses, () => `the backend does not respond: ${backend.output()}`)
  const started = parts.move()

  /** Has it send a link for the mailbox. Returns the status. */
  const ask = (inbox: string, mailbox: string) => post('/connect', { inbox, mailbox })

  return {
    ask,
    stop: () => started.disposeAsync(),

    /** Has it send a link for the mailbox. Returns the URL in the mail. */
    async sentLink(inbox: string, mailbox: string): Promise<string> {
      const before = mail.messages.length
      expect(await ask(inbox, mailbox), backend.output()).toBe(202)
      const [message = ''] = mail.messages.slice(before)
      expect(message).toContain(`To: ${mailbox}`)
      return /http\S+/.exec(message.replaceAll('=\r\n', '').replaceAll('=3D', '='))?.[0] ?? ''
    },

    /** Waits until the backend has printed these words, so many times. */
    said: (words: string, times = 1) =>
      until(
        () => backend.output().split(words).length > times,
        () => `the backend does not say "${words}": ${backend.output()}`,
      ),
  }
}
