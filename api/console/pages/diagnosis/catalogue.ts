/** Every cause that a diagnosis can name, to be searched. Fetched when it is opened first. */
import type { CauseEntry } from '../../../../schema/diagnosis.ts'
import { ApiError, get } from '../../api.ts'
import { fill, h } from '../../dom.ts'
import { causeBody } from '../../ui/diagnosis.ts'
import { textField } from '../../ui/fields.ts'
import { problemNotice } from '../../ui/notice.ts'
import { findCauses } from './search.ts'

export function catalogue(): HTMLElement {
  const search = textField({
    label: 'Search the causes',
    help: 'Words, or an error number such as AADSTS50126.',
  })
  search.input.type = 'search'
  const count = h('p', { role: 'status', class: 'quiet small' })
  const shown = h('div', {})
  let causes: readonly CauseEntry[] | null = null

  const show = () => {
    const found = findCauses(causes ?? [], search.input.value)
    count.textContent = found.length === 1 ? '1 cause' : `${found.length} causes`
    fill(shown, found.map(entry))
  }
  async function load(): Promise<void> {
    count.textContent = 'Loading…'
    try {
      causes = (await get<{ data: CauseEntry[] }>('/v1/diagnoses/causes')).data
      show()
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      count.textContent = ''
      fill(shown, problemNotice(error.problem))
    }
  }
  search.input.addEventListener('input', show)

  const details = h(
    'details',
    {
      class: 'card',
      ontoggle: () => {
        if (details.open && causes === null) void load()
      },
    },
    h('summary', {}, 'All known causes'),
    h('div', { class: 'fields' }, search.element, count),
    shown,
  )
  return details
}

const entry = (cause: CauseEntry) =>
  h(
    'details',
    { class: 'entry' },
    h('summary', {}, cause.title),
    causeBody(cause),
    cause.aadsts.length > 0 &&
      h(
        'p',
        { class: 'small quiet' },
        `Error numbers: ${cause.aadsts.map((number) => `AADSTS${number}`).join(', ')}`,
      ),
  )
