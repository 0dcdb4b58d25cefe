/** A question before an action that cannot be undone. */
import type { ComponentChildren, JSX } from 'preact'
import { useEffect, useId, useRef, useState } from 'preact/hooks'

type ConfirmProps = {
  title: string
  /** Text of the button that confirms. */
  yes: string
  danger?: boolean
  children: ComponentChildren
  /** Receives the answer. Escape and Cancel count as no. */
  onChoice: (yes: boolean) => void
}

export function Confirm({ title, yes, danger = false, children, onChoice }: ConfirmProps) {
  const dialog = useRef<HTMLDialogElement>(null)
  const cancel = useRef<HTMLButtonElement>(null)
  const id = useId()
  useEffect(() => {
    dialog.current?.showModal()
    // Enter must not confirm a dangerous action.
    if (danger) cancel.current?.focus()
  }, [danger])
  return (
    <dialog
      ref={dialog}
      aria-labelledby={id}
      onClose={({ currentTarget }) => onChoice(currentTarget.returnValue === 'yes')}
    >
      <form method="dialog">
        <h2 id={id}>{title}</h2>
        <div>{children}</div>
        <div class="row">
          <button type="submit" class={danger ? 'danger' : 'main'} value="yes">
            {yes}
          </button>
          <button type="submit" value="no" ref={cancel}>
            Cancel
          </button>
        </div>
      </form>
    </dialog>
  )
}

type Question = Omit<ConfirmProps, 'onChoice'>

/** Returns the dialog to render while it is open, and a function that opens it and resolves with the answer. */
export function useConfirm(): [
  open: JSX.Element | null,
  confirm: (question: Question) => Promise<boolean>,
] {
  const [open, setOpen] = useState<ConfirmProps | null>(null)
  const confirm = (question: Question) =>
    new Promise<boolean>((resolve) => {
      const onChoice = (yes: boolean) => {
        setOpen(null)
        resolve(yes)
      }
      setOpen({ ...question, onChoice })
    })
  return [open && <Confirm {...open} />, confirm]
}
