import { describe, expect, it } from 'vitest'
import { boundedWriter, createLog, describeCrash, toScreenText } from '../../../api/node/log.ts'

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

  it('shows sentences, or the event and its fields, without control characters on a screen', () => {
    expect(toScreenText('start', { detail: 'Stop it first.' })).toBe('Stop it first.')
    expect(toScreenText('refresh_failed', { grant: 'gr_1', kind: 'a\u001b[2J' })).toBe(
      'refresh_failed grant=gr_1 kind=a\\u{1b}[2J',
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
