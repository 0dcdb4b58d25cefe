/** The diagnosis of a failure: its causes, best first, with fixes that contain the caller's values. Pure. */
import type { CauseEntry, Diagnosis } from '../../schema/diagnosis.ts'
import { catalogue } from './catalogue/catalogue.ts'
import type { Cause } from './catalogue/cause.ts'
import { SOURCES_CHECKED } from './catalogue/docs.ts'
import { samples } from './catalogue/samples.ts'
import { parseReport } from './parse/parse-report.ts'
import { valuesIn } from './parse/values.ts'
import { rank } from './rank.ts'
import { createRenderer, type FixValues, type Renderer } from './render-template.ts'
import type { Report } from './report.ts'

export type { FixValues } from './render-template.ts'
export type { FailureKind, ObservedFacts, Report } from './report.ts'

/**
 * Diagnoses a report. Never throws; for a text without known signs the verdict is `unknown`, with questions.
 * `defaults`: values where neither the caller nor the report has one.
 */
export function diagnose(
  report: Report,
  values: FixValues = {},
  defaults: FixValues = {},
): Diagnosis {
  const parsed = parseReport(report)
  const { verdict, ranked, ask } = rank(parsed)
  const renderer = createRenderer(
    { ...defaults, ...defined(valuesIn(report, parsed)), ...defined(values) },
    parsed.protocol,
  )
  return {
    verdict,
    candidates: ranked.map(({ cause, group, likelihood }) => ({
      ...entryOf(report.facts ? ofThisProduct(cause) : cause, renderer),
      responsible: group?.responsible ?? cause.responsible,
      likelihood: Math.round(likelihood * 100) / 100,
    })),
    ask: ask.map(({ text, field }) => ({ text: renderer.text(text), ...(field && { field }) })),
    read_as: parsed.readAs,
  }
}

/** Lists the catalogue with placeholders instead of values. */
export function listCauses(values: Pick<FixValues, 'causePages'> = {}): CauseEntry[] {
  const renderer = createRenderer(values, 'imap')
  return catalogue.map((cause) => listedEntry(cause, renderer))
}

/** Describes every cause for its public page: with its kind and the texts by which people find it. */
export function describeCauses(values: Pick<FixValues, 'causePages'>) {
  const renderer = createRenderer(values, 'imap')
  return catalogue.map((cause) => ({
    ...listedEntry(cause, renderer),
    kind: cause.kind,
    samples: samples[cause.slug] ?? [],
    checked: SOURCES_CHECKED,
  }))
}

const listedEntry = (cause: Cause, renderer: Renderer): CauseEntry => ({
  ...entryOf(cause, renderer),
  aadsts: (cause.aadsts ?? []).flatMap(({ numbers }) => numbers),
  ask: (cause.ask ?? []).map(({ text }) => renderer.text(text)),
})

/** Omits advice for other programs, which would mislead an admin about a failure the product itself saw. */
function ofThisProduct(cause: Cause): Cause {
  const [first, ...others] = cause.fixes.filter(({ otherPrograms }) => !otherPrograms)
  return first ? { ...cause, fixes: [first, ...others] } : cause
}

const entryOf = (cause: Cause, renderer: Renderer) => ({
  cause: cause.slug,
  url: renderer.causePage(cause.slug),
  title: renderer.text(cause.title),
  explanation: renderer.text(cause.explanation),
  responsible: cause.responsible,
  retryable: cause.retryable,
  fixes: cause.fixes.map(renderer.fix),
  docs: [...cause.docs],
})

const defined = (values: FixValues): FixValues =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined))
