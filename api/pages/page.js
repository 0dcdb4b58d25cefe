/**
 * The one script of the hosted pages. It tells the opener how it ended, to exactly one origin and
 * nothing but that, takes the code out of the address, and closes the window. All of it is an extra:
 * the page reads the same without it, and the status URL is the truth.
 */
const { authorization, status, origin, close: closes, next } = document.currentScript.dataset
history.replaceState(null, '', location.pathname)
if (origin && window.opener) {
  window.opener.postMessage({ type: 'mailgrant', authorization, status }, origin)
}
if (closes) {
  window.close()
  // Still here: the window was not opened by a script.
  if (next) setTimeout(() => location.replace(next), 400)
}
// A long address is hard to mark with a finger.
document.querySelector('textarea')?.addEventListener('focus', ({ target }) => target.select())
