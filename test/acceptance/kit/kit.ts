/**
 * `npm run acceptance`: guides a person with a trial tenant through the steps, and checks what Mailgrant believes about
 * Microsoft. `start.ts` bundles and runs this file.
 */
import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { defaultMailServer } from '../../../schema/mail-servers.ts'
import { finish } from './finish.ts'
import { personAtTerminal } from './person.ts'
import { startProduct } from './product.ts'
import { readProgress, stillChanged, writeProgress } from './progress.ts'
import { createRecorder } from './recorder.ts'
import { runSteps, undoAll } from './run.ts'
import { steps } from './steps.ts'

const USAGE = `Usage: npm run acceptance -- [--skip LIST] [--undo] [--folder FOLDER] [--public-url URL]

Checks what Mailgrant believes about Microsoft, in about half an hour. You need a trial tenant with two mailboxes, an
administrator of it, and a personal account (Outlook.com). Mailgrant runs on this machine, at http://localhost:8787. The
kit never gets a password: you sign in at Microsoft, and run the commands that it shows. It can be interrupted and
continued.

  --skip LIST      what you don't have (personal, admin, public-url), or steps, separated by commas
  --undo           goes through everything that is still changed in the tenant
  --folder FOLDER  where the progress is kept, by default .data/acceptance
  --public-url URL address at which Microsoft reaches this machine, which federated credentials require
  --this-is-not-production
                   also changes a tenant with more than 50 users

Steps: ${steps.map(({ id }) => id).join(', ')}
`

const { values } = parseArgs({
  options: {
    skip: { type: 'string', default: '' },
    undo: { type: 'boolean', default: false },
    folder: { type: 'string', default: '.data/acceptance' },
    'public-url': { type: 'string' },
    'this-is-not-production': { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})
if (values.help) {
  console.log(USAGE)
  process.exit(0)
}
const folder = resolve(values.folder)
const progress = readProgress(folder)
const person = personAtTerminal()
if (values.undo) {
  await undoAll(person, progress, folder)
  person.say('Nothing is changed any more.')
  process.exit(0)
}

/** Returns the root key of this folder's Mailgrant. */
function rootKey(): string {
  const file = join(folder, 'root-key')
  try {
    return readFileSync(file, 'utf8')
  } catch {
    const key = `mg_root_${randomBytes(24).toString('base64url')}`
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    writeFileSync(file, key, { mode: 0o600 })
    return key
  }
}

// However the process ends, it says what it leaves behind.
process.on('exit', () => {
  const changed = stillChanged(progress)
  if (changed) console.log(`\n${changed}`)
})
process.on('SIGINT', () => process.exit(130))

const publicUrl = values['public-url'] ?? 'http://localhost:8787'
const key = rootKey()
const recorder = createRecorder()
const skip = values.skip.split(',').filter(Boolean)
const target = {
  login: 'https://login.microsoftonline.com',
  graph: 'https://graph.microsoft.com/v1.0',
  imap: defaultMailServer('global', 'imap', 'work'),
  smtp: defaultMailServer('global', 'smtp', 'work'),
  smtpPersonal: defaultMailServer('global', 'smtp', 'personal'),
  dial: {},
  pauseMs: 10_000,
}
{
  await using product = await startProduct({
    recorder,
    environment: { PUBLIC_URL: publicUrl, DATA_DIR: join(folder, 'data'), ROOT_API_KEY: key },
  })
  await runSteps({
    target,
    product,
    rootKey: key,
    recorder,
    person,
    progress,
    folder,
    notProduction: values['this-is-not-production'],
    skip: values['public-url'] ? skip : [...skip, 'public-url'],
  })
  const origins = {
    login: target.login,
    graph: new URL(target.graph).origin,
    product: publicUrl,
  }
  const paths = await finish({ person, progress, recorder, origins, folder, against: 'Microsoft' })
  writeProgress(folder, progress)
  if (paths)
    person.say(
      `Written: ${paths.join(', ')}. test/acceptance/transcripts/README.md says how to send them.`,
    )
}
process.exit(0)
