/** Sentences about how something went. */
import type { Problem } from '../../../schema/problem.ts'
import { type Children, h } from '../dom.ts'

export type Tone = 'good' | 'bad' | 'ask' | 'plain'

export const notice = (tone: Tone, title: string, ...children: Children[]) =>
  h('div', { class: `notice ${tone}` }, h('strong', {}, title), ...children)

/** A refusal in the API's own words. */
export const problemNotice = (problem: Pick<Problem, 'title' | 'detail'>) =>
  notice('bad', problem.title, h('div', {}, problem.detail))
