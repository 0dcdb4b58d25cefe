/**
 * Entra's error numbers (AADSTS) by where they come from: a response of the token endpoint, or a page that a person
 * sees. What a number means is in its cause. Here it only shows how far the attempt got.
 */
import {
  ASSERTION_REFUSED,
  CLIENT_CREDENTIALS,
  GRANT_EXPIRED,
  GRANT_NOT_ACCEPTED,
  NO_ENTERPRISE_APP,
  NO_RESOURCE,
  NO_TENANT_NAMED,
  REFRESH,
  REQUEST_INVALID,
  REQUEST_MALFORMED,
  SECRET_WRONG_OR_MISSING,
  TOKEN,
} from '../../catalogue/numbers.ts'

const allOf = (groups: Readonly<Record<string, readonly number[]>>) => Object.values(groups).flat()

/** Given to an app that authenticates with an assertion, or that asks for a token of its own. */
export const CLIENT_CREDENTIAL_NUMBERS = [
  ...allOf(CLIENT_CREDENTIALS),
  NO_RESOURCE,
  NO_ENTERPRISE_APP,
]

/** Given to a refresh token. */
export const REFRESH_NUMBERS = [...allOf(REFRESH), GRANT_NOT_ACCEPTED]

/** Given in responses of the token endpoint to all requests. */
export const TOKEN_NUMBERS = [
  ...allOf(TOKEN),
  ASSERTION_REFUSED,
  NO_TENANT_NAMED,
  SECRET_WRONG_OR_MISSING,
  GRANT_EXPIRED,
  REQUEST_INVALID,
  REQUEST_MALFORMED,
]

const NAME = String.raw`\baadsts`
const ZEROS = '[ :_-]{0,2}0{0,3}'
const PREFIX = `${NAME}${ZEROS}`

/** Matches one of these numbers with its prefix. */
export const entraNumber = (...numbers: readonly number[]): RegExp =>
  new RegExp(`${PREFIX}(?:${numbers.join('|')})(?!\\d)`)

/**
 * Words before a number which show that it comes from a response of the token endpoint, not from a page. They are
 * searched for only in front of Entra's prefix.
 */
const IN_RESPONSE = String.raw`(?<=(?:\b(?:invalid_?grant|invalid_?client|error_codes|refresh(?:ing|ed)?|redeem\w{0,5}|oauth2/(?:v2\.0/)?token|token (?:request|endpoint)|access token|adal|msal\w{0,40}|identityproviderexception)\b|\boauth2: |["']error["']: ?["'](?!access_denied)).{0,200}aadsts)`

/** Matches one of these numbers, or without numbers each one, in a response of the token endpoint. */
export const numberInResponse = (...numbers: readonly number[]): RegExp =>
  new RegExp(`${NAME}${IN_RESPONSE}${ZEROS}(?:${numbers.join('|') || String.raw`\d{4,9}`})(?!\\d)`)

/** Matches any Entra number with its prefix, known or not. */
export const anyEntraNumber = new RegExp(`${PREFIX}\\d{4,9}(?!\\d)`)
