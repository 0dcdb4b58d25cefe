/**
 * Names and roles that the viewer leaves out, added to what it renders as it renders it: labels of its
 * controls, regions that can be scrolled by key, landmarks that are none.
 */
type Mend = (element: Element) => void

const name =
  (text: (element: Element) => string): Mend =>
  (element) => {
    if (!element.hasAttribute('aria-label')) element.setAttribute('aria-label', text(element))
  }

const parameterOf = (element: Element) =>
  element.closest('tr[data-param-name]')?.getAttribute('data-param-name')

const mends: Record<string, Mend> = {
  '.parameters-col_description :is(select, input, textarea)': name(
    (element) => parameterOf(element) ?? 'Value',
  ),
  '.opblock-section-request-body textarea': name(() => 'Request body'),
  '.examples-select select': name(() => 'Example'),
  '.content-type-wrapper select, select.content-type': name(() => 'Media type'),
  '.close-modal': name(() => 'Close'),
  // It says "Authorize" to those who see it.
  '.auth-btn-wrapper [aria-label]': (element) => element.removeAttribute('aria-label'),
  // A key is a secret, also to whoever looks over the shoulder.
  '.auth-container input[type=text]': (element) => {
    element.setAttribute('type', 'password')
    element.setAttribute('autocomplete', 'off')
  },
  'table[role=region]': (element) => element.removeAttribute('role'),
  pre: (element) => element.setAttribute('tabindex', '0'),
}

/** From now on, whatever is rendered into `place`. */
export function keepAccessible(place: Element): void {
  new MutationObserver((records) => {
    for (const added of records.flatMap((record) => [...record.addedNodes])) {
      if (added instanceof Element && added.isConnected) mendAll(added)
    }
  }).observe(place, { childList: true, subtree: true })
}

function mendAll(root: Element): void {
  for (const [selector, mend] of Object.entries(mends)) {
    if (root.matches(selector)) mend(root)
    for (const element of root.querySelectorAll(selector)) mend(element)
  }
}
