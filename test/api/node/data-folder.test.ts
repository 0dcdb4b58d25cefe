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
import { folderFailure, prepareFolder, replaceFile } from '../../../api/node/data-folder.ts'
import { PassingFailure, StartFailure } from '../../../api/node/start-failure.ts'
import { createTemporaryFolder } from '../../temporary-folder.ts'

const modeOf = (path: string) => statSync(path).mode & 0o777

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
    const module = new URL('../../../api/node/data-folder.ts', import.meta.url).href
    const script = `import(${JSON.stringify(module)}).then(({ prepareFolder }) =>
      console.log(JSON.stringify(prepareFolder('DATA_DIR', ${JSON.stringify(path)}))))`
    const warningsAt = (mode: number, group: number) => {
      chownSync(path, 0, group)
      chmodSync(path, mode)
      const options = { uid: 4711, gid: 4711, encoding: 'utf8' } as const
      return JSON.parse(execFileSync(process.execPath, ['-e', script], options))
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
      `DATA_DIR: Windows ignores file modes. Make sure that only the account of Mailgrant can read ${path}.`,
    ])
    expect(modeOf(path)).toBe(0o755)
  })

  it('that all users share is refused and keeps its mode', () => {
    const path = createTemporaryFolder()
    chmodSync(path, 0o1777)
    expect(() => prepareFolder('BACKUP_DIR', path)).toThrow(
      new StartFailure(
        `BACKUP_DIR: ${path} is a folder for all users. Choose a folder that Mailgrant has for itself.`,
      ),
    )
    expect(modeOf(path)).toBe(0o777)
  })

  it('that a file stands in the way of is refused', () => {
    const file = join(createTemporaryFolder(), 'file')
    writeFileSync(file, '')
    for (const path of [file, join(file, 'below'), join(file, 'far/below')]) {
      expect(() => prepareFolder('DATA_DIR', path)).toThrow(`DATA_DIR: ${path} is not a folder.`)
    }
  })

  it.each([
    ['EACCES', 'this user may not read and write /data.'],
    ['EROFS', '/data is on a read-only file system.'],
    ['ENOSPC', 'the disk of /data is full.'],
    ['EEXIST', '/data is not a folder.'],
    ['EIO', '/data cannot be used (EIO).'],
  ])('that cannot be used because of %s has a sentence', (code, sentence) => {
    const failure = folderFailure('DATA_DIR', '/data', Object.assign(new Error('x'), { code }))
    const { message } = failure
    expect(failure instanceof PassingFailure).toBe(code === 'ENOSPC')
    expect(message.startsWith(`DATA_DIR: ${sentence}`)).toBe(true)
  })
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
