/** The one stylesheet of the hosted pages: light and dark, from 320 pixels up, system fonts. */
export const stylesheet = `
:root {
  color-scheme: light dark;
  --ground: #f4f5f7; --card: #ffffff; --ink: #1a1c20; --quiet: #5a616b; --line: #dfe2e7;
  --accent: #1d4ed8; --on-accent: #ffffff; --good: #15803d; --bad: #b42318; --ask: #9a6700;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #111317; --card: #1b1e24; --ink: #eceef2; --quiet: #a2a9b4; --line: #31363f;
    --accent: #8ab4ff; --on-accent: #0d1526; --good: #63d38a; --bad: #ff9086; --ask: #f0c04f;
  }
}
* { box-sizing: border-box }
body {
  margin: 0; min-height: 100vh; min-height: 100dvh; padding: 1rem;
  display: grid; place-items: center;
  background: var(--ground); color: var(--ink);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
}
main {
  width: min(27rem, 100%); padding: clamp(1.25rem, 5vw, 2rem);
  background: var(--card); border: 1px solid var(--line); border-radius: .875rem;
  overflow-wrap: anywhere;
}
.mark {
  display: grid; place-items: center; width: 2.5rem; height: 2.5rem; margin-bottom: 1rem;
  border-radius: 50%; border: 2px solid currentColor; color: var(--accent);
  font-weight: 700; font-size: 1.2rem; line-height: 1;
}
.good { color: var(--good) } .bad { color: var(--bad) } .ask { color: var(--ask) }
h1 { margin: 0 0 .5rem; font-size: 1.35rem; line-height: 1.3; letter-spacing: -.01em }
p { margin: .5rem 0 } .quiet { color: var(--quiet); font-size: .9rem }
dl { margin: 1.1rem 0; border-top: 1px solid var(--line) }
dl div { padding: .6rem 0; border-bottom: 1px solid var(--line) }
dt { color: var(--quiet); font-size: .85rem } dd { margin: 0; font-weight: 600 }
dd p, .text { font-weight: 400 }
ul { margin: .35rem 0 0; padding-left: 1.1rem; font-weight: 400 }
form { display: flex; flex-direction: column; gap: .6rem; margin: 1.25rem 0 0 }
button, .button {
  display: block; width: 100%; padding: .7rem 1rem; text-align: center; text-decoration: none;
  font: inherit; font-weight: 600; cursor: pointer;
  border: 1px solid var(--line); border-radius: .5rem; background: transparent; color: var(--ink);
}
.main { background: var(--accent); border-color: var(--accent); color: var(--on-accent) }
button:hover, .button:hover { filter: brightness(1.08) }
a { color: var(--accent) }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px }
textarea {
  width: 100%; height: 6.5rem; margin-top: .4rem; padding: .6rem; resize: vertical;
  font: .8rem/1.4 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace;
  background: var(--ground); color: var(--ink); border: 1px solid var(--line); border-radius: .5rem;
}
label { display: block; margin-top: 1rem; color: var(--quiet); font-size: .9rem }
`
