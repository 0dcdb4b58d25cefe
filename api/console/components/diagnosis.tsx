/** A diagnosis in full: what is wrong, who must act, what exactly to do. */
import type { Diagnosis } from '../../../schema/diagnosis.ts'
import { whoActs } from '../../../schema/responsible.ts'
import type { About, CauseInFull } from '../ui/admin-message.ts'
import { count } from '../ui/phrase.ts'
import { isSafeLink } from '../ui/plain-text.ts'
import { AdminMessage } from './admin-message.tsx'
import { NewTab } from './button.tsx'
import { Copyable } from './copyable.tsx'

const verdicts: Record<Diagnosis['verdict'], string> = {
  certain: 'Cause',
  likely: 'Most likely cause',
  ambiguous: 'Possible causes',
  unknown: "We don't recognise this error",
}

/** Number of causes that are shown at once in an ambiguous diagnosis. */
const MAX_CAUSES = 3

/**
 * Returns the causes that are shown at once: several in an ambiguous diagnosis, otherwise the first alone, since the
 * others would distract.
 */
export const mainCauses = ({ verdict, candidates }: Diagnosis) =>
  candidates.slice(0, verdict === 'ambiguous' ? MAX_CAUSES : 1)

/** `level`: level of the heading, one below the heading above it. */
export function DiagnosisView(props: About & { diagnosis: Diagnosis; level?: 'h2' | 'h3' }) {
  const { diagnosis, level: Heading = 'h3', ...about } = props
  const { verdict, candidates, ask } = diagnosis
  const main = mainCauses(diagnosis)
  const others = candidates.slice(main.length)
  return (
    <section aria-label="Diagnosis">
      <Heading>
        {verdict === 'ambiguous' && candidates.length === 1 ? 'Possible cause' : verdicts[verdict]}
      </Heading>
      {main.length > 1 ? (
        <>
          {ask.length > 0 && (
            <details class="cause" open>
              <summary>How to tell them apart</summary>
              <Questions ask={ask} />
            </details>
          )}
          {main.map((cause, index) => (
            <FoldedCause key={cause.cause} cause={cause} {...about} isOpen={index === 0} />
          ))}
        </>
      ) : (
        <>
          {main.map((cause) => (
            <div key={cause.cause} class="cause">
              <strong>{cause.title}</strong>
              <CauseBody cause={cause} {...about} isPossible={verdict === 'ambiguous'} />
            </div>
          ))}
          {ask.length > 0 && (
            <div class="cause">
              <strong>How to find out</strong>
              <Questions ask={ask} />
            </div>
          )}
        </>
      )}
      {others.length > 0 && (
        <details>
          <summary>{count(others.length, 'less likely cause')}</summary>
          {others.map((cause) => (
            <FoldedCause key={cause.cause} cause={cause} {...about} isOpen={false} />
          ))}
        </details>
      )}
    </section>
  )
}

type FoldedCauseProps = About & { cause: Diagnosis['candidates'][number]; isOpen: boolean }

/** One of several causes: its title and likelihood until it is opened. */
const FoldedCause = ({ cause, isOpen, ...about }: FoldedCauseProps) => (
  <details class="cause" open={isOpen}>
    <summary>
      {cause.title} <span class="quiet small">{Math.round(cause.likelihood * 100)}% likely</span>
    </summary>
    <CauseBody cause={cause} {...about} isPossible />
  </details>
)

const Questions = ({ ask }: Pick<Diagnosis, 'ask'>) => (
  <ol>
    {ask.map(({ text }) => (
      <Question key={text} lines={text.split('\n')} />
    ))}
  </ol>
)

/** A question, and what each possible result means. */
const Question = ({ lines: [question, ...results] }: { lines: readonly string[] }) => (
  <li>
    {question}
    {results.length > 0 && (
      <ul>
        {results.map((result) => (
          <li key={result}>{result}</li>
        ))}
      </ul>
    )}
  </li>
)

/** The operator of the software that logs in, where it might not be Mailgrant. */
const PROGRAM_ADMIN = 'the administrator or the developer of the program that logs in'

/** A cause without its title: explanation, who must act, what to do. */
export function CauseBody({ cause, ...about }: About & { cause: CauseInFull }) {
  const { explanation, responsible, retryable, fixes, url, docs } = cause
  const isOthers = about.isPasted === true && responsible === 'operator'
  const who = isOthers ? PROGRAM_ADMIN : whoActs[responsible]
  // Mailgrant tries again; another program rarely does.
  const mayPass = retryable && !isOthers
  return (
    <div>
      <p>{explanation}</p>
      <p class="quiet">
        Who must act: {who}.{mayPass && ' It can also clear up without any change.'}{' '}
        <AdminMessage cause={cause} about={about} />
      </p>
      <FixList as="ol" fixes={fixes.filter(({ purpose }) => !purpose)} />
      <FixList as="ul" fixes={fixes.filter(({ purpose }) => purpose)} />
      {responsible === 'app_owner' && !location.hash.startsWith(SETTINGS) && (
        <p>
          <a href={SETTINGS}>Open the Microsoft settings</a>
        </p>
      )}
      <p class="small">
        <NewTab href={url} text="More about this cause" />
      </p>
      {docs.length > 0 && <Sources urls={docs} />}
    </div>
  )
}

const SETTINGS = '#/integrations/microsoft'

const FixList = ({ as: List, fixes }: { as: 'ol' | 'ul' } & Pick<CauseInFull, 'fixes'>) =>
  fixes.length > 0 && (
    <List>
      {fixes.map((fix) => (
        <FixStep key={fix.text} {...fix} />
      ))}
    </List>
  )

/** A step of a fix. A link within its text is meant to be sent to another person. */
const FixStep = ({ text, url, command }: CauseInFull['fixes'][number]) => (
  <li>
    {url !== undefined && text.includes(url) ? <LinkToSend text={text} url={url} /> : text}
    {url !== undefined && isSafeLink(url) && (
      <>
        {' '}
        <NewTab href={url} text="Open" />
      </>
    )}
    {command !== undefined && <Copyable text={command} name="command" lines />}
  </li>
)

function LinkToSend({ text, url }: { text: string; url: string }) {
  const [before, ...after] = text.split(url)
  return (
    <>
      {before}
      <Copyable text={url} name="link" />
      {after.join(url).replace(/^[.\s]+/, '')}
    </>
  )
}

const Sources = ({ urls }: { urls: readonly string[] }) => (
  <details class="small">
    <summary>{count(urls.length, 'source')}</summary>
    <ul>
      {urls.map((url) => (
        <li key={url}>
          {isSafeLink(url) ? <NewTab href={url} text={url.slice('https://'.length)} /> : url}
        </li>
      ))}
    </ul>
  </details>
)
