/** The user on Microsoft's sign-in page: account, password, second factor, completion. */
import { questions } from '../../questions.ts'
import { and, anyOf, type Cause, WEIGHT, where } from '../cause.ts'
import { ofPasswordGrant, ofPersonal, ofProgram, ofReading } from '../conditions.ts'
import { docs } from '../docs.ts'
import { instead, onlyFor, unless } from '../fixes.ts'
import { isOthersPassword } from '../hosts.ts'
import * as by from '../indicators.ts'
import { GRANT_NOT_ACCEPTED } from '../numbers.ts'
import { saidBy } from '../proof.ts'

/** Outlook.com's reply to a login from an unusual place. */
const BLOCKED =
  /\baccount is blocked\. login to your account via a web browser to verify your identity\b/

/** Matches Entra's numbers for a second factor. */
const asksForFactor = by.code(1, 50076, 50072, 50074, 50079)

const PARSEDMARC = ofProgram(/\bparsedmarc\b/)

/** Properties of numbers that an administrator must act on. */
const ADMIN = { responsible: 'tenant_admin', effect: 'block' } as const

export const userSignInRefused: Cause = {
  slug: 'user-sign-in-refused',
  title: 'Microsoft refused the account or its password',
  explanation:
    'The user name is unknown here, the password is wrong or expired, or the account is disabled or locked.',
  variants: [
    {
      onlyFor: by.text(1, BLOCKED),
      title: 'Microsoft has blocked the account until its user confirms a sign-in',
      explanation:
        "Microsoft blocked the account because of an unusual sign-in, often from a new place such as a server. The message doesn't say which provider, but the wording is Outlook.com's.",
    },
  ],
  responsible: 'user',
  effect: 'reconnect',
  fixes: [
    onlyFor(by.text(1, BLOCKED), [
      {
        text: 'Sign in to the account at https://outlook.live.com (work accounts: https://{imapHost}), confirm your identity and approve the sign-in.',
        url: 'https://outlook.live.com',
      },
      'Then switch the program to OAuth2. A sign-in from a server with a password would bring the block back.',
    ]),
    unless(by.text(1, BLOCKED), {
      text: 'Sign in at https://{imapHost} with the same account to see what is wrong with it.',
      url: 'https://{imapHost}',
    }),
    unless(ofReading, {
      text: 'Microsoft refuses a program that sends the password itself (grant_type=password) if it is an app password, or if the account is personal or uses multi-factor authentication. Sign in through the browser instead.',
      otherPrograms: true,
    }),
    unless(anyOf(ofPersonal, by.text(1, BLOCKED)), [
      '{entra} > Users > (user): enable the account, or reset its password. The sign-in logs show the reason, such as a lock or a distrusted IP address.',
    ]),
  ],
  docs: [docs.aadsts],
  aadsts: {
    'The account does not exist in this tenant': [50034, 51004, 90022, 90125],
    'The user name is not one that Microsoft can look up': [90028, 90029, 90101, 90122, 90126],
    'The account was deleted': { numbers: [500341], ...ADMIN },
    "The account is locked, or Microsoft distrusts this server's address": {
      numbers: [50053, 500532],
      ...ADMIN,
    },
    'The account is disabled': { numbers: [50057, 500571], ...ADMIN },
    "The account's federation is not set up": { numbers: [50107], ...ADMIN },
    'The organisation does not allow this account to sign in at this hour': {
      numbers: [80012],
      ...ADMIN,
    },
    "The account's password has expired": [50055, 50144],
    'The user name or password was wrong': [
      50126, 50052, 50054, 50056, 50064, 50197, 81016, 120000,
    ],
    "The account's password must be changed": [50135, 50137, 120002, 120008],
    'The new password was not accepted': [120003, 120004, 120005, 120011, 120012, 120018, 120020],
    "Only an administrator can change this account's password": {
      numbers: [120014, 120015, 120016],
      ...ADMIN,
    },
    'The one-time code was wrong or did not arrive': [
      50181, 50182, 50183, 50184, 50185, 501811, 500346,
    ],
    "The user's certificate was refused": [500183, 500185, 500186, 500187],
    'The passkey or phone sign-in is not set up for this account': [500342, 500343, 500344],
    'The organisation does not allow this method of signing in': {
      numbers: [130500, 130501, 130502, 135016],
      ...ADMIN,
    },
    'The Temporary Access Pass is wrong, used or expired': [130503, 130504, 130505, 130506, 130507],
    "The account holder's age does not allow this sign-in": [50015, 54000],
  },
  proof: [
    saidBy('mail_server', BLOCKED),
    saidBy('sign_in_page', [
      /\berror validating credentials due to invalid user ?name or password\b/,
      /\bthe user account .{1,250} does not exist in the .{1,250} directory\. to sign into this application\b/,
      /\byou've tried to sign in too many times with an incorrect user id or password\b/,
      /\byour account is temporarily locked to prevent unauthori[sz]ed use\b/,
      /\byour account or password is incorrect\. if you (?:do not|don't) remember your password, reset it now\b/,
      /\bthis username may be incorrect\. make sure you typed it correctly\b/,
      /\bthat microsoft account doesn't exist\. enter a different account or get a new one\b/,
    ]),
  ],
  indicators: [
    by.meaning(WEIGHT.names, 'password-refused'),
    by.text(WEIGHT.overrides, BLOCKED),
    by.text(WEIGHT.names, [
      /credentials were incorrect/,
      /(?:error validating credentials due to )?invalid user ?name or password/,
      /incorrect user (?:id|name) or password/,
      /account or password is incorrect/,
      /(?:your|user|this) account (?:is|has been|was) (?:temporarily )?(?:locked|disabled|blocked|suspended|expired)/,
      /password (?:is|has) expired/,
      /service abuse mode/,
      /\bthat microsoft account doesn't exist\b|\bthe user account .{1,120} does not exist in the .{1,120} directory\b/,
      /we couldn't find an account/,
    ]),
    (parsed) => (parsed.suberror === 'user_password_expired' ? WEIGHT.names : 0),
    by.text(WEIGHT.names, [
      /(?:error )?(?:account|user) (?:is )?disabled/,
      /user_password_expired/,
      /password must be changed/,
      /(?<!(?:logon|authentication) failure: )unknown user name or bad password/,
    ]),
    by.text(WEIGHT.suggests, /username and password not accepted|5\.7\.8\b/),
    by.response(1.6, 'imap login failed'),
    by.response(0.6, 'smtp policy'),
    by.response(0.5, 'smtp refused'),
  ],
  modifiers: [
    and(by.fact(1.2, 'password', true), by.response(1, 'smtp refused')),
    and(by.fact(0.7, 'password', undefined), by.response(1, 'smtp refused')),
    and(
      by.fact(WEIGHT.excludes, 'password', false),
      by.response(1, 'smtp refused', 'smtp policy', 'imap login failed'),
    ),
    where(-4, isOthersPassword),
    // Programs write "invalid password" about a refused token, too.
    where(
      -3,
      ({ protocol, source }) =>
        source === 'summary' && (protocol === 'imap' || protocol === 'smtp'),
    ),
  ],
  ask: [questions.signInLog, questions.mechanism],
}

export const mfaOrInteractionRequired: Cause = {
  slug: 'mfa-or-interaction-required',
  title: 'Microsoft requires the user to sign in interactively',
  explanation:
    'Microsoft requires the user to sign in again, for multi-factor authentication or new terms of use, or because the session has expired.',
  variants: [
    {
      onlyFor: (parsed) => ofPasswordGrant(parsed) && asksForFactor(parsed),
      explanation:
        'This sign-in now requires multi-factor authentication, which a stored password can never pass.',
    },
  ],
  responsible: 'user',
  responsibleForPasswordGrant: 'operator',
  effect: 'reconnect',
  fixes: [
    instead(
      (parsed) => ofPasswordGrant(parsed) && PARSEDMARC(parsed),
      [
        {
          risk: "parsedmarc: in the section msgraph, set auth_method to ClientSecret, with tenant_id, client_id and client_secret. The app needs the application permission Mail.ReadWrite with an admin's consent. Restrict it to this mailbox, since it covers all of them.",
        },
        'Or set auth_method to DeviceCode, and sign in once as a user with access to the mailbox.',
      ],
    ),
    onlyFor(ofPasswordGrant, [
      "A stored password can never pass multi-factor authentication. Let the program sign in by device code or browser for a user, or with a client secret or certificate for the app's own access (DeviceCodeCredential, ClientSecretCredential or CertificateCredential in the Azure libraries).",
    ]),
    unless(ofPasswordGrant, 'Sign in again in a browser and complete the extra step.'),
    unless(asksForFactor, [
      'If this recurs, an admin finds the policy under {entra} > Conditional Access > Policies > (policy) > Session > Sign-in frequency.',
    ]),
  ],
  docs: [docs.aadsts, docs.conditionalAccess],
  aadsts: {
    'Multi-factor authentication is required': [50076, 50074, 500121],
    'The user must set up multi-factor authentication': [50072, 50079, 50203],
    'The user must set up multi-factor authentication from a permitted place or device': [53010],
    "The user must sign in at the organisation's identity provider": [53006, 53007],
    'This sign-in method does not allow the required multi-factor authentication': [
      54008, 54009, 54010,
    ],
    'The last multi-factor authentication is too old': [50078],
    'Microsoft has no session for this account': [
      50058, 500581, 500582, 50085, 50170, 81010, 9002341,
    ],
    'The account must be chosen on the sign-in page': [16001, 16002, 160021],
    'A further security step is required': [50158],
    'Microsoft requires the user to be present': [
      700020, 50125, 500122, 50139, 50140, 50142, 50157, 50161, 50168, 50199, 51006, 26000, 50019,
      50159, 50180, 50201, 50209, 160011, 399210, 399218, 5001213,
    ],
    "The organisation's sign-in frequency requires a new sign-in": [70043, 70044, 70045, 70046],
  },
  proof: [
    saidBy('token_endpoint', [
      /\byou must (?:use|enroll in) multi-factor authentication to access\b/,
    ]),
    saidBy('token_endpoint', [
      /\bpresented multi-factor authentication has expired due to policies configured by your administrator\b/,
      /\brefresh token has expired or is invalid due to sign-in frequency checks by conditional access\b/,
    ]),
  ],
  indicators: [
    by.text(WEIGHT.names, [
      /multi-?factor/,
      /strong auth/,
      /additional (?:security )?verification/,
      /more information required/,
      /keep your account secure/,
      /accept (?:the |our )?terms of use/,
      /sign-?in frequency/,
      /second factor/,
    ]),
    by.text(WEIGHT.suggests, [/\bmfa\b/, /two-?(?:step|factor)/]),
    by.oauth(WEIGHT.names - 0.7, 'interaction_required', 'login_required'),
    // Names of exceptions, which libraries use for every refusal with an AADSTS number.
    and(
      by.text(WEIGHT.names - 0.7, [
        /interaction ?required/,
        /uirequired/,
        /login_required/,
        /must sign in again/,
        /session (?:has )?(?:expired|ended)/,
      ]),
      ({ codes, protocol }) => codes.length === 0 && protocol !== 'imap' && protocol !== 'smtp',
    ),
    and(by.oauth(WEIGHT.names - 1.5, 'invalid_grant'), (parsed) =>
      parsed.suberror !== null && ['basic_action', 'additional_action'].includes(parsed.suberror)
        ? 1
        : 0,
    ),
    by.response(1.5, 'grant refused'),
  ],
  modifiers: [
    // "Sign in again" is printed for every expired grant.
    where(
      -4,
      ({ codes, text }) =>
        codes.every((number) => number === GRANT_NOT_ACCEPTED) &&
        /grant is expired|refresh token has expired/.test(text),
    ),
    by.fact(-3, 'appOnly', true),
  ],
  ask: [questions.signInLog],
}

export const signInNotFinished: Cause = {
  slug: 'sign-in-not-finished',
  title: 'The sign-in was not completed',
  explanation:
    "The user has not returned from Microsoft's page: the sign-in is still open, in another window, or was abandoned.",
  responsible: 'user',
  retryable: true,
  fixes: [
    "Complete the sign-in in the open window, or start again. If Microsoft's page shows an error, diagnose its text.",
  ],
  docs: [docs.authCode],
  sources: ['sign_in_page', 'token_endpoint', 'callback', 'program'],
  indicators: [
    by.kind(1.8, 'no_return'),
    and(by.oauth(1, 'access_denied'), by.text(1, /cancel/)),
    // Libraries whose window or browser tab was closed.
    by.text(WEIGHT.names - 0.3, [
      /\buser_cancell?ed\b|\bauthentication_cancell?ed\b|\bsign in failed.{0,40}authorization cancell?ed\b/,
    ]),
    and(
      by.meaning(2.6, 'request-invalid'),
      ({ source, codes }) => source === 'callback' && codes.length === 0,
    ),
  ],
  modifiers: [by.fact(WEIGHT.excludes, 'appOnly', true)],
  ask: [questions.pageText],
}
