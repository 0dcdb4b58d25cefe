/** The documentation pages, in a common frame: API reference, problems and mail programs. Those about causes: causes.tsx. */
import { raw } from 'hono/html'
import type { PropsWithChildren } from 'hono/jsx'
import type { ProblemCode } from '../../schema/problem.ts'
import { CAUSES, MAIL_PROGRAMS } from '../paths.ts'
import { problemTable } from '../problem.ts'
import { problemHelp } from './problem-help.ts'

const pages = [
  { path: '/docs', name: 'API reference' },
  { path: '/docs/problems', name: 'Problems' },
  { path: CAUSES, name: 'Causes' },
  { path: MAIL_PROGRAMS, name: 'Mail programs' },
]

/** Frame of a documentation page. `path`: the entry of the navigation to which the page belongs. */
export function Documentation(
  props: PropsWithChildren<{
    path: string
    title: string
    /** Title for browsers and search engines, where it differs. */
    longTitle?: string
    description?: string
    /** The address under which search engines list the page. */
    canonical?: string
    style: string
    script?: string
  }>,
) {
  const { description, canonical } = props
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>{`${props.longTitle ?? props.title} - Mailgrant`}</title>
        {description && <meta name="description" content={description} />}
        {canonical && <link rel="canonical" href={canonical} />}
        <link rel="icon" href="/icon.svg" />
        <link rel="stylesheet" href={props.style} />
        {props.script && <script type="module" src={props.script} />}
      </head>
      <body>
        <header class="top">
          <a class="brand" href="/console/">
            Mailgrant
          </a>
          <nav aria-label="Documentation">
            {pages.map(({ path, name }) => (
              <a href={path} aria-current={path === props.path ? 'page' : undefined}>
                {name}
              </a>
            ))}
            <a href="/openapi.json">openapi.json</a>
          </nav>
        </header>
        <main>
          <h1>{props.title}</h1>
          {props.children}
        </main>
      </body>
    </html>
  )
}

/** The frame of the API reference, which the viewer fills. */
export const ApiReference = () => (
  <Documentation
    path="/docs"
    title="API reference"
    style="/docs/reference.css"
    script="/docs/reference.js"
  >
    <div id="reference">
      <p>Loading…</p>
      <noscript>
        <p>
          This page needs JavaScript. Without it, read{' '}
          <a href="/openapi.json">the OpenAPI document</a>.
        </p>
      </noscript>
    </div>
  </Documentation>
)

const codes = Object.keys(problemTable) as ProblemCode[]

export const Problems = () => (
  <Documentation path="/docs/problems" title="Problems" style="/docs/problems.css">
    <p>
      Every error response is an RFC 9457 problem (<code>application/problem+json</code>) with a
      stable <code>code</code>, a <code>detail</code> that says what happened and what to do, and a{' '}
      <code>request_id</code>. Its <code>type</code> is the URL of one of the sections below.
    </p>
    {codes.map((code) => (
      <section id={code}>
        <h2>{problemTable[code].title}</h2>
        <p class="code">
          <a href={`#${code}`}>
            <code>{code}</code>
          </a>{' '}
          {problemTable[code].status}
        </p>
        <p>{withCode(problemHelp[code])}</p>
      </section>
    ))}
  </Documentation>
)

/** `chapter`: HTML that api/build.ts made. */
export const MailPrograms = ({ chapter }: { chapter: string }) => (
  <Documentation
    path={MAIL_PROGRAMS}
    title="Mail programs"
    longTitle="OAuth for Microsoft 365 in msmtp, mutt, isync and other mail programs"
    description="How mail programs and libraries log in to Microsoft 365 and Outlook.com with OAuth (XOAUTH2): the settings of each, and what to do when a login is refused."
    style="/docs/mail-programs.css"
  >
    {raw(chapter)}
  </Documentation>
)

/** Renders text between backticks as code. */
const withCode = (text: string) =>
  text.split('`').map((part, index) => (index % 2 === 1 ? <code>{part}</code> : part))
