/** Keeps "Save" in place while the form gets shorter on its own, since the reader may be about to press it. */
import type { RefObject } from 'preact'
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks'

/**
 * Holds the height of the form during a sign-in and when a step folds, until something other than "Save" is pressed
 * or the window gets another width.
 */
export function useSteadyHeight(
  form: RefObject<HTMLFormElement | null>,
  { isSigningIn, folded }: { isSigningIn: boolean; folded: number },
): void {
  const height = useRef(0)
  const foldedBefore = useRef(folded)
  useEffect(() => {
    const element = form.current
    if (!element) return
    const observer = new ResizeObserver(() => {
      height.current = element.getBoundingClientRect().height
    })
    observer.observe(element)
    const release = () => {
      element.style.minHeight = ''
    }
    const onClick = ({ target }: Event) => {
      const isSave = target instanceof Element && target.closest('.save-bar')
      if (!isSave) release()
    }
    // Before the button's own handler, which may fold a step.
    element.addEventListener('click', onClick, true)
    let width = innerWidth
    const onResize = () => {
      // The bars of a phone's browser change only the height, during a scroll.
      if (innerWidth !== width) release()
      width = innerWidth
    }
    window.addEventListener('resize', onResize)
    return () => {
      observer.disconnect()
      window.removeEventListener('resize', onResize)
    }
  }, [])
  useLayoutEffect(() => {
    const isHeld = isSigningIn || folded > foldedBefore.current
    foldedBefore.current = folded
    // The height is still the one before this render.
    if (isHeld && form.current) form.current.style.minHeight = `${height.current}px`
  })
}
