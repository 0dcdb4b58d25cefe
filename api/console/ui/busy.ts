/** Work that takes a while: its button turns, says so, and takes no second click. */

/** Runs `work` unless it runs already. The button keeps the focus, so it is not `disabled`. */
export async function whileBusy<Value>(
  button: HTMLButtonElement,
  work: () => Promise<Value>,
): Promise<Value | undefined> {
  if (button.getAttribute('aria-busy') === 'true') return undefined
  button.setAttribute('aria-busy', 'true')
  button.setAttribute('aria-disabled', 'true')
  try {
    return await work()
  } finally {
    button.removeAttribute('aria-busy')
    button.removeAttribute('aria-disabled')
  }
}
