/** Keeps the focus on the page when the element that has it disappears, such as "Stop" when all is done. */

/** Time for the page to move the focus to where it knows best. */
const GRACE_MS = 100

const STOPS = 'a[href], button, input, select, textarea, summary'

/** Moves a lost focus to the first stop of what is left around the element, or else to the heading. */
export function keepFocus(main: HTMLElement): void {
  /** The element that has had the focus last, and those around it up to `main`. */
  let around: HTMLElement[] = []
  let timer: ReturnType<typeof setTimeout> | undefined

  function restore(): void {
    if (around[0]?.isConnected !== false || document.activeElement !== document.body) return
    const left = around.filter(({ isConnected }) => isConnected)
    // Work that still runs moves the focus when it ends.
    if (left.some((element) => element.querySelector('[aria-busy=true]'))) return
    const stops = left.flatMap((element) => [...element.querySelectorAll<HTMLElement>(STOPS)])
    const heading = main.querySelector('h1')
    heading?.setAttribute('tabindex', '-1')
    for (const stop of [...stops, heading]) {
      stop?.focus({ preventScroll: true })
      if (document.activeElement === stop) return
    }
  }
  main.addEventListener('focusin', (event) => {
    const path = event.composedPath() as HTMLElement[]
    around = path.slice(0, path.indexOf(main))
  })
  new MutationObserver(() => {
    clearTimeout(timer)
    timer = setTimeout(restore, GRACE_MS)
  }).observe(main, { childList: true, subtree: true, attributeFilter: ['aria-busy'] })
}
