/**
 * `npm run check-mailbox`: logs in to one mailbox from the command line and prints each step as it ends. The credential
 * comes from standard input, since every user of a machine can read arguments.
 */
import { text } from 'node:stream/consumers'
import { parseArgs } from 'node:util'
import { z } from 'zod'
import { type Cloud, MailProtocol, microsoftMailServers } from '../schema/mail-servers.ts'
import { ProbeRequest, type Step } from '../schema/probe.ts'
import { createChecker } from './create-checker.ts'
import { readCommandSettings } from './env.ts'

const USAGE = `Usage: npm run -s check-mailbox -- imap|smtp ADDRESS --token-stdin|--password-stdin
         [--host HOST] [--port PORT] [--security tls|starttls] [--send-to ADDRESS]
Without a clone: mailgrant check-mailbox, with the same arguments.

Logs in with the access token or password on standard input and prints what happened. The server is
Microsoft's unless you name another one. A token is sent only to Microsoft's servers and to those in
EXTRA_OAUTH_MAIL_HOSTS (imap:HOST:PORT:tls,...); ALLOW_PRIVATE_HOSTS=true allows private addresses.
With --send-to, smtp also sends one test message from the mailbox to that address: a login can work where
sending is refused.

Exit code: 0 it works, 1 it was refused, 75 it could not be tried or the result is unknown, 64 wrong usage.
`

/** Exit codes; the last two as in sysexits.h. */
const EXIT = { passed: 0, failed: 1, usage: 64, inconclusive: 75 } as const

class UsageError extends Error {}

const options = {
  host: { type: 'string' },
  port: { type: 'string' },
  security: { type: 'string' },
  'send-to': { type: 'string' },
  'token-stdin': { type: 'boolean' },
  'password-stdin': { type: 'boolean' },
  help: { type: 'boolean' },
} as const

/** Reads the arguments. Throws UsageError. */
function readArguments(args: string[]) {
  try {
    const { values, positionals } = parseArgs({ args, options, allowPositionals: true })
    return { values, positionals }
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}

type Arguments = ReturnType<typeof readArguments>

/** Builds the request for a credential. Throws UsageError. */
function toRequest({ values, positionals }: Arguments, credential: string): ProbeRequest {
  const protocol = MailProtocol.safeParse(positionals[0])
  if (!protocol.success || positionals.length !== 2) {
    throw new UsageError('Enter the protocol, imap or smtp, and one address.')
  }
  const [server] = microsoftMailServers.global[protocol.data]
  const { host = server.host, port = server.port, security = server.security } = values
  const to = values['send-to']
  const request = ProbeRequest.safeParse({
    protocol: protocol.data,
    host,
    port: Number(port),
    security,
    identity: positionals[1],
    credential: values['token-stdin']
      ? { type: 'oauth', access_token: credential, cloud: cloudOf(host, protocol.data) }
      : { type: 'password', password: credential },
    ...(to !== undefined && { message: { from: positionals[1], to } }),
  })
  if (request.success) return request.data
  throw new UsageError(z.prettifyError(request.error))
}

/** Returns the cloud of this server, by default the global one. */
function cloudOf(host: string, protocol: MailProtocol): Cloud {
  const clouds = Object.keys(microsoftMailServers) as Cloud[]
  const hosts = (cloud: Cloud) => microsoftMailServers[cloud][protocol].map((each) => each.host)
  return clouds.find((cloud) => hosts(cloud).includes(host.toLowerCase())) ?? 'global'
}

const print = (line: string) => process.stdout.write(`${line}\n`)

const printStep = ({ name, outcome, duration_ms, detail }: Step) =>
  print(`  ${name.padEnd(12)}  ${outcome.padEnd(12)} ${duration_ms} ms  ${detail ?? ''}`.trimEnd())

async function main(): Promise<number> {
  const given = readArguments(process.argv.slice(2))
  if (given.values.help) {
    process.stdout.write(USAGE)
    return EXIT.passed
  }
  if (Boolean(given.values['token-stdin']) === Boolean(given.values['password-stdin'])) {
    throw new UsageError('Use --token-stdin or --password-stdin.')
  }
  const environment = readCommandSettings()
  if (!environment.ok) throw new UsageError(environment.problems.join('\n'))
  const { settings } = environment
  const request = toRequest(given, (await text(process.stdin)).replace(/\r?\n$/, ''))
  const { probe } = createChecker({
    extraServers: settings.EXTRA_OAUTH_MAIL_HOSTS,
    allowPrivateHosts: settings.ALLOW_PRIVATE_HOSTS,
  })
  const { protocol, identity, host, port, security } = request
  print(`${protocol} login of ${identity} at ${host}, port ${port}, ${security}`)
  const report = await probe(request, new AbortController().signal, (step) => {
    if (step.outcome !== 'skipped') printStep(step)
  })
  print(report.outcome)
  return EXIT[report.outcome]
}

try {
  process.exitCode = await main()
} catch (error) {
  if (!(error instanceof UsageError)) throw error
  console.error(`${error.message}\n\n${USAGE}`)
  process.exitCode = EXIT.usage
}
