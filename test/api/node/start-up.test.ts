import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { StartFailure } from '../../../api/node/failures.ts'
import { refuseMissingDatabase } from '../../../api/node/start-up.ts'
import { passedSocket } from '../../../api/node/systemd.ts'
import { createTemporaryFolder } from '../../temporary-folder.ts'
import { createDatabase } from './database-folder.ts'

it('a start by systemd is refused with more than one address', () => {
  const passed = (LISTEN_FDS: string, pid: number) =>
    passedSocket({ LISTEN_FDS, LISTEN_PID: String(pid) })
  expect(passed('1', process.pid)).toBe(3)
  // A child has the environment of the service, and not its socket.
  expect(passed('1', process.pid + 1)).toBeNull()
  expect(() => passed('2', process.pid)).toThrow(/mailgrant\.socket has more than one address/)
})

describe('a start without its database', () => {
  const refusal = (path: string, folder: string) => {
    expect(() => refuseMissingDatabase(path, folder)).toThrow(StartFailure)
    expect(() => refuseMissingDatabase(path, folder)).toThrow(/ is missing or empty, but there was/)
  }

  it('is refused where a list of revocations is left', () => {
    const folder = createTemporaryFolder()
    const path = createDatabase(folder)
    writeFileSync(join(folder, 'revoked'), '# API keys')
    refuseMissingDatabase(path, folder)
    writeFileSync(path, '')
    refusal(path, folder)
    rmSync(path)
    refusal(path, folder)
  })

  it('is refused where a WAL is left, as an interrupted restore leaves it', () => {
    const folder = createTemporaryFolder()
    const path = join(folder, 'mailgrant.sqlite')
    writeFileSync(`${path}-wal`, 'changes')
    refusal(path, folder)
  })

  it('begins one in a new folder, also after an interrupted first start', () => {
    const folder = createTemporaryFolder()
    const path = join(folder, 'mailgrant.sqlite')
    refuseMissingDatabase(path, folder)
    writeFileSync(path, '')
    refuseMissingDatabase(path, folder)
  })
})
