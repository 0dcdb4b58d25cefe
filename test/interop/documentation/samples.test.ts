/** Runs the samples of the API reference. Each language sends the same request. */
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { callsOf, type Document } from '../../../api/docs/openapi.ts'
import { toRequest } from '../../../api/docs/reference.tsx'
import { writeSamples } from '../../../api/docs/samples.ts'
import { EXAMPLE_URL } from '../../../api/paths.ts'
import { serveHttp } from '../../sandbox/http-server.ts'
import { createWorkshop, LANGUAGES, type Workshop } from './programs.ts'

const file = new URL('../../../schema/openapi.json', import.meta.url)
const document: Document = JSON.parse(readFileSync(file, 'utf8'))
const calls = callsOf(document)

type Received = {
  method: string
  path: string
  key: string | null
  idempotencyKey: string | null
  body: unknown
}

let server: Awaited<ReturnType<typeof serveHttp>>
let workshop: Workshop
let received: Received[] = []
beforeAll(async () => {
  workshop = await createWorkshop()
  server = await serveHttp(async (request) => {
    const { pathname, search } = new URL(request.url)
    const text = await request.text()
    const isJson = request.headers.get('content-type') === 'application/json'
    received.push({
      method: request.method,
      path: pathname + search,
      key: request.headers.get('authorization'),
      idempotencyKey: request.headers.get('idempotency-key'),
      body: isJson ? JSON.parse(text) : text,
    })
    return Response.json({ response: 'as expected' })
  })
})
afterAll(async () => {
  await server?.stop()
  await workshop?.remove()
})

describe.each(LANGUAGES)('the samples in %s', (language) => {
  it.each(calls.map((call) => [call.operationId, call] as const))('call %s', async (_id, call) => {
    received = []
    const request = toRequest(document, call)
    const code = writeSamples(request)[language].replaceAll(EXAMPLE_URL, server.url)
    const { exitCode, output } = await workshop.run(language, code, { key: 'mg_key_1' })
    if (!request.empty) expect(output).toContain('as expected')
    expect(exitCode).toBe(0)
    const form = request.form && { ...request.form }
    for (const [name, value] of Object.entries(form ?? {})) {
      if (form && value === '$MAILGRANT_KEY') form[name] = 'mg_key_1'
    }
    expect(received).toEqual([
      {
        method: request.method,
        path: request.path,
        key: request.needsKey ? 'Bearer mg_key_1' : null,
        idempotencyKey: request.headers?.['Idempotency-Key'] ?? null,
        body: form ? new URLSearchParams(form).toString() : (request.json ?? ''),
      },
    ])
  })
})
