// All the code a page needs: `connect` opens the popup inside the click handler, waits, and returns the
// outcome. Who is connected comes from this page's own backend, never from the popup.
import { connect, getRedirectResult } from 'http://localhost:8787/connect.js'

const form = document.querySelector('form')

form.addEventListener('submit', (event) => {
  event.preventDefault()
  const username = form.elements.username.value
  const start = ({ popup }) => backend('POST', { username, popup })
  connect(start)
    .then(({ status }) => (status === 'cancelled' ? {} : backend('GET')))
    .then(show, show)
})

// After a blocked popup the whole page went to the sign-in and returns here.
if (getRedirectResult()) backend('GET').then(show, show)

async function backend(method, body) {
  const headers = { 'content-type': 'application/json' }
  const response = await fetch('/connection', { method, headers, body: JSON.stringify(body) })
  const answer = await response.json()
  if (!response.ok) throw new Error(answer.message)
  return answer
}

/** Shows a response of the backend, or an error. */
function show({ signed_in_as, message, next_step }) {
  const result = document.querySelector('#result')
  result.className = signed_in_as ? 'good' : message ? 'bad' : ''
  const [first, second] = result.children
  first.textContent = signed_in_as
    ? `Connected as ${signed_in_as}`
    : `Not connected${message ? '' : ' yet'}`
  second.textContent = [message, next_step].filter(Boolean).join(' ')
}
