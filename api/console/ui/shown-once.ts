/** A secret that is shown this one time: it asks before it is left without having been copied. */
import { type Children, h } from '../dom.ts'
import { copyable } from './copy.ts'
import { notice } from './notice.ts'

export type ShownOnce = {
  element: HTMLElement
  /** For `beforeLeaving`. */
  objection: () => string | null
}

/** `name` is what it is called in a sentence: "API key". */
export function shownOnce(options: {
  title: string
  secret: string
  name: string
  more?: Children
}): ShownOnce {
  const { title, secret, name } = options
  let copied = false
  const element = notice(
    'ask',
    title,
    h('p', {}, `Copy the ${name} now: it is not shown again.`),
    copyable(secret, name, {
      copied: () => {
        copied = true
      },
    }),
    options.more,
  )
  return {
    element,
    objection: () =>
      copied ? null : `The ${name} was not copied, and is not shown again. Leave it?`,
  }
}
