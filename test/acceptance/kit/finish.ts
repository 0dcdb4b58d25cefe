/** The end of a run: unknown sentences that the person reads, the search for the tenant's own names, and both files. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Person } from './person.ts'
import type { Progress } from './progress.ts'
import type { Recorder } from './recorder.ts'
import { reportText } from './report.ts'
import { entriesOf } from './run.ts'
import { mailLine, sentence } from './sentences.ts'
import { steps } from './steps.ts'
import { type Entry, type Origins, ownValuesIn } from './transcript.ts'

export type Transcript = {
  against: 'sandbox' | 'Microsoft'
  /** The kind of tenant, in the person's words, such as `trial`. */
  tenant: string
  date: string
  entries: Entry[]
}

/** Returns the file's text: a line about the run, and one for each entry. */
export const transcriptText = ({ entries, ...about }: Transcript): string =>
  [about, ...entries].map((line) => `${JSON.stringify(line)}\n`).join('')

export function readTranscript(text: string): Transcript {
  const [about, ...entries] = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  return { ...about, entries }
}

/** Returns the sentences of this process that no template fits. */
export function unknownSentences({ exchanges, mail }: Recorder): string[] {
  const texts = exchanges.flatMap(({ json }) => {
    const { error_description: description, error } = (json ?? {}) as Record<string, unknown>
    const { message } = (error ?? {}) as { message?: unknown }
    return [description, message].filter((text) => typeof text === 'string')
  })
  const lines = mail.filter(({ from }) => from === 'server').map(({ line }) => line)
  const words = [
    ...texts.filter((text) => sentence(text).includes('[unknown sentence')).map(withoutTrace),
    ...lines.filter((line) => mailLine(line).includes('[unknown sentence')).map(withoutStatus),
  ]
  return [...new Set(words)]
}

const withoutTrace = (text: string) =>
  text
    .replace(/^AADSTS\d{3,9}: /, '')
    .replace(/\s+Trace ID: .*$/s, '')
    .trim()

const withoutStatus = (line: string) =>
  line.replace(
    /^(?:\w{1,4} (?:OK|NO|BAD) (?:\[[A-Z-]+\] )?|\d{3}[ -](?:\d\.\d{1,3}\.\d{1,3} )?)/,
    '',
  )

/** Returns everything of the run that must not be in a file, by its kind. */
export function ownValues(
  { facts }: Progress,
  { secrets, exchanges }: Recorder,
): Record<string, string> {
  const addresses = ['work address', 'personal address', 'other mailbox'].flatMap((name) => {
    const [local = '', domain = ''] = (facts[name] ?? '').split('@')
    return [
      [name, facts[name] ?? ''],
      [`name in the ${name}`, local],
      [`domain of the ${name}`, domain],
      [`first part of the domain of the ${name}`, domain.split('.')[0] ?? ''],
    ] as const
  })
  const claims = exchanges.flatMap(({ text }) => {
    const token = /"id_token":"[^".]+\.([^".]+)\./.exec(text)?.[1] ?? ''
    const read = JSON.parse(Buffer.from(token, 'base64url').toString() || '{}')
    return ['tid', 'oid', 'sub', 'name', 'preferred_username'].map(
      (name) => [`${name} of an account`, String(read[name] ?? '')] as const,
    )
  })
  return Object.fromEntries([
    ...addresses,
    ['client ID', facts['client id'] ?? ''],
    ...claims,
    ...[...secrets].map((secret, index) => [`secret ${index + 1}`, secret] as const),
  ])
}

/** Words of Microsoft's that can also be a name of the tenant. */
const COMMON = ['outlook', 'microsoft', 'test', 'live', 'hotmail']

type Finish = {
  person: Person
  progress: Progress
  recorder: Recorder
  origins: Origins
  folder: string
  against: Transcript['against']
}

/** Shows the transcript and the report, and writes them if the person agrees. Returns their paths, or null. */
export async function finish({
  person,
  progress,
  recorder,
  origins,
  folder,
  against,
}: Finish): Promise<string[] | null> {
  const approved = new Set<string>()
  for (const words of unknownSentences(recorder)) {
    const reply = await person.ask({
      do: 'tell',
      name: 'approve',
      what: `Mailgrant does not know this sentence. Type yes if it may be in the transcript:\n\n  ${words}\n\n`,
    })
    if (reply === 'yes') approved.add(words)
  }
  const { callbacks, exchanges, mail } = recorder
  const ran = new Set([...callbacks, ...exchanges, ...mail].map(({ step }) => step))
  const entries = steps.flatMap(({ id }) =>
    ran.has(id)
      ? entriesOf(id, recorder, origins, approved)
      : progress.transcript.filter(({ step }) => step === id),
  )
  const tenant = await person.ask({
    do: 'tell',
    name: 'kind',
    what: 'The kind of tenant, in one word (trial, developer, production)',
  })
  const transcript: Transcript = {
    against,
    tenant: /^[a-z]{1,20}$/.test(tenant) ? tenant : 'unknown',
    date: new Date().toISOString().slice(0, 10),
    entries,
  }
  const text = transcriptText(transcript)
  const report = reportText(progress, `transcript-${transcript.date}.jsonl`)
  const values = Object.entries(ownValues(progress, recorder)).filter(
    ([, value]) => !COMMON.includes(value.toLowerCase()),
  )
  const found = ownValuesIn(text + report, Object.fromEntries(values))
  if (found.length > 0) {
    person.say(
      `Nothing was written, because the transcript contains your own values: ${found.join(', ')}.`,
    )
    return null
  }
  person.say(text)
  const reply = await person.ask({
    do: 'tell',
    name: 'write',
    what: 'This is the whole transcript. Type yes to write it, and the report',
  })
  if (reply !== 'yes') return null
  const paths = [`transcript-${transcript.date}.jsonl`, 'report.md'].map((name) =>
    join(folder, name),
  )
  writeFileSync(paths[0] ?? '', text)
  writeFileSync(paths[1] ?? '', report)
  return paths
}
