import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it, onTestFinished } from 'vitest'
import {
  copyDatabase,
  createFile,
  describeContents,
  inspectDatabase,
} from '../../../api/node/copy-database.ts'
import { StartFailure } from '../../../api/node/start-failure.ts'
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
    expect(copyDatabase(source, target)).toMatchObject({
      mailAccounts: 0,
      grants: 0,
      apiKeys: 1,
      bytes: statSync(target).size,
    })
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
    ['the source is not Mailgrant’s', 'other.sqlite', 'copy.sqlite', /is not a Mailgrant database/],
  ])('fails with a sentence if %s', (_case, from, to, sentence) => {
    const folder = createTemporaryFolder()
    createDatabase(folder)
    writeFileSync(join(folder, 'text'), 'Some text that is no database.'.repeat(40))
    withDatabase(join(folder, 'other.sqlite'), (database) => database.exec('CREATE TABLE t (a)'))
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

describe('the inspection of a database', () => {
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
    expect(inspectDatabase(path)).toMatchObject({ apiKeys: 500 })
    expect(() => inspectDatabase(damaged)).toThrow(/is damaged/)
  })

  it('fails with a sentence for a folder', () => {
    const folder = createTemporaryFolder()
    mkdirSync(join(folder, 'x.sqlite'))
    expect(() => inspectDatabase(join(folder, 'x.sqlite'))).toThrow(StartFailure)
  })
})

it('counts in words', () => {
  expect(describeContents({ mailAccounts: 1, grants: 2, apiKeys: 0, bytes: 1_250_000 })).toBe(
    '1 email account, 2 grants and 0 API keys (1.3 MB)',
  )
})
