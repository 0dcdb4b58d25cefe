/**
 * A machine for mail programs, as a recipe expects it: Mailgrant's script and key, the servers under their
 * real names and ports, and certificates of a trusted CA. Files mounted over those of the system, in a
 * namespace of its own, achieve that, so that no recipe is changed for the test. No other name resolves.
 */
import { spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { chmod, chown, copyFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { dirname, join } from 'node:path'
import { createServer as createTlsServer } from 'node:tls'
import { stripVTControlCharacters } from 'node:util'
import { createAuthority } from '../../sandbox/mail/certificates.ts'
import { createTemporaryFolder, registerProcess, unregisterProcess } from '../cleanup.ts'
import { run } from '../programs.ts'
import type { Recipe } from './recipe.ts'
import type { Mailbox, Rig } from './rig.ts'

const API_HOST = 'mail.example.com'
const MAIL_HOSTS = ['outlook.office365.com', 'smtp.office365.com']
const script = new URL('../../examples/mailgrant-token', import.meta.url)

/** User and group `nobody`: some programs refuse to run as root. */
const USER_ID = 65_534

export const TIME_LIMIT_SECONDS = 30
/** Exit code of `timeout` at the limit. */
const TIMED_OUT = 124

export type Outcome = {
  /** Standard output and standard error, as they came. */
  output: string
  /** Null at the time limit. */
  exitCode: number | null
}

export type Home = {
  /** Replaces the example values of a recipe. */
  fill: (text: string) => string
  /** Runs lines of a shell in the home folder. */
  run: (script: string) => Promise<Outcome>
  /** Returns the contents of all files but Mailgrant's. */
  files: () => Promise<string>
}

export type Machine = {
  /** Creates a home folder with the files of the recipe, for the owner of the mailbox. */
  createHome: (recipe: Recipe, mailbox: Mailbox) => Promise<Home>
  stop: () => Promise<void>
}

/** Mounts the files of the folder `$0` over those of the system, and runs the command without rights. */
const WITH_MOUNTS = `
mount --bind "$0/hosts" /etc/hosts &&
mount --bind "$0/nsswitch.conf" /etc/nsswitch.conf &&
mount --bind "$0/certs" /etc/ssl/certs &&
exec setpriv --reuid=${USER_ID} --regid=${USER_ID} --clear-groups "$@"`

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
  const stops = [remove]
  const stop = async () => {
    for (const each of stops.splice(0).reverse()) await each()
  }
  try {
    // Its own address, on which the ports of real servers are free.
    const address = ['127', randomInt(1, 255), randomInt(255), randomInt(1, 255)].join('.')
    const authority = await createAuthority('Mailgrant front CA')
    const front = createTlsServer(await authority.issue([API_HOST]), forwardTo(rig.ports.api))
    stops.push(await listen(front, address, 443))
    stops.push(await listen(createServer(forwardTo(rig.ports.imap)), address, 993))
    stops.push(await listen(createServer(forwardTo(rig.ports.smtp)), address, 587))

    const certs = join(folder, 'certs')
    await mkdir(certs)
    const hosts = [`127.0.0.1 localhost`, [address, API_HOST, ...MAIL_HOSTS].join(' '), ''].join(
      '\n',
    )
    await writeFile(join(folder, 'hosts'), hosts)
    await writeFile(join(folder, 'nsswitch.conf'), 'passwd: files\ngroup: files\nhosts: files\n')
    await writeFile(join(certs, 'mail.pem'), rig.ca)
    await writeFile(join(certs, 'front.pem'), authority.ca)
    // OpenSSL also finds certificates by the hashes of their names.
    await run('/usr/bin/openssl', ['rehash', certs])
    await writeFile(join(certs, 'ca-certificates.crt'), `${rig.ca}\n${authority.ca}`)
    return { createHome: (recipe, mailbox) => createHome(rig, folder, recipe, mailbox), stop }
  } catch (error) {
    await stop()
    throw error
  }
}

async function createHome(
  rig: Rig,
  system: string,
  recipe: Recipe,
  mailbox: Mailbox,
): Promise<Home> {
  const { id, address } = mailbox
  const home = join(system, `${recipe.name}-${id}-${address}`)
  const fill = (text: string) =>
    text
      .replaceAll('alice@contoso.com', address)
      .replaceAll('alice%40contoso.com', encodeURIComponent(address))
      .replaceAll('bob@example.com', rig.recipient)
      .replaceAll('ma_...', id)
  const write = async (path: string, text: string) => {
    const file = path.replace(/^~/, home)
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, text, { mode: 0o600 })
  }
  const created = await rig.api.expect(201, 'POST', '/v1/api-keys', {
    name: recipe.name,
    scopes: ['tokens'],
    mail_accounts: [id],
  })
  await write('~/.config/mailgrant/key', `Authorization: Bearer ${created.key}\n`)
  for (const [path, text] of recipe.files) await write(path, fill(text))
  const bin = join(home, '.local/bin')
  await mkdir(bin, { recursive: true })
  await copyFile(script, join(bin, 'mailgrant-token'))
  await chmod(join(bin, 'mailgrant-token'), 0o755)

  for (const path of ['.', ...(await readdir(home, { recursive: true }))]) {
    await chown(join(home, path), USER_ID, USER_ID)
  }

  const environment = {
    HOME: home,
    PATH: `${bin}:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin`,
    USER: 'nobody',
    LANG: 'C.UTF-8',
    TERM: 'xterm',
  }
  return {
    fill,
    async run(lines) {
      const command = ['sh', '-c', fill(lines)]
      return runWithMounts(system, home, environment, command, recipe.needsTerminal)
    },
    async files() {
      const entries = await readdir(home, { recursive: true, withFileTypes: true })
      const paths = entries
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name))
      const texts = paths
        .filter((path) => !path.startsWith(join(home, '.config/mailgrant')))
        .map((path) => readFile(path, 'utf8'))
      return (await Promise.all(texts)).join('\n')
    },
  }
}

/** Quotes a word for a shell. */
const quote = (word: string) => `'${word.replaceAll("'", `'\\''`)}'`

function runWithMounts(
  system: string,
  cwd: string,
  env: Record<string, string>,
  command: readonly string[],
  inTerminal: boolean,
): Promise<Outcome> {
  const limit = ['timeout', '--kill-after=1', String(TIME_LIMIT_SECONDS)]
  // A new terminal has no size, and some programs do not start in it.
  const line = `stty rows 40 columns 120; exec ${command.map(quote).join(' ')}`
  const started = inTerminal
    ? ['script', '--quiet', '--return', '--command', line, '/dev/null']
    : command
  const args = ['--mount', 'sh', '-c', WITH_MOUNTS, system, ...limit, ...started]
  // A group of its own, so that nothing that the program has started outlives it.
  const child = spawn('/usr/bin/unshare', args, {
    cwd,
    env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const { pid } = child
  if (pid === undefined) throw new Error('unshare could not be started')
  registerProcess(-pid)
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
  }
  return new Promise((resolve) => {
    child.once('close', (code) => {
      unregisterProcess(-pid)
      const exitCode = code === TIMED_OUT ? null : code
      resolve({ output: stripVTControlCharacters(output).replaceAll('\r', ''), exitCode })
    })
  })
}
