/** Turns a report into what the causes of the catalogue look at. */
import type { ReportProtocol, Stage } from '../../../schema/diagnosis.ts'
import type { ByProtocol, FailureKind, Report } from '../report.ts'
import { type Answer, answersIn } from './answers.ts'
import { clean } from './clean.ts'
import { aadstsCodes, enhancedCodes, oauthErrors, suberror } from './codes.ts'
import { type Known, knownFrom } from './evidence.ts'
import { type Trouble, troubles } from './network.ts'

export type Reading = {
  protocol: ReportProtocol
  stage: Stage | undefined
  kind: FailureKind | undefined
  /** In lower case, single blanks, ASCII quotes, no markup; bounded. */
  text: string
  /** Entra's error numbers, in their order. */
  codes: readonly number[]
  oauth: ReadonlySet<string>
  suberror: string | null
  enhanced: ReadonlySet<string>
  answers: ReadonlySet<Answer>
  /** No word was understood: the answer was guessed from the stage. */
  vague: boolean
  troubles: ReadonlySet<Trouble>
  /** RFC 5530, in lower case: `unavailable`, `authenticationfailed`. */
  imapCode: string | null
  certificateIssuer: string | null
  delegateLogin: 'ok' | 'failed' | null
  /** Whether the app by itself opened another mailbox there; null where nobody knows. */
  appWorks: boolean | null
  /** From the product itself, not from a pasted text. */
  observed: boolean
  unconfirmed: boolean
  known: Known
}

export function read(report: Report): Reading {
  const { protocol, stage, evidence = {}, facts = {} } = report
  const challenge = facts.challenge ? ` ${facts.challenge}` : ''
  const text = clean(`${report.error}${challenge}`)
  const codes = aadstsCodes(text)
  if (facts.aadsts) codes.push(facts.aadsts)
  const oauth = oauthErrors(text)
  if (facts.oauth_error) oauth.add(facts.oauth_error)
  const enhanced = enhancedCodes(text)
  if (facts.smtp_enhanced) enhanced.add(facts.smtp_enhanced)
  const found = troubles(text, facts.node_code ?? null)
  const answers = answersIn(text, protocol, enhanced, oauth)
  const nothing = answers.size + found.size + codes.length + oauth.size + enhanced.size === 0
  const told = nothing && facts.kind ? answerOf(facts.kind, protocol) : undefined
  const vague = nothing && !told ? answerAt(stage, protocol, text) : undefined
  for (const answer of [told, vague]) if (answer) answers.add(answer)
  return {
    protocol,
    stage,
    kind: facts.kind ?? undefined,
    text,
    codes: [...new Set(codes)],
    oauth,
    suberror: facts.suberror ?? suberror(text),
    enhanced,
    answers,
    vague: vague !== undefined,
    imapCode: facts.imap_response_code?.toLowerCase() ?? responseCode(text),
    troubles: found,
    certificateIssuer: facts.certificate_issuer ?? null,
    delegateLogin: facts.delegate_login ?? null,
    appWorks: facts.app_works ?? null,
    observed: report.facts !== undefined,
    unconfirmed: facts.unconfirmed ?? false,
    known: knownFrom(evidence, protocol, text),
  }
}

const REFUSED: ByProtocol<Answer> = { imap: 'imap refused', smtp: 'smtp refused' }

/** Stages at which a refusal is one of the login. */
const LOGIN_STAGES: ByProtocol<readonly Stage[]> = { imap: ['auth', 'select'], smtp: ['auth'] }

function answerOf(kind: FailureKind, protocol: ReportProtocol): Answer | undefined {
  if (kind === 'not_connected') return 'imap not connected'
  return kind === 'rejected' ? (REFUSED[protocol] ?? REFUSED.imap) : undefined
}

/** Something was said at this stage, in another language or in words of a program's own. */
function answerAt(
  stage: Stage | undefined,
  protocol: ReportProtocol,
  text: string,
): Answer | undefined {
  if (!/\p{L}{3}/u.test(text)) return undefined
  if (stage && LOGIN_STAGES[protocol]?.includes(stage)) return REFUSED[protocol]
  return protocol === 'token' && stage === 'refresh' ? 'grant refused' : undefined
}

const responseCode = (text: string): string | null =>
  /\[(unavailable|authenticationfailed|authorizationfailed|expired|privacyrequired|contactadmin|limit|inuse|overquota|serverbug|clientbug|cannot|alert)\b/.exec(
    text,
  )?.[1] ?? null
