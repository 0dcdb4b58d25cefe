/** From a failure to its causes, best first, with fixes that hold the caller's values. Pure. */
import type { CauseEntry, Diagnosis } from '../../schema/diagnosis.ts'
import { catalogue } from './catalogue/catalogue.ts'
import type { Cause } from './catalogue/cause.ts'
import { type Filler, type FixValues, fillerFor } from './fill.ts'
import { rank } from './rank.ts'
import { read } from './read/read.ts'
import { valuesIn } from './read/values.ts'
import type { Report } from './report.ts'

export type { FixValues } from './fill.ts'
export type { Facts, FailureKind, Report } from './report.ts'

/** Never throws, whatever the text: what is not understood is `unknown`, with what to collect. */
export function diagnose(report: Report, values: FixValues = {}): Diagnosis {
  const reading = read(report)
  const { verdict, ranked, ask } = rank(reading)
  const filler = fillerFor({ ...valuesIn(report), ...defined(values) }, report.protocol)
  return {
    verdict,
    candidates: ranked.map(({ cause, group, likelihood }) => ({
      ...entryOf(report.facts ? ofThisProduct(cause) : cause, filler),
      responsible: group?.responsible ?? cause.responsible,
      likelihood: Math.round(likelihood * 100) / 100,
    })),
    ask: ask.map(({ text }) => filler.text(text)),
  }
}

/** The catalogue with placeholders instead of values. */
export function listCauses(): CauseEntry[] {
  const filler = fillerFor({}, 'imap')
  return catalogue.map((cause) => ({
    ...entryOf(cause, filler),
    aadsts: (cause.aadsts ?? []).flatMap(({ numbers }) => numbers),
    ask: (cause.ask ?? []).map(({ text }) => filler.text(text)),
  }))
}

/** Facts come from the product itself: advice for other programs would lead an admin astray. */
function ofThisProduct(cause: Cause): Cause {
  const [first, ...others] = cause.fixes.filter(({ otherPrograms }) => !otherPrograms)
  return first ? { ...cause, fixes: [first, ...others] } : cause
}

const entryOf = (cause: Cause, filler: Filler) => ({
  cause: cause.slug,
  title: filler.text(cause.title),
  explanation: filler.text(cause.explanation),
  responsible: cause.responsible,
  retryable: cause.retryable,
  fixes: cause.fixes.map(filler.fix),
  docs: [...cause.docs],
})

const defined = (values: FixValues): FixValues =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined))
