/** The report of a run: what held, what differs with both sides, and what was not checked. */
import { type AssumptionId, all, assumptions } from '../assumptions.ts'
import type { Finding, Progress } from './progress.ts'

export type Report = {
  held: AssumptionId[]
  differs: Finding[]
  /** Statements that were not checked, each with the reason. */
  unchecked: { assumption: AssumptionId; reason: string }[]
}

export function reportOf({ findings }: Pick<Progress, 'findings'>): Report {
  const differs = findings.filter(({ expected, saw }) => expected !== saw)
  const differing = new Set(differs.map(({ assumption }) => assumption))
  const seen = new Set(findings.map(({ assumption }) => assumption))
  return {
    held: all.map(([id]) => id).filter((id) => seen.has(id) && !differing.has(id)),
    differs,
    unchecked: all
      .filter(([id]) => !seen.has(id))
      .map(([id, { check }]) => ({
        assumption: id,
        reason: check === 'automatic' ? 'its step was left out, or did not finish' : check,
      })),
  }
}

/** Returns the report in Markdown. It contains no value of the tenant, only what the steps compared. */
export function reportText(progress: Progress, transcript: string): string {
  const { held, differs, unchecked } = reportOf(progress)
  return [
    '# Acceptance report',
    '',
    `${held.length} statements held, ${differs.length} findings differ, ${unchecked.length} statements were not checked.`,
    `Transcript: ${transcript}`,
    '',
    '## Differs',
    '',
    ...differs.map(
      ({ assumption, expected, saw }) =>
        `- \`${assumption}\`: expected ${expected}, saw ${saw}. ${assumptions[assumption].statement} (${assumptions[assumption].file})`,
    ),
    '',
    '## Held',
    '',
    ...held.map((id) => `- \`${id}\``),
    '',
    '## Not checked',
    '',
    ...unchecked.map(({ assumption, reason }) => `- \`${assumption}\`: ${reason}`),
    '',
    '## Steps that did not finish',
    '',
    ...Object.entries(progress.failed).map(([id, reason]) => `- ${id}: ${reason}`),
    '',
  ].join('\n')
}
