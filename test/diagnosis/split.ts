/**
 * Sets the unseen half of new reports aside for a fair evaluation:
 *
 *   npm exec -- node test/diagnosis/split.ts NEW KNOWN UNSEEN SEEN
 *
 * A row of NEW goes to UNSEEN if KNOWN lacks its id and sha256(id) ends in an odd hex digit, and to SEEN
 * otherwise. The choice depends on nothing but the id, so that no run and no order of rows can change it.
 */
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'

type Row = { id: string }

const [newFile, knownFile, unseenFile, seenFile] = process.argv.slice(2)
if (!newFile || !knownFile || !unseenFile || !seenFile) {
  console.error('Usage: node test/diagnosis/split.ts NEW KNOWN UNSEEN SEEN')
  process.exit(1)
}

const linesOf = (file: string) => readFileSync(file, 'utf8').trim().split('\n')
const idOf = (line: string) => (JSON.parse(line) as Row).id
const writeLines = (file: string, lines: readonly string[]) =>
  writeFileSync(file, lines.map((line) => `${line}\n`).join(''))

/** Returns true for about half of all ids. */
const isOdd = (id: string) => /[13579bdf]$/.test(createHash('sha256').update(id).digest('hex'))

const known = new Set(linesOf(knownFile).map(idOf))
const lines = linesOf(newFile)
const isUnseen = (line: string) => !known.has(idOf(line)) && isOdd(idOf(line))
const unseen = lines.filter(isUnseen)
writeLines(unseenFile, unseen)
writeLines(
  seenFile,
  lines.filter((line) => !isUnseen(line)),
)
console.log(`${lines.length} rows: ${unseen.length} set aside unseen, the others may be read.`)
