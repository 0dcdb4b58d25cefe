/**
 * Answers that mail servers and the token endpoint give for more than one reason. Each is recognised
 * once, here, in all its wordings; the catalogue says how often each cause is behind it. Sentences that
 * name one cause stand with that cause in the catalogue instead.
 */

export type Answer =
  /** IMAP refuses the token: `NO AUTHENTICATE failed`. */
  | 'imap refused'
  /** IMAP refuses a password: `NO LOGIN failed`. */
  | 'imap login failed'
  /** The token is taken, but no mailbox opens: `BAD User is authenticated but not connected`. */
  | 'imap not connected'
  /** 535 5.7.3, or a program's words for it. */
  | 'smtp refused'
  /** 535 5.7.139 without a sentence that is understood. */
  | 'smtp policy'
  /** The token endpoint answers with a bare OAuth error. */
  | 'grant refused'
  | 'client refused'
  | 'request refused'

const NOT_CONNECTED = /auth\w{3,14}d,? but (?:is )?not (?:yet )?connected/
const LOGIN_FAILED =
  /\blogin failed|\blogin failure|logon failure|login (?:denied|rejected|incorrect|error)|logondenied|incorrect (?:user|password)|(?:user ?name|password|credentials?) (?:is |are |or password )?(?:incorrect|invalid|wrong|rejected)|wrong (?:user ?name|password)|bad (?:user ?name|password|credentials)/
const REFUSED =
  /auth(?:enticate|entication|entification|n|orization)?[ :_-]{0,3}(?:command |attempt )?(?:has )?(?:fail|error|unsuccessful|rejected|denied|not accepted|was not successful)|authenticationfailed|authentication(?:failed)?(?:exception|error)|(?:unable|not|n't|n not|failed) (?:to )?(?:be )?(?:authenticate|log ?in|sign in)|not authenticated|invalid (?:credentials|login|user|token)|credentials|xoauth2?\b.{0,60}(?:fail|error|reject)|\beauth\b|err_auth|access ?denied|unauthorized/

/** `stage` decides where the words would fit either protocol. */
export function answersIn(
  text: string,
  protocol: string,
  enhanced: ReadonlySet<string>,
  oauth: ReadonlySet<string>,
): Set<Answer> {
  const found = new Set<Answer>()
  if (NOT_CONNECTED.test(text)) found.add('imap not connected')
  if (protocol === 'smtp') readSmtp(text, enhanced, found)
  else if (protocol === 'imap') readImap(text, found)
  else if (protocol === 'network') {
    if (enhanced.has('5.7.3')) found.add('smtp refused')
    else if (/\bno authenticate failed/.test(text)) found.add('imap refused')
  }
  if (protocol === 'token' || protocol === 'authorize') readOAuth(text, oauth, found)
  return found
}

function readImap(text: string, found: Set<Answer>): void {
  if (found.has('imap not connected')) return
  if (LOGIN_FAILED.test(text)) found.add('imap login failed')
  if (REFUSED.test(text) && !/\bno login failed/.test(text)) found.add('imap refused')
}

function readSmtp(text: string, enhanced: ReadonlySet<string>, found: Set<Answer>): void {
  if (enhanced.has('5.7.139')) found.add('smtp policy')
  else if (enhanced.has('5.7.3') || REFUSED.test(text) || LOGIN_FAILED.test(text)) {
    found.add('smtp refused')
  }
}

function readOAuth(text: string, oauth: ReadonlySet<string>, found: Set<Answer>): void {
  if (oauth.has('invalid_grant')) found.add('grant refused')
  if (oauth.has('invalid_client') || oauth.has('unauthorized_client')) found.add('client refused')
  if (oauth.has('invalid_request')) found.add('request refused')
  if (/\b401\b|unauthorized\b/.test(text) && !oauth.has('unauthorized_client')) {
    found.add('client refused')
  }
  if (/\b400\b|bad request/.test(text) && found.size === 0) found.add('request refused')
}
