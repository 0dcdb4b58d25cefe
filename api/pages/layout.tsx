/** The frame of every hosted page, and the headers that go with it. */
import type { Context } from 'hono'
import type { PropsWithChildren } from 'hono/jsx'
import type { JSX } from 'hono/jsx/jsx-runtime'

/**
 * Input of the page script; without it the page has no script. An empty object only makes the script
 * remove the code from the URL.
 */
export type ScriptData = {
  authorization?: string
  status?: 'completed' | 'failed'
  origin?: string | null
  closes?: boolean
  next?: string | null
}

type Mark = 'good' | 'bad' | 'ask' | 'plain'
const signs: Record<Mark, string> = { good: '✓', bad: '!', ask: '?', plain: '@' }

export function Layout(
  props: PropsWithChildren<{
    title: string
    mark: Mark
    /** URL that the page redirects to. */
    refresh?: string
    script?: ScriptData
  }>,
) {
  const { title, mark, refresh, script } = props
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        {refresh && <meta http-equiv="refresh" content={`0;url=${refresh}`} />}
        <title>{title}</title>
        <link rel="icon" href="/icon.svg" />
        <link rel="stylesheet" href="/oauth/page.css" />
      </head>
      <body>
        <main>
          <div class={`mark ${mark}`} aria-hidden="true">
            {signs[mark]}
          </div>
          <h1>{title}</h1>
          {props.children}
        </main>
        {script && (
          <script
            src="/oauth/page.js"
            data-authorization={script.authorization}
            data-status={script.status}
            data-origin={script.origin}
            data-close={script.closes ? 'yes' : null}
            data-next={script.next}
          />
        )}
      </body>
    </html>
  )
}

/**
 * Headers of every page. There is no `Cross-Origin-Opener-Policy`: it would separate the popup from its
 * opener, so that it could not be closed. `form-action` also covers redirects after a form, so no form
 * redirects to Microsoft.
 */
const pageHeaders = {
  'content-security-policy': [
    "default-src 'none'",
    "style-src 'self'",
    "script-src 'self'",
    "img-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; '),
  'x-frame-options': 'DENY',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
}

export type PageStatus = 200 | 400 | 403 | 404 | 409 | 410 | 500 | 503

export function respond(c: Context, status: PageStatus, page: JSX.Element) {
  for (const [name, value] of Object.entries(pageHeaders)) c.header(name, value)
  return c.html(`<!doctype html>${page}`, status)
}
