/**
 * Entra's error numbers (AADSTS) by where they come from: a response of the token endpoint, or a page that a person
 * sees. What a number means is in its cause. Here it only shows how far the attempt got.
 */

/** Given to an app that authenticates with an assertion, or that asks for a token of its own. */
export const CLIENT_CREDENTIAL_NUMBERS = [
  700021, 700023, 700024, 700026, 700027, 700030, 700211, 700212, 700213, 1002012, 7000216, 7000226,
  7000229, 9001023,
]

/** Given to a refresh token. */
export const REFRESH_NUMBERS = [
  50078, 50089, 50132, 50133, 50173, 50196, 70000, 70043, 700009, 700020, 700081, 700082, 700084,
]

/** Given in responses of the token endpoint to all requests. Most other numbers come from pages. */
export const TOKEN_NUMBERS = [
  28000, 28002, 28003, 50012, 50013, 50027, 50059, 50076, 50128, 54005, 54008, 70002, 70003, 70008,
  70016, 70018, 70019, 70020, 90002, 90009, 90014, 90023, 90033, 90055, 240002, 500112, 501481,
  700005, 700007, 700022, 700025, 900144, 900382, 900439, 900561, 901002, 5000225, 7000012, 7000114,
  7000215, 7000218, 7000222, 9002313, 9002325, 9002326, 9002327,
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
