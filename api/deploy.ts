/**
 * Deploys the Worker to Cloudflare: `npm run deploy`. The first run takes the addresses, and makes
 * the database and the keys. Every step looks at what is there first, so that a run can be repeated after a
 * failure, and is also how a new version is deployed.
 */
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { replaceFile } from './node/data-folder.ts'

/**
 * A cloud region in the middle of each of D1's regions. The Worker runs in Cloudflare's data center that is nearest to it
 * (https://developers.cloudflare.com/workers/configuration/placement/).
 */
const CLOUD_REGIONS: Record<string, string> = {
  WEUR: 'aws:eu-central-1',
  EEUR: 'gcp:europe-central2',
  APAC: 'aws:ap-southeast-1',
  OC: 'aws:ap-southeast-2',
  WNAM: 'aws:us-west-1',
  ENAM: 'aws:us-east-1',
}

/** The line of wrangler.toml that a deployment writes. An operator's own placement lacks the comment. */
const PLACEMENT = /^(?:# )?placement = .+ # by npm run deploy$/m

const KEYS = ['ENCRYPTION_KEYS', 'CHECKER_KEY', 'ROOT_API_KEY'] as const

export const USAGE = `Usage: npm run deploy -- [PUBLIC_URL CHECKER_URL]

The first time, give the address of your deployment and that of its checker:
  npm run deploy -- https://mail.example.com https://checker.example.com
Later, and to continue after a failure:
  npm run deploy

The database is created near this machine, and cannot be moved later. To have it elsewhere, or in a
jurisdiction, which the data never leaves, create it before the first deployment:
  npx wrangler d1 create mailgrant --jurisdiction eu`

/** A message for the operator: what happened, then what to do. */
export class DeployFailure extends Error {}

export type WranglerResult = { code: number; stdout: string; stderr: string }

/** The terminal, wrangler and files, which tests replace. */
export type Host = {
  /** Runs wrangler in the repository. `shown` output goes to the terminal and is not in the result. */
  wrangler: (args: readonly string[], output: 'shown' | 'captured') => Promise<WranglerResult>
  /** The part of wrangler.toml that decides the steps. */
  config: { databaseName: string; databaseId: string | null; hasRoutes: boolean }
  /** Path of wrangler.toml. */
  configFile: string
  /** Folder of the settings and keys. */
  folder: string
  fetch: (url: string) => Promise<Response>
  pause: (ms: number) => Promise<unknown>
  print: (text: string) => void
  /** Such as `2026-11`; part of the ids of new keys. */
  month: string
}

type Urls = { PUBLIC_URL: string; CHECKER_URL: string }

/** The settings of the Worker as `worker.json` has them. Keys that were made elsewhere are not in it. */
type Settings = Partial<Record<'PUBLIC_URL' | 'CHECKER_URL' | (typeof KEYS)[number], string>>

type Deployment = {
  settings: Settings & Urls
  /** True if an earlier run has created the database. */
  isKnown: boolean
  /** Names of the secrets that the Worker has. Empty before the step that makes the keys. */
  deployed: readonly string[]
}

type Step = {
  title: string
  run: (deployment: Deployment, host: Host) => Promise<void>
  /** Advice that is printed if wrangler fails. */
  remedy: string
}

const STEPS: readonly Step[] = [
  {
    title: 'Database',
    run: createDatabase,
    remedy:
      'Run "npx wrangler login", or set CLOUDFLARE_API_TOKEN to a token with the permission "D1: Edit". With several accounts, set CLOUDFLARE_ACCOUNT_ID.',
  },
  { title: 'Placement', run: placeWorker, remedy: 'A token needs the permission "D1: Edit".' },
  {
    title: 'Keys',
    run: createKeys,
    remedy: 'A token needs the permission "Workers Scripts: Edit".',
  },
  {
    title: 'Migrations',
    run: (_, host) =>
      runWrangler(host, ['d1', 'migrations', 'apply', 'DB', '--remote'], 'shown').then(() => {}),
    remedy:
      'The version that is deployed keeps running: a failed migration changes nothing. If the message above says that a table already exists, a development version from before the first release made the database. Stay on that version, or begin with an empty database under another database_name in wrangler.toml. If it is about other SQL, report it.',
  },
  {
    title: 'Worker',
    run: deployWorker,
    remedy:
      'The domain of PUBLIC_URL must be in a zone of this account. A token needs the permissions "Workers Scripts: Edit", and "Workers Routes: Edit" for the zone.',
  },
  { title: 'Readiness', run: checkReadiness, remedy: '' },
]

/** Deploys, or throws a DeployFailure. */
export async function deploy(args: readonly string[], host: Host): Promise<void> {
  const { values, positionals } = parse(args)
  if (values.help) return host.print(USAGE)
  const saved = readSettings(host)
  const urls = positionals.length > 0 ? readUrls(positionals) : recallUrls(saved)
  const deployment: Deployment = {
    settings: { ...saved, ...urls },
    isKnown: saved.PUBLIC_URL !== undefined,
    deployed: [],
  }
  for (const { title, run, remedy } of STEPS) {
    host.print(`\n== ${title}`)
    try {
      await run(deployment, host)
    } catch (error) {
      if (!(error instanceof WranglerFailure)) throw error
      throw new DeployFailure(
        `${error.message}\n${remedy}\nThen run "npm run deploy" again: it continues with what is missing.`,
      )
    }
  }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { help: { type: 'boolean', short: 'h' } },
    })
  } catch (error) {
    // The rest of Node's message explains positional arguments that begin with a hyphen. This command has none.
    throw usage(String((error as Error).message).replace(/ To specify .*/s, ''))
  }
}

const usage = (fault: string) => new DeployFailure(`${fault}\n\n${USAGE}`)

function readUrls([publicText, checkerText, ...others]: readonly string[]): Urls {
  if (others.length > 0) throw usage(`Unexpected argument: ${others[0]}.`)
  const PUBLIC_URL = readOrigin(publicText, "Mailgrant's address, PUBLIC_URL,")
  const CHECKER_URL = readOrigin(checkerText, "The checker's address, CHECKER_URL,")
  if (new URL(PUBLIC_URL).port !== '') throw usage('PUBLIC_URL must not have a port.')
  if (PUBLIC_URL === CHECKER_URL) throw usage('Mailgrant and its checker need two addresses.')
  return { PUBLIC_URL, CHECKER_URL }
}

function readOrigin(text = '', what: string): string {
  const url = URL.parse(text)
  if (url?.protocol === 'https:' && url.href === `${url.origin}/`) return url.origin
  throw usage(`${what} must begin with https:// and end after the host name.`)
}

/** Returns the addresses of the last run. */
function recallUrls({ PUBLIC_URL, CHECKER_URL }: Settings): Urls {
  if (PUBLIC_URL !== undefined && CHECKER_URL !== undefined)
    return readUrls([PUBLIC_URL, CHECKER_URL])
  throw usage('Nothing has been deployed from this folder yet. Pass both addresses.')
}

class WranglerFailure extends Error {}

async function runWrangler(
  host: Host,
  args: readonly string[],
  output: 'shown' | 'captured',
): Promise<string> {
  const result = await host.wrangler(args, output)
  if (result.code === 0) return result.stdout
  throw new WranglerFailure(`"npx wrangler ${args.join(' ')}" failed.\n${result.stderr}`.trimEnd())
}

type Database = { uuid: string; name: string }

async function createDatabase({ isKnown }: Deployment, host: Host): Promise<void> {
  const { databaseName: name, databaseId: id } = host.config
  const list: Database[] = JSON.parse(await runWrangler(host, ['d1', 'list', '--json'], 'captured'))
  const found = list.find((one) => (id === null ? one.name === name : one.uuid === id))
  if (found) return host.print(`"${found.name}" exists.`)
  const missing = `This account has no database "${name}"${id === null ? '' : ` with the id ${id}`}`
  if (id !== null) {
    throw new DeployFailure(
      `${missing}. Delete the line database_id from wrangler.toml: the name identifies the database.`,
    )
  }
  if (isKnown) {
    throw new DeployFailure(
      `${missing}, but this folder has deployed one before. If this is another account, set CLOUDFLARE_ACCOUNT_ID. If the database was renamed, enter its name as database_name in wrangler.toml. If it was deleted, create an empty one with "npx wrangler d1 create ${name}", and import a backup.`,
    )
  }
  await runWrangler(host, ['d1', 'create', name], 'shown')
}

/** Writes into wrangler.toml that the Worker runs near its database. Leaves an operator's own placement alone. */
async function placeWorker(_: Deployment, host: Host): Promise<void> {
  const before = readFileSync(host.configFile, 'utf8')
  if (!PLACEMENT.test(before)) return host.print('The placement in wrangler.toml is your own.')
  const info = await runWrangler(host, ['d1', 'info', 'DB', '--json'], 'captured')
  const { running_in_region: place = '' } = JSON.parse(info) as { running_in_region?: string }
  const region = CLOUD_REGIONS[place]
  const placement = region === undefined ? 'mode = "smart"' : `region = "${region}"`
  const after = before.replace(PLACEMENT, `placement = { ${placement} } # by npm run deploy`)
  if (after !== before) writeFileSync(host.configFile, after)
  host.print(
    region === undefined
      ? 'D1 reports no region that is known here. Cloudflare chooses where the Worker runs.'
      : `The database is in ${place}. The Worker runs near ${region}.`,
  )
}

/** Makes the keys that neither this folder nor the Worker has. */
async function createKeys(deployment: Deployment, host: Host): Promise<void> {
  const { settings } = deployment
  const deployed = await listSecrets(host)
  deployment.deployed = deployed
  const made: string[] = []
  for (const name of KEYS) {
    if (settings[name] !== undefined || deployed.includes(name)) continue
    settings[name] = newKey(name, host.month)
    made.push(name)
  }
  saveSettings(settings, host)
  host.print(
    made.length === 0
      ? 'No key is missing.'
      : `Made ${made.join(', ')}. Store ${fileIn(host, WORKER)} in your password manager: without ENCRYPTION_KEYS the database is useless.`,
  )
}

/** Ids contain the month, so that two keys differ and a wrong key is noticed as a missing one. */
const newKey = (name: (typeof KEYS)[number], month: string): string =>
  name === 'ROOT_API_KEY'
    ? `mg_root_${randomBytes(32).toString('base64url')}`
    : `${month}-${randomBytes(3).toString('hex')}:${randomBytes(32).toString('base64')}`

/** Returns the names of the secrets that the Worker has; none before it is deployed for the first time. */
async function listSecrets(host: Host): Promise<string[]> {
  const args = ['secret', 'list']
  const { code, stdout, stderr } = await host.wrangler(args, 'captured')
  if (code !== 0 && /Worker ".*" not found/.test(stderr)) return []
  if (code !== 0) throw new WranglerFailure(`"npx wrangler ${args.join(' ')}" failed.\n${stderr}`)
  return (JSON.parse(stdout) as { name: string }[]).map(({ name }) => name)
}

const WORKER = 'worker.json'
const CHECKER = 'checker.env'
const UPLOAD = 'upload.json'
const fileIn = ({ folder }: Host, name: string) => join(folder, name)

function readSettings(host: Host): Settings {
  const path = fileIn(host, WORKER)
  if (!existsSync(path)) return {}
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Settings
  } catch {
    throw new DeployFailure(
      `${path} is not valid JSON. Repair it, or restore it from your password manager: it has the keys of the deployment.`,
    )
  }
}

function writeSecret(host: Host, name: string, text: string): string {
  const path = fileIn(host, name)
  mkdirSync(host.folder, { recursive: true, mode: 0o700 })
  replaceFile(path, text)
  return path
}

function saveSettings(settings: Deployment['settings'], host: Host): void {
  writeSecret(host, WORKER, `${JSON.stringify(settings, null, 2)}\n`)
  const { CHECKER_URL, CHECKER_KEY } = settings
  if (CHECKER_KEY === undefined || existsSync(fileIn(host, CHECKER))) return
  writeSecret(host, CHECKER, `CHECKER_URL=${CHECKER_URL}\nCHECKER_KEY=${CHECKER_KEY}\n`)
}

/**
 * Uploads the addresses, and the keys that the Worker lacks: one that was rotated there stays. The addresses are
 * secrets, too, although they need not be: a deployment deletes variables that neither wrangler.toml nor its
 * command line has, so a plain `wrangler deploy` would leave the Worker without them.
 */
async function deployWorker({ settings, deployed }: Deployment, host: Host): Promise<void> {
  const isDeployed = (name: string) => KEYS.some((key) => key === name) && deployed.includes(name)
  const uploaded = Object.entries(settings).filter(([name]) => !isDeployed(name))
  const { hostname } = new URL(settings.PUBLIC_URL)
  const needsDomain = !host.config.hasRoutes && !hostname.endsWith('.workers.dev')
  const file = writeSecret(host, UPLOAD, JSON.stringify(Object.fromEntries(uploaded)))
  try {
    const domain = needsDomain ? ['--domain', hostname] : []
    await runWrangler(host, ['deploy', '--secrets-file', file, ...domain], 'shown')
  } finally {
    rmSync(file)
  }
}

/** A new domain has its certificate after a minute or two. */
const ATTEMPTS = 24
const PAUSE_MS = 5_000

async function checkReadiness({ settings }: Deployment, host: Host): Promise<void> {
  const { PUBLIC_URL, CHECKER_URL, ROOT_API_KEY } = settings
  const url = `${PUBLIC_URL}/readyz`
  const checks = await waitForReadiness(url, host)
  const isText = typeof checks === 'string'
  const faults = isText ? [checks] : findingsOf(checks, isFault)
  if (faults.length === 0) {
    const key = ROOT_API_KEY === undefined ? '' : ` with ROOT_API_KEY of ${fileIn(host, WORKER)}`
    for (const warning of isText ? [] : findingsOf(checks, ({ status }) => status !== 'ok'))
      host.print(warning)
    return host.print(
      `${PUBLIC_URL} is ready and reaches its checker. Sign in at ${PUBLIC_URL}/console/${key}.`,
    )
  }
  const start = faults.some((fault) => fault.startsWith('- checker'))
    ? `Start the checker at ${CHECKER_URL} as api/cloudflare.md says. ${fileIn(host, CHECKER)} has its key.\n`
    : ''
  throw new DeployFailure(
    `The Worker is deployed, but not ready.\n${faults.join('\n')}\n${start}Then run "npm run deploy" again, or look at ${url}.`,
  )
}

type Check = { status: string; detail?: string }
type Checks = Record<string, Check>

async function waitForReadiness(url: string, host: Host): Promise<Checks | string> {
  for (let attempt = 1; ; attempt += 1) {
    const checks = await readChecks(url, host)
    if (typeof checks !== 'string' || attempt === ATTEMPTS) return checks
    if (attempt === 1) host.print(`Waiting for ${url}, two minutes at most.`)
    await host.pause(PAUSE_MS)
  }
}

/** Returns Mailgrant's checks, or a sentence if something else responds, or nothing. */
async function readChecks(url: string, host: Host): Promise<Checks | string> {
  try {
    const response = await host.fetch(url)
    const body = (await response.json().catch(() => null)) as { checks?: Checks } | null
    if (body?.checks) return body.checks
    return response.status === 500
      ? `${url} responds with 500, so a setting is missing or invalid. "npx wrangler tail" shows which when you open the address.`
      : `${url} responds with ${response.status}, but not as Mailgrant would. Check that the name points to the Worker, and that no login or firewall of Cloudflare is in front of /readyz.`
  } catch (error) {
    const { cause } = error as Error
    return `${url} cannot be reached (${cause instanceof Error ? cause.message : error}). A new domain takes some minutes: check in Cloudflare's dashboard that its certificate is active and that the name points to the Worker.`
  }
}

/** Keeps Mailgrant from serving calls or validating mailboxes. */
const isFault = ({ status }: Check, name: string): boolean =>
  status === 'failed' || (status === 'degraded' && name === 'checker')

const findingsOf = (checks: Checks, isWanted: (check: Check, name: string) => boolean): string[] =>
  Object.entries(checks)
    .filter(([name, check]) => isWanted(check, name))
    .map(([name, { status, detail }]) => `- ${name}: ${detail ?? status}`)

const root = join(import.meta.dirname, '..')
const CONFIG_FILE = join(root, 'wrangler.toml')

function spawnWrangler(args: readonly string[], output: 'shown' | 'captured') {
  const script = createRequire(import.meta.url).resolve('wrangler/package.json')
  // `wrangler deploy` may ask questions. Without a terminal it would replace existing DNS records unasked.
  const input = args[0] === 'deploy' ? 'inherit' : 'ignore'
  const stream = output === 'shown' ? 'inherit' : 'pipe'
  const child = spawn(process.execPath, [join(script, '../bin/wrangler.js'), ...args], {
    cwd: root,
    stdio: [input, stream, stream],
  })
  const result: WranglerResult = { code: 1, stdout: '', stderr: '' }
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (result.stdout += text))
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (result.stderr += text))
  return new Promise<WranglerResult>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve({ ...result, code: code ?? 1 }))
  })
}

/** The members of wrangler.toml that are read. Wrangler's own type does not compile without all of its packages. */
type WranglerConfig = {
  d1_databases: { binding: string; database_name?: string; database_id?: string }[]
  routes?: unknown[]
  route?: unknown
}

async function readConfig(): Promise<Host['config']> {
  const { unstable_readConfig } = await import('wrangler')
  const config: WranglerConfig = unstable_readConfig(
    { config: CONFIG_FILE },
    { hideWarnings: true },
  )
  const database = config.d1_databases.find(({ binding }) => binding === 'DB')
  if (database?.database_name === undefined) {
    throw new DeployFailure(
      'wrangler.toml has no database_name for the binding DB. Enter one, such as "mailgrant".',
    )
  }
  return {
    databaseName: database.database_name,
    databaseId: database.database_id ?? null,
    hasRoutes: (config.routes ?? []).length > 0 || config.route !== undefined,
  }
}

async function main(args: readonly string[]): Promise<void> {
  await deploy(args, {
    wrangler: spawnWrangler,
    config: await readConfig(),
    configFile: CONFIG_FILE,
    folder: '.deployment',
    fetch: (url) => fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(30_000) }),
    pause,
    print: console.log,
    month: new Date().toISOString().slice(0, 7),
  })
}

if (import.meta.main) {
  try {
    // npm takes the option for its own if `--` is missing before it, and would deploy.
    if (process.env.npm_config_dry_run === 'true') {
      throw new DeployFailure('There is no dry run. Nothing was deployed.')
    }
    await main(process.argv.slice(2))
  } catch (error) {
    console.error(error instanceof DeployFailure ? `\n${error.message}` : error)
    process.exitCode = 1
  }
}
