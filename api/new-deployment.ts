/**
 * Generates the keys and settings of a new deployment, in two files that only their owner may read:
 * `npm run secrets -- https://mail.example.com https://checker.example.com`. Existing files are never
 * overwritten: whatever a lost key has encrypted is lost.
 */
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const FOLDER = '.deployment'

const ring = (kid: string) => `${kid}:${randomBytes(32).toString('base64')}`

/** Returns the Worker's settings for `wrangler secret bulk`, and the checker's environment. */
function newDeployment(publicUrl: string, checkerUrl: string, month: string) {
  const checkerKey = ring(month)
  return {
    worker: {
      PUBLIC_URL: publicUrl,
      CHECKER_URL: checkerUrl,
      CHECKER_KEY: checkerKey,
      ENCRYPTION_KEYS: ring(month),
      ROOT_API_KEY: `mg_root_${randomBytes(32).toString('base64url')}`,
    },
    checker: { CHECKER_KEY: checkerKey },
  }
}

function originOf(text: string | undefined, what: string): string {
  const url = text === undefined ? null : URL.parse(text)
  if (url?.protocol === 'https:' && url.pathname === '/' && !url.search) return url.origin
  throw new Error(`${what} must be an origin such as https://mail.example.com`)
}

/** Writes both files or none: they share a key, so a new file does not work with an old one. */
function write(files: Record<string, string>): void {
  for (const path of Object.keys(files)) {
    if (existsSync(path)) throw new Error(`${path} already exists. Its keys may be in use.`)
  }
  mkdirSync(FOLDER, { recursive: true, mode: 0o700 })
  for (const [path, text] of Object.entries(files)) {
    writeFileSync(path, text, { mode: 0o600, flag: 'wx' })
  }
}

function main([publicUrl, checkerUrl]: string[]): void {
  const deployment = newDeployment(
    originOf(publicUrl, 'The first argument, the URL of the Worker,'),
    originOf(checkerUrl, 'The second argument, the URL of the checker,'),
    new Date().toISOString().slice(0, 7),
  )
  const env = Object.entries(deployment.checker).map(([name, value]) => `${name}=${value}\n`)
  const worker = join(FOLDER, 'worker.json')
  const checker = join(FOLDER, 'checker.env')
  write({ [worker]: `${JSON.stringify(deployment.worker, null, 2)}\n`, [checker]: env.join('') })
  console.log(`Created ${worker} and ${checker}. Start the checker (build its image first), then deploy the Worker:

  docker run -d --restart unless-stopped --stop-timeout 25 -p 127.0.0.1:8788:8788 \\
    --env-file ${checker} mailgrant-checker
  npm run deploy -- --secrets-file ${worker}

Store both files in your password manager, and delete the folder when everything runs.`)
}

if (import.meta.main) {
  try {
    main(process.argv.slice(2))
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
    process.exitCode = 1
  }
}
