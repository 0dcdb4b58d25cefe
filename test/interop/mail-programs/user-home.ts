/** Runs recipes of programs that a person uses: without rights, in a home folder with the recipe's files. */
import { spawnSync } from 'node:child_process'
import { chownSync, mkdirSync, rmSync } from 'node:fs'
import { chmod, chown, copyFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  type IsDone,
  type Outcome,
  type RecipeContent,
  runInNamespace,
  TIME_LIMIT,
} from './namespace.ts'

/** User and group `nobody`: some programs refuse to run as root. */
const USER_ID = 65_534

const NODE_MODULES = fileURLToPath(new URL('../../../node_modules', import.meta.url))
const GO_CACHE = join(tmpdir(), 'mailgrant-interop-go')

/** Lets Go find the libraries of Debian's packages, which are not Go modules. */
export const GO_ENVIRONMENT = { GO111MODULE: 'off', GOPATH: '/usr/share/gocode', GOCACHE: GO_CACHE }

/** Mounts the files of the folder `$0` over those of the system, and runs the command without rights. */
const WITH_MOUNTS = `
mount --bind "$0/hosts" /etc/hosts &&
mount --bind "$0/nsswitch.conf" /etc/nsswitch.conf &&
mount --bind "$0/certs" /etc/ssl/certs &&
mount --bind '${NODE_MODULES}' node_modules &&
exec setpriv --reuid=${USER_ID} --regid=${USER_ID} --clear-groups "$@"`

/** `machine`: folder with the files that replace those of the system. */
export async function createUserHome(
  machine: string,
  needsTerminal: boolean,
  { folder: home, keyFile, script, files }: RecipeContent,
) {
  const write = async (path: string, text: string) => {
    const file = path.replace(/^~/, home)
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, text, { mode: 0o600 })
  }
  await write('~/.config/mailgrant/key', keyFile)
  for (const [path, text] of files) await write(path, text)
  const bin = join(home, '.local/bin')
  await mkdir(bin, { recursive: true })
  await copyFile(script, join(bin, 'mailgrant-token'))
  await chmod(join(bin, 'mailgrant-token'), 0o755)
  await mkdir(join(home, 'node_modules'))
  for (const path of ['.', ...(await readdir(home, { recursive: true }))]) {
    await chown(join(home, path), USER_ID, USER_ID)
  }

  const env = {
    HOME: home,
    PATH: `${bin}:${home}/node_modules/.bin:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin`,
    USER: 'nobody',
    LANG: 'C.UTF-8',
    TERM: 'xterm',
    // Node does not trust the certificates of the system.
    NODE_EXTRA_CA_CERTS: '/etc/ssl/certs/ca-certificates.crt',
    GOCACHE: GO_CACHE,
  }
  return {
    run(lines: string, isDone?: IsDone): Promise<Outcome> {
      const command = ['sh', '-c', lines]
      const started = needsTerminal ? inTerminal(command) : command
      const args = ['sh', '-c', WITH_MOUNTS, machine, ...TIME_LIMIT, ...started]
      return runInNamespace(args, { cwd: home, env }, isDone)
    },
    async files(): Promise<string> {
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

function inTerminal(command: readonly string[]): string[] {
  // A new terminal has no size, and some programs do not start in it.
  const line = `stty rows 40 columns 120; exec ${command.map(quote).join(' ')}`
  return ['script', '--quiet', '--return', '--command', line, '/dev/null']
}

export const removeGoCache = (): void => rmSync(GO_CACHE, { recursive: true, force: true })

/** Compiles the standard library of Go, which takes longer than a recipe may. Throws with its output. */
export function compileGo(): void {
  mkdirSync(GO_CACHE, { recursive: true })
  chownSync(GO_CACHE, USER_ID, USER_ID)
  const asUser = [`--reuid=${USER_ID}`, `--regid=${USER_ID}`, '--clear-groups']
  const build = ['go', 'build', 'net/http', 'net/smtp', 'net/mail', 'mime/quotedprintable', 'log']
  const { status, stderr } = spawnSync('setpriv', [...asUser, ...build], {
    cwd: '/',
    env: { PATH: process.env.PATH, GOCACHE: GO_CACHE, HOME: '/nonexistent' },
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`go build failed: ${stderr}`)
}
