import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it, onTestFinished } from 'vitest'
import {
  checkDatabase,
  copyDatabase,
  createFile,
  describeContents,
} from '../../../api/node/copy-database.ts'
import { StartFailure } from '../../../api/node/failures.ts'
import { createTemporaryFolder } from '../../temporary-folder.ts'
import { createDatabase, keyNames, withDatabase } from './database-folder.ts'

describe('a copy of the database', () => {
  it('is made while the server writes, holds what is committed, and is one file for its owner only', () => {
    const folder = createTemporaryFolder()
    const source = createDatabase(folder, ['worker'])
    const writer = new DatabaseSync(source)
    onTestFinished(() => writer.close())
    writer.exec("BEGIN IMMEDIATE; UPDATE api_keys SET name = 'uncommitted'")
    const target = join(folder, 'copy.sqlite')
    copyDatabase(source, target)
    expect(readdirSync(folder).filter((name) => name.startsWith('copy'))).toEqual(['copy.sqlite'])
    writer.exec('COMMIT')
    expect(keyNames(target)).toEqual(['worker'])
    expect(keyNames(source)).toEqual(['uncommitted'])
    expect(statSync(target).mode & 0o777).toBe(0o600)
  })

  it('is refused while another process writes the same one', () => {
    const folder = createTemporaryFolder()
    const target = join(folder, 'copy.sqlite')
    writeFileSync(`${target}.part`, '')
    const source = createDatabase(folder)
    expect(() => copyDatabase(source, target)).toThrow('another process writes it')
    expect([existsSync(target), existsSync(`${target}.part`)]).toEqual([false, true])
  })

  it.each([
    ['there is no database', 'nothing.sqlite', 'copy.sqlite', /^There is no database at .*nothing/],
    ['the folder is missing', 'mailgrant.sqlite', 'no/copy.sqlite', /Check that its folder exists/],
    ['the source is no database', 'text', 'copy.sqlite', /is no SQLite database/],
  ])('fails with a sentence if %s', (_case, from, to, sentence) => {
    const folder = createTemporaryFolder()
    createDatabase(folder)
    writeFileSync(join(folder, 'text'), 'Some text that is no database.'.repeat(40))
    const copy = () => copyDatabase(join(folder, from), join(folder, to))
    expect(copy).toThrow(StartFailure)
    expect(copy).toThrow(sentence)
    expect(readdirSync(folder).filter((name) => name.includes('copy'))).toEqual([])
  })
})

describe('a file that cannot be completed', () => {
  it('leaves nothing behind, and says that the disk is full', () => {
    const folder = createTemporaryFolder()
    const target = join(folder, 'copy.sqlite')
    const write = () =>
      createFile(target, (part) =>
        withDatabase(part, (database) => {
          database.exec('PRAGMA max_page_count = 1; CREATE TABLE t (a); CREATE TABLE u (a)')
        }),
      )
    expect(write).toThrow(/copy\.sqlite cannot be written: the disk is full/)
    expect(readdirSync(folder)).toEqual([])
  })

  it('passes on what is not expected', () => {
    const target = join(createTemporaryFolder(), 'copy.sqlite')
    const write = () =>
      createFile(target, () => {
        throw new RangeError('a bug')
      })
    expect(write).toThrow(RangeError)
  })
})

describe('the check of a database', () => {
  it('finds a damaged page', () => {
    const folder = createTemporaryFolder()
    const path = createDatabase(
      folder,
      Array.from({ length: 500 }, (_, index) => `k${'bcdefghij'[index % 9]}${index}`),
    )
    const bytes = readFileSync(path)
    bytes.fill(0x5a, bytes.length - 8192)
    const damaged = join(folder, 'damaged.sqlite')
    writeFileSync(damaged, bytes)
    checkDatabase(path)
    expect(() => checkDatabase(damaged)).toThrow(/is damaged/)
  })

  it('fails with a sentence for a folder', () => {
    const folder = createTemporaryFolder()
    mkdirSync(join(folder, 'x.sqlite'))
    expect(() => checkDatabase(join(folder, 'x.sqlite'))).toThrow(StartFailure)
  })
})

it('counts in words', () => {
  const path = createDatabase(createTemporaryFolder(), ['worker'])
  expect(describeContents(path)).toMatch(/^0 email accounts, 0 grants and 1 API key \(0\.\d MB\)$/)
})
