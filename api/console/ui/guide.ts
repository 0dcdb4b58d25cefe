/** Steps of the setup guide: what to do, where, and every value ready to be pasted. */
import type { SetupGuide } from '../../../schema/setup-guide.ts'
import { h } from '../dom.ts'
import { copyable } from './copy.ts'

type Step = SetupGuide['steps'][number]

export const guideSteps = (steps: readonly Step[]): HTMLElement =>
  h('ol', { class: 'guide' }, steps.map(stepView))

/** The last steps are about these settings and accounts, which have their own pages here. */
export const isAtMicrosoft = ({ url }: Step) => url !== null

const stepView = ({ title, text, url, values }: Step) =>
  h(
    'li',
    {},
    h('h3', {}, title),
    h('p', {}, text),
    h('dl', { class: 'facts' }, values.filter(isNoCall).map(valueView)),
    url !== null &&
      h(
        'p',
        {},
        h(
          'a',
          { href: url, target: '_blank', rel: 'noopener noreferrer' },
          'Open this page at Microsoft',
        ),
      ),
  )

/** Calls of the API are for those who build on it; the console has buttons for them. */
const isNoCall = ({ value }: Step['values'][number]) => !/^[A-Z]+ \//.test(value)

function valueView({ label, value }: Step['values'][number]) {
  // Ids of permissions are for scripts: the portal is searched by name.
  const name = label.replace(/ [0-9a-f-]{36}$/, '')
  return h(
    'div',
    {},
    h('dt', {}, name),
    h('dd', {}, isPasted(value) ? copyable(value, name) : value),
  )
}

/** Names, addresses, ids and commands are pasted; "Web" or "24 months" is chosen from a list. */
const isPasted = (value: string) =>
  (value.length > 5 && !/\s/.test(value)) || /^[A-Z]\w+-[A-Z]\w+ -/.test(value)

/** A script to be run instead of the steps. */
export const guideScript = (title: string, about: string, name: string, text: string) =>
  h(
    'details',
    {},
    h('summary', {}, title),
    h('p', { class: 'quiet' }, about),
    copyable(text, name, { lines: true }),
  )
