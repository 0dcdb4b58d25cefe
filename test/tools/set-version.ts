/** Copies the version of package.json into the source. `npm version` runs it. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '../..')
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const file = join(root, 'schema/version.ts')
const source = readFileSync(file, 'utf8')
writeFileSync(file, source.replace(/(?<=VERSION = ')[^']+/, version))
