/**
 * A machine for mail programs, as a recipe expects it: Mailgrant's script and key, the servers under their
 * real names and ports, and certificates of a trusted CA. Files mounted over those of the system, in a
 * namespace of its own, achieve that, so that no recipe is changed for the test. No other name resolves.
 */
import { randomInt } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { dirname, join } from 'node:path'
import { createServer as createTlsServer } from 'node:tls'
import { createAuthority } from '../../sandbox/mail/certificates.ts'
import { createTemporaryFolder } from '../cleanup.ts'
import { run } from '../programs.ts'
import type { IsDone, Outcome } from './namespace.ts'
import type { Recipe } from './recipe.ts'
import type { Mailbox, Rig } from './rig.ts'
import { createSystem } from './system.ts'
import { createUserHome } from './user-home.ts'

const API_HOST = 'mail.example.com'
const MAIL_HOSTS = ['outlook.office365.com', 'smtp.office365.com']
const SCRIPT = new URL('../../examples/mailgrant-token', import.meta.url)

const KEYTOOL = '/usr/bin/keytool'

export type Home = {
  /** Replaces the example values of a recipe. */
  fill: (text: string) => string
  /** Runs lines of a shell in the home folder, until they end or the program is done. */
  run: (script: string, isDone?: IsDone) => Promise<Outcome>
  /** Returns the contents of all files but Mailgrant's. */
  files: () => Promise<string>
}

export type Machine = {
  /** Creates a home folder with the files of the recipe, for the owner of the mailbox. */
  createHome: (recipe: Recipe, mailbox: Mailbox) => Promise<Home>
  stop: () => Promise<void>
}

function listen(server: Server, address: string, port: number): Promise<() => Promise<void>> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket) => sockets.add(socket))
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, address, () =>
      resolve(
        () =>
          new Promise((closed) => {
            server.close(() => closed())
            for (const socket of sockets) socket.destroy()
          }),
      ),
    )
  })
}

/** Passes a connection on to a port of 127.0.0.1. */
const forwardTo = (port: number) => (socket: Socket) => {
  const target = connect(port, '127.0.0.1')
  for (const each of [socket, target]) each.on('error', () => {})
  socket.on('close', () => target.destroy())
  target.on('close', () => socket.destroy())
  socket.pipe(target).pipe(socket)
}

export async function createMachine(rig: Rig): Promise<Machine> {
  const { path: folder, remove } = await createTemporaryFolder()
  await using parts = new AsyncDisposableStack()
  parts.defer(remove)
  // Each machine has its own loopback address, on which the ports of real servers are free.
  const address = ['127', randomInt(1, 255), randomInt(255), randomInt(1, 255)].join('.')
  const authority = await createAuthority('Mailgrant front CA')
  const front = createTlsServer(await authority.issue([API_HOST]), forwardTo(rig.ports.api))
  parts.defer(await listen(front, address, 443))
  parts.defer(await listen(createServer(forwardTo(rig.ports.imap)), address, 993))
  parts.defer(await listen(createServer(forwardTo(rig.ports.smtp)), address, 587))

  const certs = join(folder, 'certs')
  await mkdir(certs)
  const hosts = [`127.0.0.1 localhost`, [address, API_HOST, ...MAIL_HOSTS].join(' '), ''].join('\n')
  await writeFile(join(folder, 'hosts'), hosts)
  await writeFile(join(folder, 'nsswitch.conf'), 'passwd: files\ngroup: files\nhosts: files\n')
  await writeFile(join(certs, 'mail.pem'), rig.ca)
  await writeFile(join(certs, 'front.pem'), authority.ca)
  // OpenSSL also finds certificates by the hashes of their names.
  await run('/usr/bin/openssl', ['rehash', certs])
  await writeFile(join(certs, 'ca-certificates.crt'), `${rig.ca}\n${authority.ca}`)
  if (existsSync(KEYTOOL)) await createJavaTrustStore(certs, ['mail.pem', 'front.pem'])
  const started = parts.move()
  return {
    createHome: (recipe, mailbox) => createHome(rig, folder, recipe, mailbox),
    stop: () => started.disposeAsync(),
  }
}

/** Creates the file in which Debian's Java looks for trusted certificates. */
async function createJavaTrustStore(certs: string, files: readonly string[]): Promise<void> {
  const store = join(certs, 'java/cacerts')
  await mkdir(dirname(store))
  for (const file of files) {
    const entry = ['-alias', file, '-file', join(certs, file)]
    const options = ['-noprompt', '-storetype', 'JKS', '-keystore', store, '-storepass', 'changeit']
    await run(KEYTOOL, ['-importcert', ...entry, ...options])
  }
}

/** Creates a key for the account, and a place with the files of the recipe where its commands can run. */
async function createHome(
  rig: Rig,
  machine: string,
  recipe: Recipe,
  { id, address }: Mailbox,
): Promise<Home> {
  const fill = (text: string) =>
    text
      .replaceAll('alice@contoso.com', address)
      .replaceAll('alice%40contoso.com', encodeURIComponent(address))
      .replaceAll('bob@example.com', rig.recipient)
      .replaceAll('ma_...', id)
  const created = await rig.api.expect(201, 'POST', '/v1/api-keys', {
    name: recipe.name,
    scopes: ['tokens'],
    mail_accounts: [id],
  })
  const folder = join(machine, `${recipe.name}-${id}-${address}`)
  await mkdir(folder)
  const content = {
    folder,
    keyFile: `Authorization: Bearer ${created.key}\n`,
    script: SCRIPT,
    files: new Map([...recipe.files].map(([path, text]) => [path, fill(text)])),
  }
  const { run, files }: Pick<Home, 'run' | 'files'> = recipe.needsRoot
    ? await createSystem(machine, recipe.name, content)
    : await createUserHome(machine, recipe.needsTerminal, content)
  return { fill, run: (lines, isDone) => run(fill(lines), isDone), files }
}
