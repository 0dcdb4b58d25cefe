/**
 * The one script of the hosted pages: an extra, since the page reads the same without it. It adds the
 * buttons that copy, and removes a logo that does not load. After Microsoft's response it also tells the
 * opener the outcome, to exactly one origin and nothing but that, takes the code out of the address, and
 * closes the window. The status URL is the truth.
 */
const {
  answered,
  authorization,
  status,
  origin,
  close: closes,
  next,
} = document.currentScript.dataset
if (answered) history.replaceState(null, '', location.pathname)
if (origin && window.opener) {
  window.opener.postMessage({ type: 'mailgrant', authorization, status }, origin)
}
if (closes) {
  window.close()
  // Still here: the window was not opened by a script.
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
  // A long address is hard to mark with a finger.
  field.addEventListener('focus', () => field.select())
  button.hidden = false
  button.addEventListener('click', async () => {
    try {
      await navigator.clipboard.writeText(field.value)
    } catch {
      // Without permission for the clipboard: what is selected can still be copied.
      field.select()
      if (!document.execCommand('copy')) return
      button.focus()
    }
    news.textContent = button.dataset.copied
    // A live region announces changes only.
    setTimeout(() => news.replaceChildren(), 4000)
  })
}
