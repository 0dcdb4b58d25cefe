/** The frame of every hosted page, and the headers that go with it. */
import type { Context } from 'hono'
import type { PropsWithChildren } from 'hono/jsx'
import type { JSX } from 'hono/jsx/jsx-runtime'
import type { Services } from '../services.ts'
import type { Texts } from './texts/en.ts'
import { textsFor } from './texts/language.ts'

/**
 * Input of the page script after Microsoft's response; an empty object only makes the script remove the
 * code from the URL.
 */
export type ScriptData = {
  authorization?: string
  status?: 'completed' | 'failed'
  origin?: string | null
  next?: string | null
}

/** The language of the reader, the product name on the pages, and the time of the response. */
export type PageContext = { texts: Texts; brand: Services['settings']['brand']; now: Date }

type StatusIcon = 'good' | 'bad' | 'ask'
const statusIcons: Record<StatusIcon, string> = { good: '✓', bad: '!', ask: '?' }

export function Layout(
  props: PropsWithChildren<{
    context: PageContext
    title: string
    mark?: StatusIcon
    /** URL that the page redirects to. */
    refresh?: string
    script?: ScriptData
  }>,
) {
  const { title, mark, refresh, script } = props
  const { texts, brand } = props.context
  return (
    <html lang={texts.lang}>
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
        <div class="card">
          {/* The name is beside the logo, which needs no other text. */}
          <header translate="no">
            {brand?.logoUrl && <img src={brand.logoUrl} alt="" />}
            {brand === null && <img src="/icon.svg" alt="" />}
            {brand?.name ?? 'Mailgrant'}
          </header>
          <main>
            {mark && (
              <div class={`mark ${mark}`} aria-hidden="true">
                {statusIcons[mark]}
              </div>
            )}
            <h1>{title}</h1>
            {props.children}
          </main>
        </div>
        {brand && <footer>{texts.byMailgrant}</footer>}
        <script
          src="/oauth/page.js"
          data-answered={script && 'yes'}
          data-authorization={script?.authorization}
          data-status={script?.status}
          data-origin={script?.origin}
          data-next={script?.next}
        />
      </body>
    </html>
  )
}

/** Marks a sentence as English on a page in another language. */
export const English = ({ texts, children }: PropsWithChildren<{ texts: Texts }>) => (
  <p lang={texts.lang === 'en' ? undefined : 'en'}>{children}</p>
)

/** Text to pass on: selectable without the script, which adds the button and announces the copy. */
export function Copyable(props: {
  texts: Texts
  value: string
  label: string
  /** Text of the button. */
  copy: string
  rows?: number
}) {
  const { texts, value, label, copy, rows = 1 } = props
  return (
    <div class="copyable">
      <label>
        {label}
        <textarea readonly rows={rows} spellcheck={false} translate="no">
          {value}
        </textarea>
      </label>
      <button type="button" hidden data-copied={texts.copied}>
        {copy}
      </button>
      <span role="status" class="quiet" />
    </div>
  )
}

/**
 * Headers of every page. There is no `Cross-Origin-Opener-Policy`: it would separate the popup from its
 * opener, so that it could not be closed. `form-action` also covers redirects after a form, so no form
 * redirects to Microsoft.
 */
const pageHeaders = (images: string, language: string) => ({
  'content-security-policy': [
    "default-src 'none'",
    "style-src 'self'",
    "script-src 'self'",
    `img-src ${images}`,
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; '),
  'x-frame-options': 'DENY',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
  'content-language': language,
  vary: 'Accept-Language',
})

/** Returns the sources of images: this origin, and that of the logo. */
function imagesOf({ brand, publicUrl }: Services['settings']): string {
  const origin = brand?.logoUrl ? new URL(brand.logoUrl).origin : publicUrl
  return origin === publicUrl ? "'self'" : `'self' ${origin}`
}

export type PageStatus = 200 | 400 | 403 | 404 | 409 | 410 | 429 | 500 | 503

/** Responds with a page in the language of the reader, unless it exists in one only. */
export function respond(
  c: Context,
  status: PageStatus,
  page: (context: PageContext) => JSX.Element,
  language = c.req.header('accept-language'),
) {
  const { settings, now }: Services = c.get('services')
  const texts = textsFor(language)
  const headers = pageHeaders(imagesOf(settings), texts.lang)
  for (const [name, value] of Object.entries(headers)) c.header(name, value)
  const shown = page({ texts, brand: settings.brand, now: now() })
  return c.html(`<!doctype html>${shown}`, status)
}
