/**
 * Compares schema/openapi.json with that of the last release, or with a file: `npm run test:compatibility -- FILE`.
 * Fails if clients of that release can break, unless the version says that they can.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Document, findBreaks, nextBreakingVersion, permitsBreaks } from './compatibility.ts'
import { openRepository } from './git.ts'

type Released = Document & { info: { version: string } }

const root = join(import.meta.dirname, '../..')
const path = 'schema/openapi.json'
const [file] = process.argv.slice(2)
const repository = openRepository(root)
const release = file ?? repository.lastRelease()

if (release === null) {
  console.log('There is no release yet to compare the API with.')
} else {
  const before: Released = JSON.parse(
    file === undefined ? repository.readFile(release, path) : readFileSync(file, 'utf8'),
  )
  const after: Released = JSON.parse(readFileSync(join(root, path), 'utf8'))
  const breaks = findBreaks(before, after)
  const { version } = before.info
  const permitted = permitsBreaks(version, after.info.version)
  for (const each of breaks) console.log(each)
  console.log(`Changes since ${release} that can break clients: ${breaks.length}`)
  if (breaks.length > 0 && permitted) {
    console.log(`Version ${after.info.version} may break clients of ${version}: this is permitted.`)
  }
  if (breaks.length > 0 && !permitted) {
    const next = nextBreakingVersion(version)
    console.error(`Keep the API compatible, or raise the version from ${version} to ${next}.`)
    process.exitCode = 1
  }
}
