import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  folderFailure,
  prepareFolder,
  refuseNetworkFolder,
  replaceFile,
} from '../../../api/node/data-folder.ts'
import { PassingFailure, StartFailure } from '../../../api/node/failures.ts'
import { createTemporaryFolder } from '../../temporary-folder.ts'

const modeOf = (path: string) => statSync(path).mode & 0o777

/**
 * Returns the result of an expression as another user, or the message of its error. The process changes its user
 * after it has loaded the module, since another user might not reach a clone in root's folder.
 */
function asOther(file: string, expression: string): unknown {
  const module = new URL(`../../../api/node/${file}`, import.meta.url).href
  const name = expression.split('(')[0]
  const script = `import(${JSON.stringify(module)}).then(({ ${name} }) => {
      process.setgroups([])
      process.setgid(4711)
      process.setuid(4711)
      return ${expression}
    })
    .then((value) => console.log(JSON.stringify(value)), ({ message }) => console.log(JSON.stringify(message)))`
  return JSON.parse(execFileSync(process.execPath, ['-e', script], { encoding: 'utf8' }))
}

describe('a folder', () => {
  it('is made for its user alone, with those above it', () => {
    const above = join(createTemporaryFolder(), 'above')
    expect(prepareFolder('DATA_DIR', join(above, 'data'))).toEqual([])
    expect(prepareFolder('DATA_DIR', join(above, 'data'))).toEqual([])
    expect([modeOf(above), modeOf(join(above, 'data'))]).toEqual([0o700, 0o700])
  })

  it('is closed to others with its files, but not what its links lead to', () => {
    const path = createTemporaryFolder()
    const outside = join(createTemporaryFolder(), 'outside')
    writeFileSync(outside, '')
    chmodSync(outside, 0o644)
    writeFileSync(join(path, 'file'), '')
    mkdirSync(join(path, 'inside'))
    chmodSync(join(path, 'file'), 0o666)
    chmodSync(path, 0o755)
    symlinkSync(outside, join(path, 'link'))
    expect(prepareFolder('DATA_DIR', path)).toEqual([])
    expect([modeOf(path), modeOf(join(path, 'file'))]).toEqual([0o700, 0o600])
    expect(modeOf(outside)).toBe(0o644)
  })

  it('of root is fine with its own group, as Kubernetes makes it', () => {
    // Only root can give a folder to another user.
    if (process.getuid?.() !== 0) return
    const path = createTemporaryFolder()
    const warningsAt = (mode: number, group: number) => {
      chownSync(path, 0, group)
      chmodSync(path, mode)
      return asOther('data-folder.ts', `prepareFolder('DATA_DIR', ${JSON.stringify(path)})`)
    }
    const warning = [expect.stringContaining('other users may have')]
    expect(warningsAt(0o2770, 4711)).toEqual([])
    expect(warningsAt(0o2777, 4711)).toEqual(warning)
    expect(warningsAt(0o2777, 4712)).toEqual(warning)
  })

  it('keeps its modes on Windows, which is said', () => {
    const path = createTemporaryFolder()
    chmodSync(path, 0o755)
    expect(prepareFolder('DATA_DIR', path, 'win32')).toEqual([
      `DATA_DIR: Windows ignores file modes. Make sure that only Mailgrant's account can read ${path}.`,
    ])
    expect(modeOf(path)).toBe(0o755)
  })

  it('that all users share is refused and keeps its mode', () => {
    const path = createTemporaryFolder()
    chmodSync(path, 0o1777)
    expect(() => prepareFolder('BACKUP_DIR', path)).toThrow(
      new StartFailure(
        `BACKUP_DIR: ${path} is a folder for all users. Choose a folder that only Mailgrant uses.`,
      ),
    )
    expect(modeOf(path)).toBe(0o777)
  })

  it('that a file stands in the way of is refused', () => {
    const file = join(createTemporaryFolder(), 'file')
    writeFileSync(file, '')
    for (const path of [file, join(file, 'below'), join(file, 'far/below')]) {
      expect(() => prepareFolder('DATA_DIR', path)).toThrow(`DATA_DIR: ${path} cannot be opened.`)
    }
  })

  // Node's own way to make folders above a folder never returns there. On a read-only disk, it hides the cause.
  it('that cannot be made is refused, also in /proc', () => {
    const module = new URL('../../../api/node/data-folder.ts', import.meta.url).href
    const script = `import('${module}').then(({ prepareFolder }) => {
      try { prepareFolder('DATA_DIR', '/proc/mailgrant/data') } catch (error) { console.log(error.message) }
    })`
    const options = { encoding: 'utf8', timeout: 10_000 } as const
    const output = execFileSync(process.execPath, ['-e', script], options)
    expect(output).toContain('DATA_DIR: /proc/mailgrant/data cannot be')
  })

  it.each([
    ['EACCES', '/data cannot be used. Check that the user'],
    ['EROFS', '/data cannot be used. Check that the user'],
    ['ENOSPC', '/data cannot be written: the disk is full.'],
    ['EEXIST', '/data cannot be opened.'],
    ['EIO', '/data cannot be read or written'],
    ['EMFILE', '/data cannot be used (EMFILE).'],
  ])('that cannot be used because of %s has a sentence', (code, sentence) => {
    const failure = folderFailure('DATA_DIR', '/data', Object.assign(new Error('x'), { code }))
    const { message } = failure
    expect(failure instanceof PassingFailure).toBe(code === 'ENOSPC')
    expect(message.startsWith(`DATA_DIR: ${sentence}`)).toBe(true)
  })
})

it.each([
  [0x6969, 'NFS'],
  [0xff_53_4d_42, 'SMB'],
  [0xfe_53_4d_42, 'SMB'],
  [0xc3_64_00, 'CephFS'],
])('refuses a database on a network file system: type %i is %s', (type, name) => {
  expect(() => refuseNetworkFolder('/data', type)).toThrow(
    new StartFailure(
      `DATA_DIR: /data is on ${name}, a network file system, which does not lock SQLite files reliably. Choose a folder on a local disk.`,
    ),
  )
  refuseNetworkFolder(createTemporaryFolder())
})

it('reports the owner of a file that a command of root has left', () => {
  // Only root can create such a file.
  if (process.getuid?.() !== 0) return
  const folder = createTemporaryFolder()
  chownSync(folder, 4711, 4711)
  const fileOfRoot = (name: string) => {
    writeFileSync(join(folder, name), '', { mode: 0o600 })
    return join(folder, name)
  }
  const sentence = (path: string) =>
    `DATA_DIR: ${path} belongs to root, and Mailgrant runs as the user with ID 4711. Run: sudo chown 4711 ${path}`
  const lock = fileOfRoot('lock.db')
  expect(asOther('lock.ts', `lockFolder(${JSON.stringify(folder)})`)).toBe(sentence(lock))
  const database = fileOfRoot('mailgrant.sqlite')
  const open = `openDatabaseFile(${JSON.stringify(database)}, [])`
  expect(asOther('database.ts', open)).toBe(sentence(database))
  const list = fileOfRoot('revoked')
  expect(asOther('revocations.ts', `readRevocations(${JSON.stringify(folder)})`)).toBe(
    sentence(list),
  )
})

describe('a replaced file', () => {
  it('has the new text and mode 0600, also beside what a crash left', () => {
    const folder = createTemporaryFolder()
    const path = join(folder, 'file')
    writeFileSync(path, 'old')
    writeFileSync(`${path}.new`, 'half of a longer te')
    chmodSync(`${path}.new`, 0o644)
    replaceFile(path, 'new')
    expect(readFileSync(path, 'utf8')).toBe('new')
    expect(modeOf(path)).toBe(0o600)
    expect(readdirSync(folder)).toEqual(['file'])
  })
})
