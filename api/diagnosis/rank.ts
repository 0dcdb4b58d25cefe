/** Weighs all causes against a parsed report: likelihoods, a verdict, and questions to ask next. */
import type { Diagnosis, Proof, Source } from '../../schema/diagnosis.ts'
import { type CatalogueEntry, catalogue } from './catalogue/catalogue.ts'
import { bestIndicator, type NumberGroup, WEIGHT } from './catalogue/cause.ts'
import { appNotConsented } from './catalogue/mail/app-only.ts'
import { wrongPortOrHost } from './catalogue/network/reachability.ts'
import {
  AMBIGUOUS,
  CONSENT_MISSING,
  GRANT_NOT_ACCEPTED,
  SAME_SENTENCE,
} from './catalogue/numbers.ts'
import { unknownNumber } from './catalogue/sign-in/request.ts'
import { refreshTokenExpired } from './catalogue/token/grant.ts'
import type { ParsedReport } from './parse/parse-report.ts'
import type { Subject } from './parse/subject.ts'
import { logQuestion } from './program-logs.ts'
import { isSaid, proofOf } from './prove.ts'
import { isAnswered, type Question, questions } from './questions.ts'

export type Ranked = {
  cause: CatalogueEntry
  /** The group of AADSTS numbers through which the cause was found, if any. */
  group: NumberGroup | null
  score: number
  likelihood: number
}
export type Ranking = {
  verdict: Diagnosis['verdict']
  /** Proof of the first cause; null unless the verdict is certain. */
  proof: Proof | null
  ranked: Ranked[]
  ask: Question[]
}

/** Weight of "something that is not in the catalogue". For other systems it outweighs a sentence that names a cause. */
const SOMETHING_ELSE: Record<Subject, number> = {
  'microsoft mail': 1,
  unknown: 4,
  // At least as likely as the best cause.
  'other provider': 4.5,
  'other system': 9,
}
/** Weight of an AADSTS number beside the deciding one, from an earlier attempt or step. */
const BESIDE = 5
/** Weight of a sentence that names one cause beside the number of another. */
const MENTIONED = 4
/** Weight taken from causes about tokens where nothing in the report shows a token. */
const UNSEEN = 0.8
const MOST_CANDIDATES = 6
/** The same for a server's refusal that many causes share. */
const MOST_OF_REFUSAL = 3
/** Lowest score of a likely cause: an indicator that many causes share makes none of them likely. */
const LEAST_SCORE = 3.5
/** Lowest likelihood that is reported, and its lowest share of the first cause's where that is not proven. */
const LEAST_LIKELIHOOD = 0.03
const LEAST_SHARE = 0.1
/** The same where a program hides the reply, so that the causes are weighed by how common they are. */
const LEAST_SHARE_UNSEEN = 0.15
/** Likelihood from which distant causes beside a likely one are left out. */
const NEARLY_SURE = 0.8
const MOST_QUESTIONS = 2
/** Lowest share of the best question's weight: one that decides about less is not worth the work. */
const LEAST_OF_QUESTION = 0.4

const QUOTE_NUMBERS: readonly Source[] = ['sign_in_page', 'token_endpoint']

const owners = new Map(
  catalogue.flatMap(({ slug, aadsts }) =>
    aadsts.flatMap(({ numbers }) => numbers.map((number) => [number, slug] as const)),
  ),
)

/** Returns the slug of the only cause that lists the number. */
export const causeOfNumber = (number: number): string | undefined => owners.get(number)

export const isKnownNumber = (number: number): boolean => owners.has(number)

/** Returns the last AADSTS number that has a single cause; it decides unless an indicator overrides it. */
const decidingNumber = ({ codes }: ParsedReport): number | undefined =>
  codes.findLast((number) => owners.has(number) && !AMBIGUOUS.has(number))

export function rank(parsed: ParsedReport): Ranking {
  const deciding = decidingNumber(parsed)
  const scored = withoutUsers(
    parsed,
    catalogue.flatMap((cause) => {
      const score = scoreOf(cause, parsed, deciding)
      return score === null ? [] : [{ cause, group: groupOf(cause, parsed), score }]
    }),
  )
  const best = Math.max(...scored.map(({ score }) => score))
  const other = SOMETHING_ELSE[parsed.subject]
  const top = scored.find(({ score }) => score === best)
  const isNamed = isNamedByText(top, parsed) && (!isOther(parsed) || isAdviceForOthers(top?.cause))
  const somethingElse =
    parsed.subject === 'other provider' && !isNamed ? Math.max(other, best) : other
  const total = scored.reduce((sum, { score }) => sum + Math.exp(score), Math.exp(somethingElse))
  const all = scored
    .map((entry) => ({ ...entry, likelihood: Math.exp(entry.score) / total }))
    .sort((a, b) => b.score - a.score)
  const isUnsure =
    parsed.subject === 'other system' || ((isOther(parsed) || parsed.vague) && !isNamed)
  // A log can hold the proofs of several attempts.
  const isContested = all.slice(1).some(({ cause }) => isSaid(cause, parsed))
  const proof = all[0] && !isContested ? proofOf(all[0].cause, parsed, deciding) : null
  const verdict = isUnsure ? unsure(all) : verdictOf(all, parsed, proof)
  const first = all[0]?.likelihood ?? 0
  const leavesOut = verdict === 'ambiguous' || (verdict === 'likely' && first >= NEARLY_SURE)
  const usual = parsed.source === 'summary' ? LEAST_SHARE_UNSEEN : LEAST_SHARE
  const share = leavesOut ? usual : 0
  const least = Math.max(LEAST_LIKELIHOOD, share * first)
  const isShared = verdict === 'ambiguous' && parsed.responses.size > 0 && !parsed.observed
  const ranked = all
    .slice(0, isShared ? MOST_OF_REFUSAL : MOST_CANDIDATES)
    .filter(({ likelihood }, index) => likelihood >= least || (index === 0 && !isOther(parsed)))
  return {
    verdict,
    proof: verdict === 'certain' ? proof : null,
    ranked,
    ask: questionsFor(verdict, ranked, parsed),
  }
}

type Scored = Omit<Ranked, 'likelihood'>

/** Returns true for a cause with texts for other providers, too. */
const isAdviceForOthers = (cause: CatalogueEntry | undefined): boolean =>
  cause?.slug === refreshTokenExpired.slug || cause?.slug === wrongPortOrHost.slug

/**
 * Returns true if the text itself is specific to the cause. A response that was guessed from the stage does not count.
 */
const isNamedByText = (first: Scored | undefined, parsed: ParsedReport): boolean =>
  first !== undefined &&
  bestIndicator(first.cause, { ...parsed, responses: NO_RESPONSE.responses }) >= WEIGHT.names - 0.5

/**
 * Replaces causes that ask for a user's sign-in where the app itself asked Entra for its token, since there only an
 * administrator's consent can help.
 */
function withoutUsers(parsed: ParsedReport, scored: readonly Scored[]): readonly Scored[] {
  const appItself = parsed.observed && parsed.stage === 'client_credentials'
  if (!appItself || parsed.facts.appOnly !== true) return scored
  const isReplaced = ({ cause, group }: Scored) =>
    cause.slug === appNotConsented.slug || (group?.effect ?? cause.effect) === 'reconnect'
  const replaced = scored.filter(isReplaced)
  if (replaced.length === 0) return scored
  const score = Math.max(...replaced.map((entry) => entry.score))
  const consent = catalogue.filter(({ slug }) => slug === appNotConsented.slug)
  return [
    ...scored.filter((entry) => !isReplaced(entry)),
    ...consent.map((cause) => ({ cause, group: null, score })),
  ]
}

const groupOf = ({ aadsts }: CatalogueEntry, { codes }: ParsedReport): NumberGroup | null =>
  aadsts.find(({ numbers }) => codes.some((code) => numbers.includes(code))) ?? null

function scoreOf(
  cause: CatalogueEntry,
  parsed: ParsedReport,
  deciding: number | undefined,
): number | null {
  const { modifiers = [] } = cause
  const numbers = cause.aadsts.flatMap((group) => group.numbers)
  const isProven = isSaid(cause, parsed)
  if (!isProven && contradicts(cause, parsed)) return null
  const best = Math.max(bestIndicator(cause, parsed), isProven ? WEIGHT.proven : 0)
  if (!mayExplain(cause, numbers, best, parsed)) return null
  const isOwn = deciding !== undefined && numbers.includes(deciding)
  if (best < WEIGHT.names && !isOwn && !fitsSource(cause, parsed)) return null
  const first = byNumber(
    numbers,
    best >= WEIGHT.overrides || mayBeBesideNumber(cause, parsed) ? best : Math.min(MENTIONED, best),
    parsed.codes,
    deciding,
  )
  if (first <= 0) return null
  const isUnseen = cause.login === 'token' && first < WEIGHT.suggests && showsNoToken(parsed)
  const modified = modifiers.reduce(
    (sum, modifier) => sum + modifier(parsed),
    first - (isUnseen ? UNSEEN : 0),
  )
  // Evidence can be wrong or incomplete, unlike an AADSTS number.
  const isNamed = isProven || (parsed.observed && isOwn)
  return isNamed ? Math.max(first, modified) : modified
}

/**
 * Returns true for a refused SMTP login whose report shows neither a password nor a token. Most such logins have a
 * password.
 */
const showsNoToken = ({ responses, facts, text }: ParsedReport): boolean =>
  facts.password === undefined &&
  responses.has('smtp refused') &&
  !/oauth|token|bearer/.test(`${facts.raw.library ?? ''} ${text}`)

/** Returns true if the login used the kind of credential that this cause excludes. */
const contradicts = ({ login }: CatalogueEntry, { facts }: ParsedReport): boolean =>
  facts.password !== undefined && login === (facts.password ? 'token' : 'password')

/**
 * Returns false if Microsoft gave Mailgrant itself an ambiguous AADSTS number that the cause does not list and no other
 * evidence connects with it. GRANT_NOT_ACCEPTED is excepted, since its error and suberror are more specific than the
 * number.
 */
function mayExplain(
  cause: CatalogueEntry,
  own: readonly number[],
  best: number,
  parsed: ParsedReport,
): boolean {
  if (cause.slug === unknownNumber.slug && parsed.codes.some(isKnownNumber)) return false
  const number = parsed.codes.find((code) => AMBIGUOUS.has(code) && code !== GRANT_NOT_ACCEPTED)
  if (!parsed.observed || number === undefined || best >= WEIGHT.overrides) return true
  const { oauth, responses } = NO_RESPONSE
  return (
    own.includes(number) ||
    bestIndicator(cause, { ...parsed, oauth, responses, suberror: null }) > 0
  )
}

/** Returns false if this source never writes a text for this cause. */
const fitsSource = ({ sources }: CatalogueEntry, { source, codes }: ParsedReport): boolean =>
  source === null ||
  source === 'summary' ||
  sources.includes(source) ||
  // A text with one of Entra's numbers quotes Entra.
  (codes.length > 0 && sources.some((one) => QUOTE_NUMBERS.includes(one)))

/** Returns false for a TLS fault beside an ambiguous AADSTS number, since Entra was reached then. */
const mayBeBesideNumber = ({ sources, aadsts }: CatalogueEntry, { codes }: ParsedReport): boolean =>
  aadsts.length > 0 || !sources.includes('tls') || !codes.some((number) => AMBIGUOUS.has(number))

/** Overrides for a report as if it had an AADSTS number only. */
const NO_RESPONSE: Pick<ParsedReport, 'oauth' | 'responses'> = {
  oauth: new Set(),
  responses: new Set(),
}

/** Ranks a known AADSTS number above sentences of other causes, except those that interpret it. */
function byNumber(
  own: readonly number[],
  best: number,
  codes: readonly number[],
  deciding: number | undefined,
): number {
  if (deciding === undefined) return best
  if (own.includes(deciding)) return Math.max(best, WEIGHT.names)
  if (best >= WEIGHT.overrides) return best
  return own.some((number) => codes.includes(number)) ? BESIDE : Math.min(MENTIONED, best)
}

const isOther = ({ subject }: ParsedReport) =>
  subject === 'other system' || subject === 'other provider'

function verdictOf(
  [first, second]: readonly Ranked[],
  parsed: ParsedReport,
  proof: Proof | null,
): Diagnosis['verdict'] {
  const { subject, responses } = parsed
  // A recognised response is never unknown, however many causes share it.
  if (!first || (first.likelihood < 0.15 && responses.size === 0)) return 'unknown'
  if (first.cause.slug === unknownNumber.slug) return 'ambiguous'
  const isNamed = first.likelihood >= 0.9 && first.score >= WEIGHT.names - 0.5
  if (isNamed && subject !== 'unknown') {
    return proof && !contradicts(first.cause, parsed) && !isOpen(parsed, first)
      ? 'certain'
      : 'likely'
  }
  const clear = first.likelihood >= 2.5 * (second?.likelihood ?? 0)
  return first.likelihood >= 0.6 && first.score >= LEAST_SCORE && clear ? 'likely' : 'ambiguous'
}

/**
 * Returns true if Entra's numbers leave the cause open: all are unknown, or one has the same sentence for several
 * causes and no words beside it decide. Consent missing at a refresh is always open.
 */
const isOpen = ({ codes, stage }: ParsedReport, { score }: Ranked): boolean => {
  if (codes.length > 0 && !codes.some(isKnownNumber)) return true
  if (stage === 'refresh' && codes.includes(CONSENT_MISSING)) return true
  return score < WEIGHT.overrides && codes.some((number) => SAME_SENTENCE.has(number))
}

/** Returns the verdict for a text about another system, or without a recognised response: ambiguous at best. */
const unsure = ([first]: readonly Ranked[]) =>
  first && first.likelihood >= 0.35 ? 'ambiguous' : 'unknown'

function questionsFor(
  verdict: Diagnosis['verdict'],
  ranked: readonly Ranked[],
  parsed: ParsedReport,
): Question[] {
  if (verdict === 'certain') return []
  const other = isOther(parsed) ? [questions.otherSystem] : []
  const log = verdict === 'likely' ? undefined : logQuestion(parsed)
  const step = parsed.stage === undefined ? [questions.step] : []
  const general = verdict === 'unknown' ? [log ? [] : questions.fullText, step].flat() : []
  const open = [...other, ...(log ? [log] : []), ...general, ...questionsOf(ranked, parsed)].filter(
    (question) => !isAnswered(question, parsed),
  )
  // One question is enough to confirm a likely cause.
  if (verdict === 'likely') return open.slice(0, 1)
  const fallback = isOther(parsed) ? questions.provider : questions.fullText
  const asked: readonly Question[] = open.length > 0 || parsed.text === '' ? open : [fallback]
  // The reply of the server decides more than any other question.
  return withoutClaims([...new Set(asked)]).slice(0, log ? 1 : MOST_QUESTIONS)
}

/** Orders the questions of the candidates by how much likelihood they decide about: the second of a cause by half of it. */
function questionsOf(ranked: readonly Ranked[], parsed: ParsedReport): Question[] {
  const weights = new Map<Question, number>()
  for (const { cause, likelihood } of ranked) {
    for (const [at, question] of (cause.ask ?? []).entries()) {
      if (isAnswered(question, parsed)) continue
      weights.set(question, (weights.get(question) ?? 0) + likelihood / (at + 1))
    }
  }
  const best = Math.max(...weights.values())
  return [...weights]
    .filter(([, weight]) => weight >= LEAST_OF_QUESTION * best)
    .sort(([, a], [, b]) => b - a)
    .map(([question]) => question)
}

/** Claims of the access token, which the question for its audience asks for together. */
const CLAIMS: readonly Question[] = [
  questions.scopes,
  questions.roles,
  questions.requestedScope,
  questions.signedInAs,
  questions.exp,
]

const withoutClaims = (asked: readonly Question[]): Question[] =>
  asked.filter((each) => !(asked.includes(questions.audience) && CLAIMS.includes(each)))
