/** Something to take elsewhere: the text, and a button that copies it and says so. */
import { h } from '../dom.ts'

/**
 * `name` says what is copied, for screen readers: "Copy redirect URI". `copied` hears of it, by the
 * button or by hand.
 */
export function copyable(
  text: string,
  name: string,
  options: { lines?: boolean; copied?: () => void } = {},
): HTMLElement {
  const button = h('button', { type: 'button', 'aria-label': `Copy ${name}` }, 'Copy')
  const said = h('span', { role: 'status', class: 'small quiet' })
  button.addEventListener('click', () => {
    navigator.clipboard.writeText(text).then(
      () => {
        options.copied?.()
        said.textContent = 'Copied'
        setTimeout(() => {
          said.textContent = ''
        }, 2000)
      },
      () => {
        said.textContent = 'Select the text and copy it by hand.'
      },
    )
  })
  const shown = options.lines
    ? h('pre', { tabindex: '0', 'aria-label': name }, text)
    : h('span', {}, text)
  shown.addEventListener('copy', () => options.copied?.())
  const long = options.lines || text.length > 120
  return h('div', {}, h('div', { class: long ? 'copy long' : 'copy' }, shown, button), said)
}
