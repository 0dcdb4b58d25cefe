/** Keeps the focus on the page when the focused element disappears, such as "Stop" when the work is done. */

/** Time for the page to move the focus itself. */
const GRACE_MS = 100

const FOCUSABLE = 'a[href], button, input, select, textarea, summary'

/** Moves a lost focus to the nearest focusable element around the one that disappeared, or else to the heading. */
export function keepFocus(main: HTMLElement): void {
  /** The last focused element and its ancestors within `main`. */
  let path: HTMLElement[] = []
  let timer: ReturnType<typeof setTimeout> | undefined

  function restore(): void {
    if (path[0]?.isConnected !== false || document.activeElement !== document.body) return
    const remaining = path.filter(({ isConnected }) => isConnected)
    // Work that still runs moves the focus when it ends.
    if (remaining.some((element) => element.querySelector('[aria-busy=true]'))) return
    const candidates = remaining.flatMap((element) => [
      ...element.querySelectorAll<HTMLElement>(FOCUSABLE),
    ])
    const heading = main.querySelector('h1')
    heading?.setAttribute('tabindex', '-1')
    for (const candidate of [...candidates, heading]) {
      candidate?.focus({ preventScroll: true })
      if (document.activeElement === candidate) return
    }
  }
  main.addEventListener('focusin', (event) => {
    const ancestors = event.composedPath() as HTMLElement[]
    path = ancestors.slice(0, ancestors.indexOf(main))
  })
  new MutationObserver(() => {
    clearTimeout(timer)
    timer = setTimeout(restore, GRACE_MS)
  }).observe(main, { childList: true, subtree: true, attributeFilter: ['aria-busy'] })
}
