import { describe, expect, it } from 'vitest'
import { createLog, describeCrash } from '../../../api/node/log.ts'

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

  it('describes a crash without the message, which may contain a secret', () => {
    const crash = describeCrash(new TypeError('token eyJ0 is\n    at fault\nnot a function'))
    expect(crash.error).toBe('TypeError')
    expect(crash.at).toContain('log.test.ts')
    expect(JSON.stringify(crash)).not.toContain('eyJ0')
    expect(describeCrash('mg_secret')).toEqual({ error: 'string' })
  })
})
