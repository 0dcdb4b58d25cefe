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

/** What a diagnosis and the catalogue have in common. */
export type Cause = Omit<Diagnosis['candidates'][number], 'likelihood'>

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
    candidate.docs.length > 0 &&
      h(
        'p',
        { class: 'small' },
        'Sources: ',
        candidate.docs.map((url, index) => [
          index > 0 && ', ',
          outside(url, nameOf(candidate.docs, index)),
        ]),
      ),
  )

const fix = ({ text, url, command }: Cause['fixes'][number]) =>
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

/** Its host; the second of the same host is `github.com 2`. */
function nameOf(urls: readonly string[], index: number): string {
  const hosts = urls.map(hostOf)
  const host = hosts[index] ?? ''
  const before = hosts.slice(0, index).filter((other) => other === host).length
  return before === 0 ? host : `${host} ${before + 1}`
}

const hostOf = (url: string) => (URL.canParse(url) ? new URL(url).hostname : url)
