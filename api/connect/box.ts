/**
 * The dialog shown while the page waits, in a shadow root, so that its styles and the page's do not
 * affect each other. Styled through CSSOM, which a strict `style-src` allows, unlike style elements and
 * attributes. A page can set its colours with `--mailgrant-card`, `-ink`, `-line` and `-accent`.
 */

/** The part of a diagnosis that is shown in the dialog. */
type Hint = {
  verdict: string
  candidates: { title: string; fixes: { text: string; url?: string | undefined }[] }[]
  ask: { text: string }[]
}

const css = `dialog{box-sizing:border-box;width:min(27rem,100% - 2rem);padding:1.5rem;
border:1px solid var(--mailgrant-line,GrayText);border-radius:.875rem;
background:var(--mailgrant-card,Canvas);color:var(--mailgrant-ink,CanvasText);
font:1rem/1.5 system-ui,sans-serif;overflow-wrap:anywhere}
::backdrop{background:#0006}
h2{margin:0;font-size:1.2rem;line-height:1.3}
p{margin:.5rem 0}
a{color:inherit}
div:not(:empty){margin-top:.75rem}
progress{width:100%;accent-color:var(--mailgrant-accent,auto)}
p:last-child{display:flex;flex-wrap:wrap;gap:.6rem;margin:1rem 0 0}
button{padding:.5rem 1rem;border:1px solid var(--mailgrant-line,GrayText);border-radius:.5rem;
background:0 0;color:inherit;font:inherit;font-weight:600;cursor:pointer}
:disabled{opacity:.5}
:focus-visible{outline:3px solid var(--mailgrant-accent,Highlight);outline-offset:2px}`

/** Shows the dialog. `closed` is called once, however it closes. */
export function showBox(again: () => void, closed: () => void) {
  const host = document.createElement('mailgrant-waiting')
  const root = host.attachShadow({ mode: 'open' })
  const sheet = new CSSStyleSheet()
  sheet.replaceSync(css)
  root.adoptedStyleSheets = [sheet]

  const dialog = add(root, 'dialog')
  const title = add(dialog, 'h2', 'Waiting for the sign-in at Microsoft')
  title.id = 'title'
  add(dialog, 'p', 'Continue in the window that has opened, or close it and cancel here.')
  for (const element of [dialog, add(dialog, 'progress')]) {
    element.setAttribute('aria-labelledby', title.id)
  }
  const news = add(dialog, 'div')
  news.role = 'status'
  const buttons = add(dialog, 'p')
  const openAgain = add(buttons, 'button', 'Open again')
  openAgain.disabled = true
  openAgain.onclick = again
  add(buttons, 'button', 'Cancel').onclick = () => dialog.close()
  // Covers Escape too.
  dialog.onclose = closed
  document.body.append(host)
  dialog.showModal()

  let shown = ''
  return {
    /** Enables "Open again" once there is a URL. */
    ready() {
      openAgain.disabled = false
    },
    hint({ verdict, candidates: [cause], ask: [question] }: Hint) {
      const [fix] = cause?.fixes ?? []
      // Screen readers must not announce the same hint twice.
      if (!cause || !fix || shown === cause.title) return
      shown = cause.title
      news.replaceChildren()
      add(news, 'b', verdict === 'certain' ? shown : `No response yet. Possible cause: ${shown}`)
      // A URL in the text is replaced by its host name as a link, which is easier to read.
      const { text, url = '\0' } = fix
      const [before, after] = text.split(url)
      const step = add(news, 'p', `${before} `)
      // Only web links: never a `javascript:` URL from the response.
      if (/^https?:/.test(url)) {
        const link = add(step, 'a')
        link.href = url
        link.textContent = link.hostname
        link.target = '_blank'
        link.rel = 'noreferrer'
        step.append(after ?? '')
      }
      add(news, 'p', question?.text)
    },
    close() {
      dialog.close()
      host.remove()
    },
  }
}

function add<Tag extends keyof HTMLElementTagNameMap>(parent: Node, tag: Tag, text = '') {
  const element = document.createElement(tag)
  element.textContent = text
  parent.appendChild(element)
  return element
}
