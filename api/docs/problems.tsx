/** The page of all problems. */
import type { ProblemCode } from '../../schema/problem.ts'
import { problemTable } from '../problem.ts'
import type { Page, Section } from './page.ts'
import { problemHelp } from './problem-help.ts'

const PATH = '/docs/problems'

const codes = Object.keys(problemTable) as ProblemCode[]

export function problemSection(): Section {
  const page: Page = {
    path: PATH,
    title: 'Problems',
    name: 'All problems',
    longTitle: 'Problem codes of the API',
    description:
      'Every problem code that the Mailgrant API answers with (RFC 9457), what it means, and what to do.',
    body: <Problems />,
    anchors: codes.map((id) => ({ id, name: id })),
    entries: codes.map((code) => ({
      kind: 'Problem',
      title: problemTable[code].title,
      path: `${PATH}#${code}`,
      words: `${code} ${problemTable[code].status}`,
      text: problemHelp[code].replaceAll('`', ''),
    })),
  }
  return { name: 'Problems', pages: [page] }
}

const Problems = () => (
  <>
    <p>
      Every error response is an RFC 9457 problem (<code>application/problem+json</code>) with a
      stable <code>code</code>, a <code>detail</code> that says what happened and what to do, and a{' '}
      <code>request_id</code>. Its <code>type</code> is the URL of one of the sections below.
    </p>
    {codes.map((code) => (
      <section id={code} class="card">
        <h2>{problemTable[code].title}</h2>
        <p class="quiet">
          <a href={`#${code}`}>
            <code>{code}</code>
          </a>{' '}
          {problemTable[code].status}
        </p>
        <p>{withCode(problemHelp[code])}</p>
      </section>
    ))}
  </>
)

/** Renders text between backticks as code. */
const withCode = (text: string) =>
  text.split('`').map((part, index) => (index % 2 === 1 ? <code>{part}</code> : part))
