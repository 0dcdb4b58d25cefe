/** A diagnosis in full: what is wrong, who must act, what exactly to do. */
import type { Diagnosis } from '../../../schema/diagnosis.ts'
import { h } from '../dom.ts'
import { copyable } from './copy.ts'
import { whoActs } from './state.ts'

const verdicts: Record<Diagnosis['verdict'], string> = {
  certain: 'This is what is wrong',
  likely: 'Most likely',
  ambiguous: 'It is one of these',
  unknown: 'Nobody has seen this yet',
}

type Candidate = Diagnosis['candidates'][number]

export function diagnosisView(diagnosis: Diagnosis, level: 'h2' | 'h3' = 'h3'): HTMLElement {
  const [first, ...others] = diagnosis.candidates
  return h(
    'section',
    { 'aria-label': 'Diagnosis' },
    h(level, {}, verdicts[diagnosis.verdict]),
    first && cause(first),
    diagnosis.ask.length > 0 &&
      h(
        'div',
        { class: 'cause' },
        h('strong', {}, diagnosis.verdict === 'certain' ? 'To make sure' : 'What would settle it'),
        h(
          'ol',
          {},
          diagnosis.ask.map((question) => h('li', {}, question)),
        ),
      ),
    others.length > 0 &&
      h(
        'details',
        { open: diagnosis.verdict === 'ambiguous' },
        h('summary', {}, others.length === 1 ? 'One other cause' : `${others.length} other causes`),
        others.map(cause),
      ),
  )
}

const cause = (candidate: Candidate) =>
  h(
    'div',
    { class: 'cause' },
    h('strong', {}, candidate.title),
    h('p', {}, candidate.explanation),
    h(
      'p',
      { class: 'quiet' },
      `To be mended by ${whoActs[candidate.responsible]}.`,
      candidate.retryable && ' It may also pass by itself.',
    ),
    h('ol', {}, candidate.fixes.map(fix)),
    candidate.docs.length > 0 &&
      h(
        'p',
        { class: 'small' },
        'Sources: ',
        candidate.docs.map((url, index) => [index > 0 && ', ', outside(url, hostOf(url))]),
      ),
  )

const fix = ({ text, url, command }: Candidate['fixes'][number]) =>
  h(
    'li',
    {},
    text,
    url !== undefined && [' ', outside(url, 'Open')],
    command !== undefined && copyable(command, 'command', { lines: true }),
  )

/** Only https leads out of here, and nobody there learns where from. */
const outside = (url: string, text: string) =>
  /^https:\/\//.test(url)
    ? h('a', { href: url, target: '_blank', rel: 'noopener noreferrer' }, text)
    : text

const hostOf = (url: string) => (URL.canParse(url) ? new URL(url).hostname : url)
