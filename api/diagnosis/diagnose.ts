/** The diagnosis of a failure: its causes, best first, with fixes that contain the caller's values. Pure. */
import type { CauseEntry, Diagnosis } from '../../schema/diagnosis.ts'
import type { Responsible } from '../../schema/responsible.ts'
import { type CatalogueEntry, catalogue } from './catalogue/catalogue.ts'
import type { FixTemplate, Variant } from './catalogue/cause.ts'
import { ofPasswordGrant } from './catalogue/conditions.ts'
import { SOURCES_CHECKED } from './catalogue/docs.ts'
import { ofOtherProvider } from './catalogue/hosts.ts'
import { type ParsedReport, parseReport } from './parse/parse-report.ts'
import { valuesIn } from './parse/values.ts'
import { rank } from './rank.ts'
import { createRenderer, type FixValues, type Renderer } from './render-template.ts'
import type { Report } from './report.ts'

export type { FixValues } from './render-template.ts'
export type { FailureKind, ObservedFacts, Report } from './report.ts'

/**
 * Diagnoses a report. Never throws; for a text that matches no indicator the verdict is `unknown`, with questions.
 * `defaults`: values where neither the caller nor the report has one.
 */
export function diagnose(
  report: Report,
  values: FixValues = {},
  defaults: FixValues = {},
): Diagnosis {
  const parsed = parseReport(report)
  const { verdict, proof, ranked, ask } = rank(parsed)
  const renderer = createRenderer(
    { ...defaults, ...defined(valuesIn(report, parsed)), ...defined(values) },
    parsed.protocol,
  )
  return {
    verdict,
    candidates: ranked.map(({ cause, group, likelihood }) => {
      const fixes = fixesFor(cause, parsed)
      const { responsible, ...words } = variantOf(cause, parsed)
      const { docs } = { ...cause, ...words }
      return {
        ...entryOf({ ...cause, ...words }, renderer, fixes),
        docs: docs.filter((url) => isAbout(url, parsed)),
        responsible:
          (isOwn(parsed) ? undefined : fixes[0]?.by) ??
          responsible ??
          group?.responsible ??
          responsibleFor(cause, parsed),
        likelihood: Math.round(Math.min(likelihood, MOST_LIKELIHOOD[verdict]) * 100) / 100,
      }
    }),
    proof,
    ask: ask.map(({ text, field }) => ({ text: renderer.text(text), ...(field && { field }) })),
    interpretation: parsed.interpretation,
  }
}

/** Highest likelihood for each verdict. Without a proof, the rules cannot be as certain as their weights suggest. */
const MOST_LIKELIHOOD: Record<Diagnosis['verdict'], number> = {
  certain: 1,
  likely: 0.95,
  ambiguous: 0.6,
  unknown: 0.3,
}

function variantOf(
  { variants = [] }: CatalogueEntry,
  parsed: ParsedReport,
): Omit<Variant, 'onlyFor'> {
  const { onlyFor: _, ...words } = variants.find(({ onlyFor }) => onlyFor(parsed)) ?? {}
  return words
}

/** Lists the catalogue with placeholders instead of values. */
export function listCauses(values: Pick<FixValues, 'causePages'> = {}): CauseEntry[] {
  const renderer = createRenderer(values, 'imap')
  return catalogue.map((cause) => listedEntry(cause, renderer))
}

/** Describes every cause for its public page. */
export function describeCauses(values: Pick<FixValues, 'causePages'>) {
  const renderer = createRenderer(values, 'imap')
  return catalogue.map((cause) => ({
    ...listedEntry(cause, renderer),
    kind: cause.kind,
    /** Texts of the fixes that switch a protection off, or make an exception to it. */
    weakening: cause.fixes.flatMap(({ text, weakens }) => (weakens ? renderer.text(text) : [])),
    checked: SOURCES_CHECKED,
  }))
}

const listedEntry = (cause: CatalogueEntry, renderer: Renderer): CauseEntry => ({
  ...entryOf(cause, renderer),
  aadsts: cause.aadsts.flatMap(({ numbers }) => numbers),
  ask: (cause.ask ?? []).map(({ text }) => renderer.text(text)),
})

/**
 * Returns the fixes that apply to the report, those that are meant for it first. Advice for other programs would
 * mislead an admin about a failure that Mailgrant itself observed.
 */
function fixesFor(cause: CatalogueEntry, parsed: ParsedReport): readonly FixTemplate[] {
  const { fixes } = cause
  const alone = fixes.filter(({ instead }) => instead?.(parsed))
  if (alone.length > 0 && !isOwn(parsed)) return alone
  const applicable = fixes.filter(
    ({ otherPrograms, onlyFor, unless, instead }) =>
      !(otherPrograms && isOwn(parsed)) &&
      instead === undefined &&
      (onlyFor === undefined || onlyFor(parsed)) &&
      !unless?.(parsed),
  )
  const isFirst = ({ onlyFor, first = onlyFor }: FixTemplate) => (first?.(parsed) ? 1 : 0)
  return applicable.length > 0 ? applicable.toSorted((a, b) => isFirst(b) - isFirst(a)) : fixes
}

const isOwn = ({ observed, mailgrantProblem }: ParsedReport) =>
  observed || mailgrantProblem !== null

/** Returns false for a source that is about another program or provider than the report. */
function isAbout(url: string, parsed: ParsedReport): boolean {
  const { hostname, pathname } = new URL(url)
  const [, , repository = ''] = pathname.toLowerCase().split('/')
  if (hostname === 'github.com') return namesProgram(repository, parsed)
  return !(ofOtherProvider(parsed) && hostname.endsWith('microsoft.com'))
}

const namesProgram = (name: string, { text, facts: { raw } }: ParsedReport) =>
  `${raw.library ?? ''} ${text}`.replace(/[ _-]/g, '').includes(name.replace(/[_-]/g, ''))

function responsibleFor(cause: CatalogueEntry, parsed: ParsedReport): Responsible {
  const { responsible, responsibleForPersonal, responsibleForPasswordGrant } = cause
  if (ofPasswordGrant(parsed)) return responsibleForPasswordGrant ?? responsible
  return parsed.facts.personal === true ? (responsibleForPersonal ?? responsible) : responsible
}

export const entryOf = (
  cause: CatalogueEntry,
  renderer: Renderer,
  fixes: readonly FixTemplate[] = cause.fixes,
) => ({
  cause: cause.slug,
  url: renderer.causePage(cause.slug),
  title: renderer.text(cause.title),
  explanation: renderer.prose(cause.explanation),
  responsible: cause.responsible,
  retryable: cause.retryable,
  fixes: [...fixes.map(renderer.fix), ...renderer.ownFix(fixes)],
  docs: [...cause.docs],
})

const defined = (values: FixValues): FixValues =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined))
