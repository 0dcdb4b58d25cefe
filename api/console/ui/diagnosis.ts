/** A diagnosis in full: what is wrong, who must act, what exactly to do. */
import type { Diagnosis } from '../../../schema/diagnosis.ts'
import { h } from '../dom.ts'
import { copyable } from './copy.ts'
import { leadsOut, sourceNames } from './sources.ts'
import { whoActs } from './state.ts'

const verdicts: Record<Diagnosis['verdict'], string> = {
  certain: 'What is wrong',
  likely: 'Most likely cause',
  ambiguous: 'Possible causes',
  unknown: "We don't recognise this error",
}

/** Causes that are shown at once where none stands out. */
const MOST_SHOWN = 3

/** What a diagnosis and the catalogue have in common. */
export type Cause = Omit<Diagnosis['candidates'][number], 'likelihood'>

export function diagnosisView(diagnosis: Diagnosis, level: 'h2' | 'h3' = 'h3'): HTMLElement {
  const { verdict, candidates } = diagnosis
  // Where one stands out, the others would only distract.
  const most = verdict === 'ambiguous' ? MOST_SHOWN : 1
  const shown = candidates.slice(0, most)
  const others = candidates.slice(most)
  return h(
    'section',
    { 'aria-label': 'Diagnosis' },
    h(level, {}, verdicts[verdict]),
    shown.map(cause),
    diagnosis.ask.length > 0 &&
      h(
        'div',
        { class: 'cause' },
        h('strong', {}, 'How to find out'),
        h(
          'ol',
          {},
          diagnosis.ask.map(({ text }) => h('li', {}, text)),
        ),
      ),
    others.length > 0 &&
      h(
        'details',
        {},
        h(
          'summary',
          {},
          others.length === 1 ? 'One less likely cause' : `${others.length} less likely causes`,
        ),
        others.map(cause),
      ),
  )
}

const cause = (candidate: Cause) =>
  h('div', { class: 'cause' }, h('strong', {}, candidate.title), causeBody(candidate))

/** All but the title: what it is, who acts, what to do. */
export const causeBody = (candidate: Cause) =>
  h(
    'div',
    {},
    h('p', {}, candidate.explanation),
    h(
      'p',
      { class: 'quiet' },
      'Who must act: ',
      whoActs[candidate.responsible],
      '.',
      candidate.retryable && ' It may also pass by itself.',
    ),
    h('ol', {}, candidate.fixes.map(fix)),
    h('p', { class: 'small' }, page(candidate.url)),
    candidate.docs.length > 0 &&
      h(
        'p',
        { class: 'small' },
        'Sources: ',
        candidate.docs.map((url, index) => [
          index > 0 && ', ',
          outside(url, sourceNames(candidate.docs)[index] ?? ''),
        ]),
      ),
  )

const page = (url: string) =>
  h('a', { href: url, target: '_blank', rel: 'noopener noreferrer' }, 'More about this cause')

const fix = ({ text, url, command }: Cause['fixes'][number]) =>
  h(
    'li',
    {},
    url !== undefined && text.includes(url) ? linkToSend(text, url) : text,
    url !== undefined && leadsOut(url) && [' ', outside(url, 'Open')],
    command !== undefined && copyable(command, 'command', { lines: true }),
  )

/** An address that stands in the text is there to be sent to somebody. */
function linkToSend(text: string, url: string) {
  const [before = '', ...after] = text.split(url)
  return [before, copyable(url, 'link'), after.join(url).replace(/^[.\s]+/, '')]
}

/** Only https leads out of here, and nobody there learns where from. */
const outside = (url: string, text: string) =>
  leadsOut(url) ? h('a', { href: url, target: '_blank', rel: 'noopener noreferrer' }, text) : text
