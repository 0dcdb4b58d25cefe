/** The pages about the causes of failures: the list, and one for each. */
import { whoActs } from '../../schema/responsible.ts'
import type { describeCauses } from '../diagnosis/diagnose.ts'
import { CAUSES } from '../paths.ts'
import type { Page, Section } from './page.ts'

type CauseDescription = ReturnType<typeof describeCauses>[number]

/** The part of a cause that is in the catalogue's pages.txt. */
type PageTexts = {
  /** Texts by which people find the cause, as a program, a server or a page shows them, the clearest first. */
  samples: readonly string[]
  /** Addresses of public reports of the cause. */
  reports: readonly string[]
}

type Cause = CauseDescription & PageTexts

type Kind = CauseDescription['kind']

/** Causes that a vendor finds with each new customer. */
const CONSENT_CAUSES = ['admin-consent-required', 'user-consent-missing', 'user-not-assigned']

const kinds: Record<Kind, { name: string; title: string }> = {
  network: {
    name: 'Connection, DNS and TLS',
    title: 'Connection, DNS and TLS errors on the way to the mail server',
  },
  mail: {
    name: 'IMAP and SMTP',
    title: 'IMAP and SMTP errors of Exchange Online and Outlook.com',
  },
  graph: {
    name: 'Microsoft Graph',
    title: 'Microsoft Graph errors when a program sends mail',
  },
  sign_in: {
    name: 'Sign-in and consent',
    title: 'Sign-in, consent and redirect errors at Microsoft Entra (AADSTS)',
  },
  token: {
    name: 'Tokens and credentials',
    title: 'Refresh token, client secret and certificate errors (invalid_grant, invalid_client)',
  },
}
const kindNames = Object.keys(kinds) as Kind[]

/** Returns the number by which people search: that of the clearest sample. */
const numberOf = ({ samples: [sample = ''] }: Cause): string | null =>
  /\bAADSTS\d+|\b[45]\d\d [45]\.\d{1,3}\.\d{1,3}\b/.exec(sample)?.[0] ?? null

const titleOf = (cause: Cause): string => {
  const number = numberOf(cause)
  return number === null ? cause.title : `${number}: ${cause.title}`
}

/**
 * Reads pages.txt. Returns the texts of each cause by its slug. A line that is only an address is a report, any other a
 * sample.
 */
export function parsePageTexts(text: string): Map<string, PageTexts> {
  const blocks = text.trimEnd().split(/\n(?=\S)/)
  return new Map(
    blocks.map((block) => {
      const [slug = '', ...lines] = block.split(/\n */)
      const isReport = (line: string) => /^https:\/\/\S+$/.test(line)
      const samples = lines.filter((line) => !isReport(line))
      return [slug, { samples, reports: lines.filter(isReport) }]
    }),
  )
}

/** Builds the section. `text`: that of pages.txt. */
export function causeSection(descriptions: readonly CauseDescription[], text: string): Section {
  const words = parsePageTexts(text)
  const causes = descriptions.map(
    (cause): Cause => ({ ...cause, ...(words.get(cause.cause) ?? { samples: [], reports: [] }) }),
  )
  const index: Page = {
    path: CAUSES,
    title: 'Causes of failures',
    name: 'All causes',
    longTitle: 'Microsoft 365 and Outlook.com mail errors: causes and fixes',
    description:
      'Why an IMAP or SMTP login, a call of Microsoft Graph, a sign-in or a token request fails: every known cause with its error texts, who must act, and the fix.',
    body: <CauseIndex causes={causes} />,
    anchors: kindNames.map((id) => ({ id, name: kinds[id].name })),
    entries: [],
  }
  const pages = causes.map(
    (cause): Page => ({
      path: `${CAUSES}/${cause.cause}`,
      title: cause.title,
      longTitle: titleOf(cause),
      description: `${cause.title}. ${cause.explanation}`,
      body: <CausePage cause={cause} />,
      group: cause.kind,
      entries: [
        {
          kind: 'Cause',
          title: titleOf(cause),
          path: `${CAUSES}/${cause.cause}`,
          words: [
            cause.cause,
            ...cause.aadsts.map((number) => `AADSTS${number}`),
            ...cause.samples,
          ].join(' '),
          text: cause.explanation,
        },
      ],
    }),
  )
  return { name: 'Causes', pages: [index, ...pages] }
}

const CauseIndex = ({ causes }: { causes: readonly Cause[] }) => (
  <>
    <p>
      Why a login to a Microsoft mailbox, a call to Microsoft Graph, a sign-in or a token request
      fails, who must act, and how to fix it. To find the cause of an error, paste its text into the{' '}
      <a href="/console/#/diagnosis">diagnosis</a>.
    </p>
    {kindNames.map((kind) => (
      <section>
        <h2 id={kind}>{kinds[kind].title}</h2>
        <ul class="causes">
          {causes
            .filter((cause) => cause.kind === kind)
            .map((cause) => (
              <li>
                <a href={`${CAUSES}/${cause.cause}`}>{cause.title}</a>{' '}
                <span class="quiet">{numberOf(cause)}</span>
              </li>
            ))}
        </ul>
      </section>
    ))}
  </>
)

const CausePage = ({ cause }: { cause: Cause }) => (
  <>
    <p class="quiet">
      <a href={`${CAUSES}#${cause.kind}`}>{kinds[cause.kind].name}</a>
    </p>
    <section>
      <h2>Symptoms</h2>
      <Appearance cause={cause} />
    </section>
    <section>
      <h2>Why</h2>
      <p>{cause.explanation}</p>
    </section>
    <section>
      <h2>Who must act</h2>
      <p>
        {capitalised(whoActs[cause.responsible])}
        {cause.responsible === 'operator' && ", or the program's"}.
        {cause.retryable && ' It can also clear up without any change.'}
      </p>
    </section>
    <section>
      <h2>Fix</h2>
      <ol>{stepsOf(cause, ({ purpose }) => !purpose)}</ol>
      {cause.fixes.some(({ purpose }) => purpose) && (
        <ul>{stepsOf(cause, ({ purpose }) => purpose !== undefined)}</ul>
      )}
    </section>
    {cause.ask.length > 0 && (
      <section>
        <h2>To make sure</h2>
        <ul>
          {cause.ask.map((question) => (
            <li>{inProse(question)}</li>
          ))}
        </ul>
      </section>
    )}
    {CONSENT_CAUSES.includes(cause.cause) && (
      <p>
        If these are your customers' organisations, read{' '}
        <a href="/docs/guides/many-customers">One Mailgrant for many customers</a>.
      </p>
    )}
    <section>
      <h2>Sources</h2>
      <ul>
        {[...cause.docs, ...cause.reports].map((url) => (
          <li>
            <a href={url} rel="noreferrer">
              {url.replace(/^https:\/\//, '')}
            </a>
          </li>
        ))}
      </ul>
      <p class="quiet">
        Checked <time datetime={cause.checked}>{cause.checked}</time>, <code>{cause.cause}</code>
      </p>
    </section>
  </>
)

const stepsOf = (
  { fixes, weakening }: Cause,
  isIncluded: (fix: Cause['fixes'][number]) => boolean,
) =>
  fixes.filter(isIncluded).map(({ text, url, command }) => (
    <li>
      {text}
      {weakening.includes(text) && ' This weakens a protection.'}
      {url !== undefined && (
        <>
          {' '}
          <a href={url} rel="noreferrer">
            Open {new URL(url).hostname}
          </a>
        </>
      )}
      {command !== undefined && (
        <pre>
          <code>{command}</code>
        </pre>
      )}
    </li>
  ))

function Appearance({ cause: { samples, aadsts } }: { cause: Cause }) {
  if (samples.length === 0 && aadsts.length === 0) {
    return <p>No error text: Mailgrant infers it from what it observes.</p>
  }
  return (
    <>
      {samples.map((sample) => (
        <pre>
          <samp>{sample}</samp>
        </pre>
      ))}
      {aadsts.length > 0 && (
        <p>
          Microsoft's error numbers:{' '}
          {[...aadsts]
            .sort((a, b) => a - b)
            .map((number, index) => (
              <>
                {index > 0 && ', '}
                <code>AADSTS{number}</code>
              </>
            ))}
        </p>
      )}
    </>
  )
}

/** Replaces placeholders such as `<mailbox>`, which belong in commands only. */
const inProse = (text: string) => text.replace(/<([^<>]+)>/g, 'the $1')

const capitalised = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)
