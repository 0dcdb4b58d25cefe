/** A warning before unsaved work is lost. */
import { useLayoutEffect, useRef } from 'preact/hooks'
import { addLeaveGuard } from '../router.ts'

/**
 * Shows the warning before the page is left; null shows none. The warning is in force from the render itself, so a person who types and leaves at once is warned.
 */
export function useLeaveGuard(warning: string | null): void {
  const current = useRef(warning)
  current.current = warning
  useLayoutEffect(() => addLeaveGuard(() => current.current), [])
}
