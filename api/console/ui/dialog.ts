/** Questions before something is done. */
import { type Children, h } from '../dom.ts'

/** Resolves with true when the answer is `yes`; Escape and Cancel are no. */
export function confirm(options: {
  title: string
  text: Children
  yes: string
  danger?: boolean
}): Promise<boolean> {
  return new Promise((resolve) => {
    const dialog = h(
      'dialog',
      {
        'aria-labelledby': 'dialog-title',
        onclose: () => {
          resolve(dialog.returnValue === 'yes')
          dialog.remove()
        },
      },
      h(
        'form',
        { method: 'dialog' },
        h('h2', { id: 'dialog-title' }, options.title),
        h('div', {}, options.text),
        h(
          'div',
          { class: 'row' },
          h('button', { class: options.danger ? 'danger' : 'main', value: 'yes' }, options.yes),
          h('button', { value: 'no', autofocus: options.danger ?? false }, 'Cancel'),
        ),
      ),
    )
    // Of a page that is left nothing is asked any more.
    window.addEventListener('hashchange', () => dialog.close(), { once: true })
    document.body.append(dialog)
    dialog.showModal()
  })
}
