/** The page of all problems. */
import { problemCodes, problemTable } from '../../schema/problems.ts'
import type { Page, Section } from './page.ts'

const PATH = '/docs/problems'

export function problemSection(): Section {
  const page: Page = {
    path: PATH,
    title: 'Problems',
    name: 'All problems',
    longTitle: 'Problem codes of the API',
    description:
      'Every problem code of the Mailgrant API (RFC 9457), what it means, and what to do.',
    body: <Problems />,
    anchors: problemCodes.map((id) => ({ id, name: id })),
    entries: problemCodes.map((code) => ({
      kind: 'Problem',
      title: problemTable[code].title,
      path: `${PATH}#${code}`,
      words: `${code} ${problemTable[code].status}`,
      text: problemTable[code].help.replaceAll('`', ''),
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
    {problemCodes.map((code) => (
      <section id={code} class="card">
        <h2>{problemTable[code].title}</h2>
        <p class="quiet">
          <a href={`#${code}`}>
            <code>{code}</code>
          </a>{' '}
          {problemTable[code].status}
        </p>
        <p>{withCode(problemTable[code].help)}</p>
      </section>
    ))}
  </>
)

/** Renders text between backticks as code. */
const withCode = (text: string) =>
  text.split('`').map((part, index) => (index % 2 === 1 ? <code>{part}</code> : part))
