/**
 * The only script of the hosted pages, which work without it. It adds the copy buttons, and removes a logo that does
 * not load. After Microsoft's response it also reports the outcome, and nothing else, to exactly one origin of the
 * opener, removes the code from the URL, and closes the window. The status URL stays authoritative.
 */
const { answered, authorization, status, origin, next } = document.currentScript.dataset
if (answered) history.replaceState(null, '', location.pathname)
if (origin && window.opener) {
  window.opener.postMessage({ type: 'mailgrant', authorization, status }, origin)
}
if (status === 'completed') {
  window.close()
  // If the window is still open, no script has opened it, so it can't be closed by one.
  if (next) setTimeout(() => location.replace(next), 400)
}

for (const image of document.querySelectorAll('header img')) {
  image.addEventListener('error', () => image.remove())
  if (image.complete && image.naturalWidth === 0) image.remove()
}

for (const part of document.querySelectorAll('.copyable')) {
  const field = part.querySelector('textarea')
  const button = part.querySelector('button')
  const news = part.querySelector('[role=status]')
  // A long URL is hard to select with a finger.
  field.addEventListener('focus', () => field.select())
  button.hidden = false
  button.addEventListener('click', async () => {
    try {
      await navigator.clipboard.writeText(field.value)
    } catch {
      // Without permission for the clipboard, the selected text can still be copied.
      field.select()
      if (!document.execCommand('copy')) return
      button.focus()
    }
    news.textContent = button.dataset.copied
    // A live region announces changes only.
    setTimeout(() => news.replaceChildren(), 4000)
  })
}
