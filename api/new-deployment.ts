/**
 * Makes the settings of a new deployment, every key among them, in two files that only their owner may
 * read: `npm run secrets -- https://mail.example.com https://checker.example.com`. Files that are there
 * already are never overwritten: what a lost key sealed is lost.
 */
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const FOLDER = '.deployment'

const ring = (kid: string) => `${kid}:${randomBytes(32).toString('base64')}`

/** The Worker's settings, as `wrangler secret bulk` takes them, and the checker's environment. */
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
  throw new Error(`${what} must be an address such as https://mail.example.com`)
}

/** Both or none: the two files share a key, so one of them beside an older other would fit nothing. */
function write(files: Record<string, string>): void {
  for (const path of Object.keys(files)) {
    if (existsSync(path)) throw new Error(`${path} is there already. Its keys may be in use.`)
  }
  mkdirSync(FOLDER, { recursive: true, mode: 0o700 })
  for (const [path, text] of Object.entries(files)) {
    writeFileSync(path, text, { mode: 0o600, flag: 'wx' })
  }
}

function main([publicUrl, checkerUrl]: string[]): void {
  const made = newDeployment(
    originOf(publicUrl, "The Worker's address, first,"),
    originOf(checkerUrl, "The checker's address, second,"),
    new Date().toISOString().slice(0, 7),
  )
  const env = Object.entries(made.checker).map(([name, value]) => `${name}=${value}\n`)
  const worker = join(FOLDER, 'worker.json')
  const checker = join(FOLDER, 'checker.env')
  write({ [worker]: `${JSON.stringify(made.worker, null, 2)}\n`, [checker]: env.join('') })
  console.log(`${worker} and ${checker} are made. The checker, once its image is built, and the Worker:

  docker run -d --restart unless-stopped --stop-timeout 20 -p 127.0.0.1:8788:8788 \\
    --env-file ${checker} mailgrant-checker
  npm run deploy -- --secrets-file ${worker}

Keep both files in your password manager, and delete the folder when all runs.`)
}

if (import.meta.main) {
  try {
    main(process.argv.slice(2))
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
    process.exitCode = 1
  }
}
