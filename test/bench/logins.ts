/** The two ways to log in: through the checker, called as the Worker calls it, and with the bare script. */
import { randomBytes } from 'node:crypto'
import { buildChecker } from '../../api/build.ts'
import { clientOf } from '../interop/checker-process.ts'
import { freePorts, untilListening } from '../interop/ports.ts'
import { type Run, runTasks } from './blocks.ts'
import { type Memory, startChild } from './child.ts'
import type { Server, Servers } from './servers.ts'

export type Protocols = 'both' | 'both, plain' | 'imap' | 'smtp'

/** A request for `count` logins, or pairs of them, `parallel` at once. */
export type Order = { servers: Servers; protocols: Protocols; count: number; parallel: number }

/** Highest permitted TLS version. */
export type Tls = '1.2' | '1.3'

export type Logins = {
  run: (protocols: Protocols, count: number, parallel: number) => Promise<Run>
  memory: () => Promise<Memory>
  /** Returns the CPU time of the process so far, in milliseconds. */
  cpu: () => Promise<number>
  stop: () => Promise<void>
}

/** Flags of Node, the same for both ways. */
const flags = (tls: Tls) => ['--expose-gc', ...(tls === '1.2' ? ['--tls-max-v1.2'] : [])]

/** Starts the checker as it is deployed, plus the hook that reports its memory. */
export async function startChecker(servers: Servers, tls: Tls): Promise<Logins & Address> {
  const [port = 0] = await freePorts(1)
  const key = `bench:${randomBytes(32).toString('base64')}`
  await buildChecker()
  const child = startChild('../../dist/checker.js', {
    flags: flags(tls),
    env: {
      PORT: String(port),
      CHECKER_KEY: key,
      DRAIN_SECONDS: '0',
      EXTRA_OAUTH_MAIL_HOSTS: servers.extraMailHosts,
      ALLOW_PRIVATE_HOSTS: 'true',
      NODE_EXTRA_CA_CERTS: servers.caFile,
    },
  })
  await untilListening([port], () => 'The checker does not listen.')
  const url = `http://127.0.0.1:${port}`
  const client = clientOf(url, key)

  async function validate(server: Server): Promise<void> {
    const { username: identity, accessToken: access_token } = servers
    const credential = { type: 'oauth' as const, access_token, cloud: 'global' as const }
    const response = await client.probe({ ...server, identity, credential })
    if (!response.ok || response.value.outcome !== 'passed') {
      throw new Error(`a validation did not pass: ${JSON.stringify(response)}`)
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
    run: (protocols, count, parallel) => runTasks(count, parallel, tasks[protocols]),
    memory: async () => (await child.request('memory')) as Memory,
    cpu: async () => (await child.request('cpu')) as number,
    stop: child.stop,
  }
}

export type Address = { url: string; key: string }

export async function startBareLogins(servers: Servers, tls: Tls): Promise<Logins> {
  const child = startChild('bare-logins.ts', {
    flags: flags(tls),
    env: { NODE_EXTRA_CA_CERTS: servers.caFile },
  })
  await child.firstMessage
  return {
    async run(protocols, count, parallel) {
      const order: Order = { servers, protocols, count, parallel }
      return (await child.request(order)) as Run
    },
    memory: async () => (await child.request('memory')) as Memory,
    cpu: async () => (await child.request('cpu')) as number,
    stop: child.stop,
  }
}
