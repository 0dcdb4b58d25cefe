/**
 * The dialog shown while the page waits, in a shadow root, so that its styles and the page's do not
 * affect each other. Styled through CSSOM, which a strict `style-src` allows, unlike style elements and
 * attributes. A page can set its colours with `--mailgrant-card`, `-ink`, `-line` and `-accent`.
 */
import { textsFor } from './texts.ts'

const css = `dialog{box-sizing:border-box;width:min(27rem,100% - 2rem);padding:1.5rem;
border:1px solid var(--mailgrant-line,GrayText);border-radius:.875rem;
background:var(--mailgrant-card,Canvas);color:var(--mailgrant-ink,CanvasText);
font:1rem/1.5 system-ui,sans-serif;overflow-wrap:anywhere}
::backdrop{background:#0006}
h2{margin:0;font-size:1.2rem;line-height:1.3}
p{margin:.5rem 0}
a{color:inherit}
progress{width:100%;accent-color:var(--mailgrant-accent,auto)}
p:last-child{display:flex;flex-wrap:wrap;gap:.6rem;margin:1rem 0 0}
button{padding:.5rem 1rem;border:1px solid var(--mailgrant-line,GrayText);border-radius:.5rem;
background:0 0;color:inherit;font:inherit;font-weight:600;cursor:pointer}
:disabled{opacity:.5}
:focus-visible{outline:3px solid var(--mailgrant-accent,Highlight);outline-offset:2px}`

/** Shows the dialog. `closed` is called once, however it closes. */
export function showBox(again: () => void, closed: () => void) {
  const [lang, texts] = textsFor(document.documentElement.lang)
  const host = document.createElement('mailgrant-waiting')
  host.lang = lang
  const root = host.attachShadow({ mode: 'open' })
  const sheet = new CSSStyleSheet()
  sheet.replaceSync(css)
  root.adoptedStyleSheets = [sheet]

  const dialog = add(root, 'dialog')
  const title = add(dialog, 'h2', texts.title)
  title.id = 'title'
  add(dialog, 'p', texts.text)
  for (const element of [dialog, add(dialog, 'progress')]) {
    element.setAttribute('aria-labelledby', title.id)
  }
  const help = add(add(dialog, 'p'), 'a', texts.help)
  help.target = '_blank'
  help.rel = 'noreferrer'
  const buttons = add(dialog, 'p')
  const openAgain = add(buttons, 'button', texts.again)
  openAgain.disabled = true
  openAgain.onclick = again
  add(buttons, 'button', texts.cancel).onclick = () => dialog.close()
  // Also called on Escape.
  dialog.onclose = closed
  document.body.append(host)
  dialog.showModal()

  return {
    /** Enables "Open again", and the link to the page that helps, once there are URLs. */
    ready({ status_url }: { status_url: string }) {
      openAgain.disabled = false
      help.href = status_url
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
