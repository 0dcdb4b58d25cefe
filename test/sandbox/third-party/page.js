// Opens the popup inside the click (or it is blocked), lets the backend start the authorization, and
// asks the status URL until it ends. Never `popup.closed`: the login page severs the popup, and a
// severed one looks closed at once.
const form = document.querySelector('#connect')
const line = document.querySelector('#status')
const say = (text) => {
  line.textContent = text
}
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

async function started(username) {
  const response = await fetch('/connections', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username }),
  })
  return response.json()
}

async function ended(statusUrl) {
  for (;;) {
    await pause(1000)
    const response = await fetch(statusUrl, { cache: 'no-store' }).catch(() => null)
    if (!response?.ok) continue
    const { status, problem, hint } = await response.json()
    if (status !== 'pending') return { status, problem }
    say(hint ? `Waiting. ${hint.candidates?.[0]?.title ?? ''}` : 'Waiting for the sign-in…')
  }
}

async function connect() {
  const popup = window.open('about:blank', 'mailgrant', 'popup,width=520,height=680')
  say('Starting…')
  const { id, url, status_url, problem } = await started(form.elements.username.value)
  if (problem) {
    popup?.close()
    return say(problem)
  }
  if (popup) popup.location.replace(url)
  else window.open(url, '_blank')
  const end = await ended(status_url)
  if (end.status !== 'completed') {
    return say(`Not connected: ${end.problem?.detail ?? end.problem?.title ?? end.status}`)
  }
  const connection = await (await fetch(`/connections/${id}`)).json()
  say(connection.problem ?? `Connected as ${connection.signed_in_as}.`)
}

form.addEventListener('submit', (event) => {
  event.preventDefault()
  connect().catch(() => say('Something went wrong. Please try again.'))
})
