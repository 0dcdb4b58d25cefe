/** Steps of the setup guide: which of them are shown, and which of their values are pasted. */
import type { SetupGuide } from '../../../schema/setup-guide.ts'
import { h } from '../dom.ts'
import { copyable } from './copy.ts'

export type Step = SetupGuide['steps'][number]

export const guideSteps = (steps: readonly Step[]): HTMLElement =>
  h('ol', { class: 'guide' }, steps.map(stepView))

/** The last steps are about these settings and accounts, which have their own pages here. */
export const isAtMicrosoft = ({ url }: Step) => url !== null

const stepView = (step: Step) => {
  const { title, text, url } = step
  return h(
    'li',
    {},
    h('h3', {}, title),
    h('p', {}, text),
    h('dl', { class: 'facts' }, valuesOf(step).map(valueView)),
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
}

/** Calls of the API are for those who build on it; the console has buttons for them. */
const isApiCall = ({ value }: Step['values'][number]) => /^[A-Z]+ \//.test(value)

/** Returns what is entered in a step. `pasted`: the value is worth a button that copies it. */
export const valuesOf = ({ values }: Step) =>
  values
    .filter((entry) => !isApiCall(entry))
    .map(({ label, value }) => ({
      // Ids of permissions are for scripts: the portal is searched by name.
      name: label.replace(/ [0-9a-f-]{36}$/, ''),
      value,
      pasted: isPasted(value),
    }))

type Value = ReturnType<typeof valuesOf>[number]

const valueView = ({ name, value, pasted }: Value) =>
  h('div', {}, h('dt', {}, name), h('dd', {}, pasted ? copyable(value, name) : value))

/** Names, addresses, ids and commands are pasted; "Web" or "24 months" is chosen from a list. */
const isPasted = (value: string) =>
  (value.length > 5 && !/\s/.test(value)) || /^[A-Z]\w+-[A-Z]\w+ -/.test(value)
