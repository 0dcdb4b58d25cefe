/** Layout of all pages of the simulated Entra: one small stylesheet, light and dark, mobile first. */
import { html, raw } from 'hono/html'
import type { HtmlEscapedString } from 'hono/utils/html'

export type Html = HtmlEscapedString | Promise<HtmlEscapedString>

const css = `
:root { color-scheme: light dark; --bg: #f3f4f6; --card: #fff; --ink: #1b1b1f; --soft: #5f6368;
  --line: #d5d7db; --blue: #0f5fb8; --on-blue: #fff }
@media (prefers-color-scheme: dark) { :root { --bg: #17181b; --card: #232529; --ink: #eceef1;
  --soft: #a8adb5; --line: #3b3f46; --blue: #6cb1ff; --on-blue: #10161d } }
* { box-sizing: border-box }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1rem;
  background: var(--bg); color: var(--ink); font: 16px/1.5 system-ui, sans-serif }
main { width: min(28rem, 100%); background: var(--card); border: 1px solid var(--line);
  border-radius: .6rem; padding: 1.5rem }
header { color: var(--soft); font-size: .85rem; margin-bottom: 1rem }
h1 { font-size: 1.35rem; line-height: 1.3; margin: 0 0 .75rem }
p { margin: .5rem 0 }
fieldset { border: 0; margin: 1rem 0; padding: 0 }
legend { padding: 0; color: var(--soft) }
label { display: flex; gap: .75rem; align-items: baseline; padding: .6rem .25rem;
  border-top: 1px solid var(--line); cursor: pointer }
label span { overflow-wrap: anywhere } label small { display: block; color: var(--soft) }
input:focus-visible, button:focus-visible { outline: 3px solid var(--blue); outline-offset: 2px }
ul { padding-left: 1.2rem }
.actions { display: flex; gap: .6rem; justify-content: flex-end; flex-wrap: wrap; margin-top: 1.2rem }
button { font: inherit; padding: .5rem 1.4rem; border-radius: .35rem; border: 1px solid var(--line);
  background: transparent; color: inherit; cursor: pointer }
button.primary { background: var(--blue); border-color: var(--blue); color: var(--on-blue) }
dl { font-size: .8rem; color: var(--soft); overflow-wrap: anywhere } dt { float: left; margin-right: .4rem }
dd { margin: 0 } code { overflow-wrap: anywhere }
`

/**
 * Headers with COOP, as on Microsoft's login pages: it cuts the popup off from its opener. No
 * `form-action`: browsers apply it to the redirect after the form too, which goes to the app.
 */
export const pageHeaders = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store, no-cache',
  'cross-origin-opener-policy': 'same-origin',
  'content-security-policy':
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'",
  'x-frame-options': 'DENY',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'strict-origin-when-cross-origin',
}

export const layout = (title: string, body: Html): Html => html`<!DOCTYPE html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>${title}</title>
    <style>${raw(css)}</style>
  </head>
  <body>
    <main>
      <header>Simulated Microsoft sign-in. Not a real Microsoft page.</header>
      ${body}
    </main>
  </body>
</html>`
