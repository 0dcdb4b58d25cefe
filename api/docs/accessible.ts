/**
 * Fixes the accessibility of the viewer's output as it renders: labels for controls, keyboard scrolling
 * for regions, and removal of false landmarks.
 */
type Fix = (element: Element) => void

const label =
  (text: (element: Element) => string): Fix =>
  (element) => {
    if (!element.hasAttribute('aria-label')) element.setAttribute('aria-label', text(element))
  }

const parameterOf = (element: Element) =>
  element.closest('tr[data-param-name]')?.getAttribute('data-param-name')

const fixes: Record<string, Fix> = {
  '.parameters-col_description :is(select, input, textarea)': label(
    (element) => parameterOf(element) ?? 'Value',
  ),
  '.opblock-section-request-body textarea': label(() => 'Request body'),
  '.examples-select select': label(() => 'Example'),
  '.content-type-wrapper select, select.content-type': label(() => 'Media type'),
  '.close-modal': label(() => 'Close'),
  // Its visible text "Authorize" is the right name.
  '.auth-btn-wrapper [aria-label]': (element) => element.removeAttribute('aria-label'),
  // Hides the key from onlookers.
  '.auth-container input[type=text]': (element) => {
    element.setAttribute('type', 'password')
    element.setAttribute('autocomplete', 'off')
  },
  'table[role=region]': (element) => element.removeAttribute('role'),
  pre: (element) => element.setAttribute('tabindex', '0'),
}

/** Fixes everything that is rendered into `place` from now on. */
export function keepAccessible(place: Element): void {
  new MutationObserver((records) => {
    for (const added of records.flatMap((record) => [...record.addedNodes])) {
      if (added instanceof Element && added.isConnected) fixAll(added)
    }
  }).observe(place, { childList: true, subtree: true })
}

function fixAll(root: Element): void {
  for (const [selector, fix] of Object.entries(fixes)) {
    if (root.matches(selector)) fix(root)
    for (const element of root.querySelectorAll(selector)) fix(element)
  }
}
