import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { encodingsOf } from '../../api/encodings.ts'
import { all } from '../assumptions.ts'
import { finish, readTranscript, type Transcript, transcriptText } from './finish.ts'
import { readProgress, stillChanged } from './progress.ts'
import { differences } from './replay.ts'
import { reportOf } from './report.ts'
import { undoAll } from './run.ts'
import { type RehearsalOptions, rehearse } from './sandbox.ts'
import { steps } from './steps.ts'

const TIMEOUT_MS = 120_000
const TRANSCRIPTS = join(import.meta.dirname, '../transcripts')

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'mailgrant-acceptance-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Replaces what differs from run to run. */
const steady = (transcript: Transcript): Transcript => ({
  ...JSON.parse(
    JSON.stringify(transcript, (name, value) =>
      ['size', 'milliseconds', 'expires_in', 'ext_expires_in'].includes(name) ? 0 : value,
    ),
  ),
  date: '2026-11-30',
})

const inFolder = (options: RehearsalOptions) => rehearse({ folder: newFolder(), ...options })

const only = (...ids: string[]) => steps.filter(({ id }) => ids.includes(id))

describe('the kit', { timeout: TIMEOUT_MS }, () => {
  it('checks every automatic statement in one of its steps', () => {
    const checked = new Set<string>(steps.flatMap(({ checks }) => checks))
    const missing = all.filter(([id, { check }]) => check === 'automatic' && !checked.has(id))
    expect(missing.map(([id]) => id)).toEqual([])
    const waiting = all.filter(([id, { check }]) => check === 'needs waiting' && checked.has(id))
    expect(waiting.map(([id]) => id)).toEqual([])
  })

  it('finds in the sandbox what Mailgrant believes, and leaves nothing behind', async () => {
    const run = await inFolder({})
    const { progress, person, recorder, folder, origins } = run
    expect(progress.failed).toEqual({})
    for (const name of ['setup.sh', 'setup.ps1']) {
      expect(readFileSync(join(folder, name), 'utf8')).toContain("'Mailgrant acceptance'")
    }
    const { differs, held } = reportOf(progress)
    expect(differs).toEqual([])
    expect(held.length).toBeGreaterThan(80)
    expect(progress.findings.map(({ assumption }) => assumption)).toEqual(
      expect.arrayContaining(steps.flatMap(({ checks }) => checks)),
    )
    // The person registered the app by hand, and so deletes it by hand.
    expect(progress.changed.map(({ id }) => id)).toEqual(['app', 'approval'])

    const said: string[] = []
    const replies: Record<string, string> = { kind: 'sandbox', write: 'yes' }
    const paths = await finish({
      person: {
        say: (text) => void said.push(text),
        ask: async (errand) => (errand.do === 'tell' ? (replies[errand.name] ?? '') : ''),
      },
      progress,
      recorder,
      origins,
      folder,
      against: 'sandbox',
    })
    expect(paths, said.join('\n')).not.toBeNull()
    const texts = [
      'progress.json',
      ...(paths ?? []).map((path) => path.slice(folder.length + 1)),
    ].map((name) => readFileSync(join(folder, name), 'utf8'))
    expect(recorder.secrets.size).toBeGreaterThan(20)
    const canaries = [...recorder.secrets].flatMap((secret) => encodingsOf(secret))
    for (const text of texts) expect(canaries.filter((canary) => text.includes(canary))).toEqual([])
    const [, transcript = ''] = texts
    for (const own of ['alice', 'contoso', 'grace', 'carol', 'Help Desk', '127.0.0.1']) {
      expect(transcript).not.toContain(own)
    }
    const written = readTranscript(transcript)
    const { entries } = written
    // With --update, this writes it.
    await expect(transcriptText(steady(written))).toMatchFileSnapshot(
      '../transcripts/sandbox.jsonl',
    )
    const real = readdirSync(TRANSCRIPTS).filter((name) => /^(?!sandbox).*\.jsonl$/.test(name))
    for (const name of real) {
      const other = readTranscript(readFileSync(join(TRANSCRIPTS, name), 'utf8'))
      expect(differences(other.entries, entries), name).toEqual([])
    }
    expect(entries.filter((entry) => JSON.stringify(entry).includes('unknown sentence'))).toEqual(
      [],
    )
    expect(person.clicks()).toBeLessThan(60)
  })

  it('continues where it was interrupted, and asks for nothing twice', async () => {
    const folder = newFolder()
    const first = await rehearse({ folder, steps: only('discovery', 'app', 'app-refusals') })
    expect(Object.keys(first.progress.done)).toEqual(['discovery', 'app', 'app-refusals'])
    const asked: string[] = []
    const second = await rehearse({
      folder,
      steps: only('discovery', 'app', 'app-refusals', 'sign-in-work'),
      onAsk: (errand) => void asked.push(errand.do === 'tell' ? errand.name : errand.do),
    })
    expect(second.progress.failed).toEqual({})
    expect(asked).toEqual(['open'])
  })

  it('writes down how to undo a change before it is made, and undoes the latest first', async () => {
    const folder = newFolder()
    const seen: (string | null)[] = []
    await rehearse({
      folder,
      steps: only('app', 'app-in-exchange'),
      onAsk(errand) {
        if (errand.do !== 'change') return
        const { changed } = readProgress(folder)
        seen.push(errand.back ? null : (changed.at(-1)?.id ?? 'nothing'))
        if (errand.change.id === 'mailbox-permission') throw new Error('interrupted')
      },
    })
    expect(seen).toEqual(['app', 'exchange-app', 'mailbox-permission'])
    const progress = readProgress(folder)
    const text = stillChanged(progress) ?? ''
    expect(text.indexOf('Remove-MailboxPermission')).toBeLessThan(
      text.indexOf('Remove-ServicePrincipal'),
    )
    const said: string[] = []
    await rehearse({ folder, steps: [], onSay: (line) => void said.push(line) })
    expect(said).toEqual([text])
    const undone: string[] = []
    await undoAll(
      {
        say: () => {},
        ask: async (errand) => {
          if (errand.do === 'change') undone.push(errand.change.id)
          return ''
        },
      },
      progress,
      folder,
    )
    expect(undone).toEqual(['mailbox-permission', 'exchange-app', 'app'])
    expect(readProgress(folder).changed).toEqual([])
  })

  it.each([
    ['of another domain', { domain: 'adatum.test' }, 'the domain is not that of the work account'],
    ['with more than 50 users', { users: '51' }, 'more than 50 users'],
    ['whose users were not counted', { users: '' }, 'more than 50 users'],
  ])('changes no tenant %s', async (_, replies, reason) => {
    const { progress } = await inFolder({ steps: only('app'), replies })
    expect(progress.failed.app).toContain(reason)
    expect(progress.changed).toEqual([])
  })

  it('changes a large tenant if the person insists', async () => {
    const { progress } = await inFolder({
      steps: only('app'),
      replies: { users: '5000' },
      notProduction: true,
    })
    expect(progress.failed).toEqual({})
  })
})
