import fs, { mkdirSync, readdirSync, readFileSync, rmdirSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import {
  boundedWriter,
  createFileWriter,
  createLog,
  describeCrash,
  toScreenText,
} from '../../../api/node/log.ts'
import { createTemporaryFolder } from '../../temporary-folder.ts'

describe('the log', () => {
  it('is one JSON line per event, with its time', () => {
    let written = ''
    const log = createLog(
      (line) => {
        written += line
      },
      () => new Date('2026-11-24T09:00:00Z'),
    )
    log('info', 'request', { status: 200 })
    log('error', 'failed', { error: 'two\nlines' })
    expect(written).toBe(
      '{"time":"2026-11-24T09:00:00.000Z","level":"info","event":"request","status":200}\n' +
        '{"time":"2026-11-24T09:00:00.000Z","level":"error","event":"failed","error":"two\\nlines"}\n',
    )
  })

  it('of a terminal is a file of at most 10 MB, and the one before it', () => {
    const folder = createTemporaryFolder()
    const path = join(folder, 'log')
    const write = createFileWriter(path, (error) => expect.unreachable(String(error)))
    const half = (name: string) => `${name.repeat(4_999_999)}\n`
    for (const name of 'abcde') write(half(name))
    expect(readFileSync(path, 'utf8') === half('e')).toBe(true)
    expect(readFileSync(`${path}.old`, 'utf8') === half('c') + half('d')).toBe(true)
    expect(readdirSync(folder)).toEqual(['log', 'log.old'])
  })

  it('of a terminal reports a file that cannot be written once, and continues when it can', () => {
    const path = join(createTemporaryFolder(), 'log')
    const failures: unknown[] = []
    const write = createFileWriter(path, (error) => {
      failures.push(error)
      write('the report\n')
    })
    mkdirSync(path)
    write('a\n')
    write('b\n')
    rmdirSync(path)
    write('c\n')
    expect(failures).toMatchObject([{ code: 'EISDIR' }])
    expect(readFileSync(path, 'utf8')).toBe('c\n')
  })

  it('of a terminal keeps its lines where its size cannot be read', () => {
    const path = join(createTemporaryFolder(), 'log')
    const failures: unknown[] = []
    const write = createFileWriter(path, (error) => failures.push(error))
    write('a\n')
    const read = vi.spyOn(fs, 'statSync').mockImplementation(() => {
      throw new Error('EIO')
    })
    syncBuiltinESMExports()
    write('b\n')
    read.mockRestore()
    syncBuiltinESMExports()
    write('c\n')
    expect(failures).toHaveLength(1)
    expect(readFileSync(path, 'utf8')).toBe('a\nc\n')
  })

  it('shows sentences, or the event and its fields, without control characters on a screen', () => {
    expect(toScreenText('start', { detail: 'Stop it first.' })).toBe('Stop it first.')
    expect(toScreenText('refresh_failed', { grant: 'gr_1', kind: 'a\u001b[2J' })).toBe(
      'refresh_failed grant=gr_1 kind=a\\u001b[2J',
    )
  })

  it('drops lines while a reader that has stopped leaves 4 MiB in memory, and counts them', () => {
    const written: string[] = []
    const stream = { writableLength: 4_194_305, write: (text: string) => written.push(text) > 0 }
    const write = boundedWriter(stream, () => new Date('2026-11-24T09:00:00Z'))
    for (const line of ['a\n', 'b\n', 'c\n']) write(line)
    expect(written).toEqual([])
    stream.writableLength = 0
    for (const line of ['d\n', 'e\n']) write(line)
    expect(written).toEqual([
      '{"time":"2026-11-24T09:00:00.000Z","level":"warn","event":"log_lines_dropped","count":3}\n',
      'd\n',
      'e\n',
    ])
  })

  it('describes a crash without the message, which may contain a secret', () => {
    const crash = describeCrash(new TypeError('token eyJ0 is\n    at fault\nnot a function'))
    expect(crash.error).toBe('TypeError')
    expect(crash.at).toContain('log.test.ts')
    expect(JSON.stringify(crash)).not.toContain('eyJ0')
    expect(describeCrash('mg_secret')).toEqual({ error: 'string' })
  })
})
