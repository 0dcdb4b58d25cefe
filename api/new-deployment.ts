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

function write(name: string, text: string): void {
  const path = join(FOLDER, name)
  if (existsSync(path)) throw new Error(`${path} is there already. Its keys may be in use.`)
  mkdirSync(FOLDER, { recursive: true, mode: 0o700 })
  writeFileSync(path, text, { mode: 0o600 })
}

function main([publicUrl, checkerUrl]: string[]): void {
  const made = newDeployment(
    originOf(publicUrl, "The Worker's address, first,"),
    originOf(checkerUrl, "The checker's address, second,"),
    new Date().toISOString().slice(0, 7),
  )
  const env = Object.entries(made.checker).map(([name, value]) => `${name}=${value}\n`)
  write('worker.json', `${JSON.stringify(made.worker, null, 2)}\n`)
  write('checker.env', env.join(''))
  console.log(`${FOLDER}/worker.json and ${FOLDER}/checker.env are made. Next:

  npx wrangler secret bulk ${FOLDER}/worker.json
  docker run -d --restart unless-stopped -p 127.0.0.1:8788:8788 \\
    --env-file ${FOLDER}/checker.env mailgrant-checker

Keep both files in your password manager, then delete the folder.`)
}

if (import.meta.main) {
  try {
    main(process.argv.slice(2))
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
    process.exitCode = 1
  }
}
