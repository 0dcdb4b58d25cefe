import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { finish } from './finish.ts'
import type { Person } from './person.ts'
import type { Progress } from './progress.ts'
import { createRecorder } from './recorder.ts'

const ORIGINS = {
  login: 'https://login.test',
  graph: 'https://graph.test',
  product: 'http://a.test',
}
const ODD = 'A new sentence about Contoso'

/** Ends a run in which Microsoft sent a sentence that no template fits. */
async function end(replies: Record<string, string>, changes: Partial<Progress> = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'mailgrant-acceptance-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const recorder = createRecorder()
  recorder.begin('app-refusals')
  const body = { error: 'invalid_request', error_description: `AADSTS900001: ${ODD} Trace ID: 1` }
  const fetch = recorder.wrap(async () => Response.json(body, { status: 400 }))
  await fetch('https://login.test/common/oauth2/v2.0/token', { method: 'POST', body: 'a=b' })
  const asked: string[] = []
  const said: string[] = []
  const person: Person = {
    say: (text) => void said.push(text),
    async ask(errand) {
      if (errand.do !== 'tell') return ''
      asked.push(errand.what)
      return replies[errand.name] ?? ''
    },
  }
  const progress: Progress = {
    facts: { 'work address': 'alice@fabrikam.test' },
    done: {},
    failed: {},
    findings: [],
    transcript: [],
    changed: [],
    ...changes,
  }
  const paths = await finish({
    person,
    progress,
    recorder,
    origins: ORIGINS,
    folder,
    against: 'Microsoft',
  })
  const files = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'))
  return { paths, asked: asked.join('\n'), said: said.join('\n'), files: files.join('\n') }
}

it('leaves an unknown sentence out, unless the person has read it and says yes', async () => {
  const without = await end({ write: 'yes' })
  expect(without.asked).toContain(ODD)
  expect(without.files).toContain('AADSTS900001: [unknown sentence, 28 characters]')
  expect(without.files).not.toContain('Contoso')
  const approved = await end({ write: 'yes', approve: 'yes' })
  expect(approved.files).toContain(`AADSTS900001: ${ODD}`)
})

it('shows the whole transcript, and writes nothing without a yes', async () => {
  const { paths, said, files } = await end({})
  expect(said).toContain('"step":"app-refusals"')
  expect([paths, files]).toEqual([null, ''])
})

it("writes nothing that contains one of the tenant's own values", async () => {
  const line = {
    step: 'imap',
    kind: 'mail',
    protocol: 'imap',
    from: 'server',
    line: 'Fabrikam',
  } as const
  const { paths, said, files } = await end({ write: 'yes' }, { transcript: [line] })
  expect([paths, files]).toEqual([null, ''])
  expect(said).toContain('first part of the domain of the work address')
  expect(said).not.toContain('abrikam')
})

it('writes no sentence with an own value, even if the person has said yes', async () => {
  const facts = { 'work address': 'alice@contoso.test' }
  const { paths, files } = await end({ write: 'yes', approve: 'yes' }, { facts })
  expect([paths, files]).toEqual([null, ''])
})
