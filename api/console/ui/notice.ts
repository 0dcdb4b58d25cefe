/** Sentences about how something went. */
import type { Problem } from '../../../schema/problem.ts'
import { type Children, h } from '../dom.ts'
import { sentence } from './faults.ts'
import type { Field } from './fields.ts'

export type Tone = 'good' | 'bad' | 'ask' | 'plain'

export const notice = (tone: Tone, title: string, ...children: Children[]) =>
  h('div', { class: `notice ${tone}` }, h('strong', {}, title), ...children)

/** A refusal in the API's own words. */
export const problemNotice = (problem: Pick<Problem, 'title' | 'detail'>) =>
  notice('bad', problem.title, h('div', {}, problem.detail))

/**
 * Tells each field what the API found wrong with it, by JSON pointer, and focuses the first. True
 * when every fault found its field: then nothing is left to say elsewhere.
 */
export function complainAtFields(
  problem: Partial<Problem>,
  fields: Record<string, Pick<Field<HTMLElement>, 'complain' | 'input'>>,
): boolean {
  const faults = problem.errors ?? []
  const known = faults.filter(({ pointer }) => fields[pointer])
  for (const { pointer, message } of known) fields[pointer]?.complain(sentence(message))
  const [first] = known
  if (first) fields[first.pointer]?.input.focus()
  return faults.length > 0 && known.length === faults.length
}
