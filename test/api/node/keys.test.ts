import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadEncryptionKeys, loadRootKey, storeRootKey } from '../../../api/node/keys.ts'
import { KeyRingSetting } from '../../../schema/settings.ts'
import { createTemporaryFolder } from '../../temporary-folder.ts'

const text = (kid: string, byte: number) => `${kid}:${Buffer.alloc(32, byte).toString('base64')}`

function load(folder: string, fromEnvironment: string | null = null) {
  const ring = fromEnvironment === null ? null : KeyRingSetting.parse(fromEnvironment)
  return loadEncryptionKeys(folder, join(folder, 'mailgrant.sqlite'), ring)
}

describe('encryption keys', () => {
  it('are made once and stay', () => {
    const folder = createTemporaryFolder()
    const first = load(folder)
    expect(first.ring).toHaveLength(1)
    expect(first.source).toBe(join(folder, 'encryption-keys'))
    expect(load(folder)).toEqual(first)
    expect(load(createTemporaryFolder()).ring[0].key).not.toEqual(first.ring[0].key)
  })

  it('stay where a database is, too, but are not made beside one', () => {
    const folder = createTemporaryFolder()
    const { ring } = load(folder)
    writeFileSync(join(folder, 'mailgrant.sqlite'), '')
    expect(load(folder).ring).toEqual(ring)
    rmSync(join(folder, 'encryption-keys'))
    expect(() => load(folder)).toThrow('There is a database, but no key for it')
    expect(readdirSync(folder)).toEqual(['mailgrant.sqlite'])
    expect(load(folder, text('k1', 1)).source).toBe('ENCRYPTION_KEYS')
  })

  it('are read newest first, with comments, a mark of an editor and the line ends of Windows', () => {
    const folder = createTemporaryFolder()
    const lines = ['\uFEFF# newest first', text('k2', 2), '', `  ${text('k1', 1)} `, '']
    for (const encoding of ['utf8', 'utf16le'] as const) {
      writeFileSync(join(folder, 'encryption-keys'), lines.join('\r\n'), encoding)
      expect(load(folder).ring.map(({ kid }) => kid)).toEqual(['k2', 'k1'])
    }
  })

  it.each([
    ['', 'it has no key'],
    ['# only a comment', 'it has no key'],
    ['secret', 'each key must look like kid:base64'],
    ['k1:c2VjcmV0', 'key "k1" must be 32 bytes'],
    [`${text('k1', 1)}\n${text('k1', 2)}`, 'key id "k1" appears twice'],
  ])('in a damaged file are refused without being shown: %j', (damaged, reason) => {
    const folder = createTemporaryFolder()
    const file = join(folder, 'encryption-keys')
    writeFileSync(file, damaged)
    expect(() => load(folder)).toThrow(
      `${file} is damaged: ${reason}. Restore it from its backup. Nothing else can decrypt the database.`,
    )
    expect(readFileSync(file, 'utf8')).toBe(damaged)
  })

  it('of the environment come first, whatever the file has', () => {
    const folder = createTemporaryFolder()
    const ring = KeyRingSetting.parse(text('k1', 1))
    expect(load(folder, text('k1', 1)).ring).toEqual(ring)
    expect(readdirSync(folder)).toEqual([])
    writeFileSync(join(folder, 'encryption-keys'), 'damaged')
    expect(load(folder, text('k1', 1)).ring).toEqual(ring)
  })

  it('in a file that cannot be read have a sentence', () => {
    expect(() => loadEncryptionKeys('/dev/null', '/dev/null/x', null)).toThrow(
      'DATA_DIR: /dev/null/encryption-keys cannot be opened.',
    )
  })
})

describe('the root key', () => {
  it('is made until its hash is stored', () => {
    const folder = createTemporaryFolder()
    const first = loadRootKey(folder, false)
    const second = loadRootKey(folder, false)
    expect(first.fresh).toMatch(/^mg_root_[\w-]{43}$/)
    expect(second.fresh).not.toBe(first.fresh)
    storeRootKey(folder, second.fresh ?? '', () => {})
    expect(loadRootKey(folder, false)).toEqual({ hash: second.hash, fresh: null })
    expect(loadRootKey(folder, true).hash).not.toBe(second.hash)
  })

  it('is printed before it counts, and stands in no file then, not even an older one', () => {
    const folder = createTemporaryFolder()
    storeRootKey(folder, 'mg_root_old', null)
    const printed: string[] = []
    const file = storeRootKey(folder, 'mg_root_new', (key) => {
      printed.push(key)
      expect(readFileSync(join(folder, 'root-key'), 'utf8')).toBe('mg_root_old\n')
    })
    expect(printed).toEqual(['mg_root_new'])
    expect(file).toBeNull()
    expect(readdirSync(folder)).toEqual(['root-key-hash'])
  })

  it('is in a file where nothing may be printed', () => {
    const folder = createTemporaryFolder()
    const file = storeRootKey(folder, 'mg_root_a', null)
    expect(file).toBe(join(folder, 'root-key'))
    expect(readFileSync(join(folder, 'root-key'), 'utf8')).toBe('mg_root_a\n')
    storeRootKey(folder, 'mg_root_b', null)
    expect(readFileSync(join(folder, 'root-key'), 'utf8')).toBe('mg_root_b\n')
  })

  it('with a damaged hash is refused, unless it is replaced', () => {
    const folder = createTemporaryFolder()
    writeFileSync(join(folder, 'root-key-hash'), 'damaged')
    expect(() => loadRootKey(folder, false)).toThrow('root-key-hash is damaged.')
    expect(loadRootKey(folder, true).fresh).toMatch(/^mg_root_/)
  })
})
