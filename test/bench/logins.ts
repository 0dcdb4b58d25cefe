/** The two that log in: the checker, asked as the Worker asks it, and the bare script. */
import { randomBytes } from 'node:crypto'
import { createCheckerClient } from '../../api/checker-client.ts'
import { KeyRingSetting } from '../../schema/settings.ts'
import { freePorts, untilListening } from '../interop/ports.ts'
import { pace, type Run } from './blocks.ts'
import { startChild } from './child.ts'
import type { Memory } from './child-hook.ts'
import type { Server, Servers } from './servers.ts'

export type What = 'both' | 'both, plain' | 'imap' | 'smtp'

/** So many logins, or pairs of them, so many at once. */
export type Order = { servers: Servers; what: What; count: number; parallel: number }

/** The newest version of TLS that may be spoken. */
export type Tls = '1.2' | '1.3'

export type Logins = {
  run: (what: What, count: number, parallel: number) => Promise<Run>
  memory: () => Promise<Memory>
  stop: () => Promise<void>
}

/** Flags of Node, the same for both. */
const flags = (tls: Tls) => ['--expose-gc', ...(tls === '1.2' ? ['--tls-max-v1.2'] : [])]

/** As it is deployed, but for the hook that tells its memory. */
export async function startChecker(servers: Servers, tls: Tls): Promise<Logins & Address> {
  const [port = 0] = await freePorts(1)
  const key = `bench:${randomBytes(32).toString('base64')}`
  const child = startChild('../../checker/main.ts', {
    flags: flags(tls),
    env: {
      PORT: String(port),
      CHECKER_KEY: key,
      EXTRA_OAUTH_MAIL_HOSTS: servers.extraMailHosts,
      ALLOW_PRIVATE_HOSTS: 'true',
      NODE_EXTRA_CA_CERTS: servers.caFile,
    },
  })
  await untilListening([port], () => 'The checker does not listen.')
  const url = `http://127.0.0.1:${port}`
  const client = createCheckerClient({
    fetch,
    url,
    ring: KeyRingSetting.parse(key),
    now: () => new Date(),
    random: (n) => crypto.getRandomValues(new Uint8Array(n)),
  })

  async function validate(server: Server): Promise<void> {
    const { username: identity, accessToken: access_token } = servers
    const credential = { type: 'oauth' as const, access_token, cloud: 'global' as const }
    const answer = await client.probe({ ...server, identity, credential })
    if (!answer.ok || answer.value.outcome !== 'passed') {
      throw new Error(`a validation did not pass: ${JSON.stringify(answer)}`)
    }
  }
  const both = () => Promise.all([validate(servers.imap), validate(servers.smtp)])
  const tasks = {
    both,
    'both, plain': both,
    imap: () => validate(servers.imap),
    smtp: () => validate(servers.smtp),
  }
  return {
    url,
    key,
    run: (what, count, parallel) => pace(count, parallel, tasks[what]),
    memory: async () => (await child.ask('memory')) as Memory,
    stop: child.stop,
  }
}

export type Address = { url: string; key: string }

export async function startBareLogins(servers: Servers, tls: Tls): Promise<Logins> {
  const child = startChild('bare-logins.ts', {
    flags: flags(tls),
    env: { NODE_EXTRA_CA_CERTS: servers.caFile },
  })
  await child.first
  return {
    async run(what, count, parallel) {
      const order: Order = { servers, what, count, parallel }
      return (await child.ask(order)) as Run
    },
    memory: async () => (await child.ask('memory')) as Memory,
    stop: child.stop,
  }
}
