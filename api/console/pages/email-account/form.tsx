/** The account form: three steps, and the bar that saves them. */
import type { RefObject } from 'preact'
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks'
import { may } from '../../rights.ts'
import { MailboxStep } from './mailbox-step.tsx'
import { SaveBar } from './save-bar.tsx'
import { SignInStep } from './sign-in-step.tsx'
import type { AccountForm } from './use-account-form.ts'
import { WorksStep } from './validation-step.tsx'

/** `onTyped` is called with every change of a field. */
export function AccountFormView({ form, onTyped }: { form: AccountForm; onTyped?: () => void }) {
  const isSaved = form.options.saved.length > 0
  useSteadyHeight(form.submission.form, {
    isSigningIn: form.access.busy,
    folded: (['mailbox', 'signIn'] as const).filter(form.isFolded).length,
  })
  return (
    <form
      ref={form.submission.form}
      class="card account-form"
      aria-label={isSaved ? 'Saved mailbox' : 'New mailbox'}
      noValidate
      onInput={onTyped}
      onSubmit={(event) => {
        event.preventDefault()
        form.save()
      }}
    >
      <MailboxStep form={form} />
      <SignInStep form={form} />
      <WorksStep form={form} />
      {may('write') && <SaveBar form={form} />}
    </form>
  )
}

/**
 * Keeps "Save" in place while the form gets shorter on its own, since the person may be about to press it. Holds the
 * height during a sign-in and when a step folds, until something other than "Save" is pressed or the window gets
 * another width.
 */
function useSteadyHeight(
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
      // A change of the height alone is ignored, since a phone's browser hides its bars during a scroll.
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
