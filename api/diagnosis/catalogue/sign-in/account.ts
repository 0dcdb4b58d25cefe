/** Account types, and accounts of other organisations or without an address. */
import type { ParsedReport } from '../../parse/parse-report.ts'
import { questions } from '../../questions.ts'
import { and, anyOf, type Cause, WEIGHT, where } from '../cause.ts'
import { hasNoValue, ofProgram } from '../conditions.ts'
import { docs } from '../docs.ts'
import { onlyFor, pages, unless } from '../fixes.ts'
import * as by from '../indicators.ts'
import { OTHER_TENANTS_USER, UNKNOWN_APP } from '../numbers.ts'
import { saidBy } from '../proof.ts'

/** Words of Entra for an app that takes accounts of organisations only. */
const FOR_ORGANISATIONS =
  /not use the \/consumers endpoint|use the \/organizations or tenant-specific|(?:azure active directory|azure ad|microsoft entra) users only/

/** Words of the page for a personal account at an app for organisations. */
const REFUSES_PERSONAL = /\bsign in here with a personal account\b/

export const accountTypeNotAllowed: Cause = {
  slug: 'account-type-not-allowed',
  title: 'The app does not accept this kind of account',
  explanation:
    'A personal account was used with an app for organisations, a work account with an app for personal accounts, or the sign-in URL does not match the account types that the app allows.',
  variants: [
    {
      onlyFor: by.text(1, REFUSES_PERSONAL),
      explanation:
        'The app takes work or school accounts only, and a personal account was used. If the app does take both, the sign-in URL contains a tenant or /organizations in place of /common.',
    },
  ],
  responsible: 'app_owner',
  effect: 'block',
  fixes: [
    onlyFor(by.text(1, REFUSES_PERSONAL), {
      text: 'Does the sign-in URL of {program} contain a tenant or /organizations? Use /consumers or /common there and in the token URL.',
      by: 'operator',
    }),
    onlyFor(and(by.text(1, REFUSES_PERSONAL), ofProgram(/\bpizauth\b/)), [
      "In pizauth, these are the account's auth_uri and token_uri.",
    ]),
    onlyFor(by.text(1, REFUSES_PERSONAL), [
      'If it contains /common already: {appRegistration} > Authentication > Supported account types > organisations and personal accounts. If that cannot be changed, register a new app.',
      'If the address is also a work account, choose "Work or school account" on the page.',
    ]),
    unless(by.text(1, REFUSES_PERSONAL), {
      text: '{appRegistration} > Authentication (or Manifest: signInAudience) > Supported account types: organisations and personal accounts (AzureADandPersonalMicrosoftAccount), and {login}/common in the settings. If an existing app cannot be changed, register a new one.',
      url: pages.authentication,
    }),
    unless(({ text }) => FOR_ORGANISATIONS.test(text) || REFUSES_PERSONAL.test(text), {
      text: 'Use {login}/consumers in place of the tenant or /common, for the sign-in, the token and the refresh, if the app takes personal accounts only.',
      first: anyOf(
        by.code(1, 9002331, 9002346),
        by.text(1, /(?<!not )use the \/consumers endpoint|microsoft account users only/),
      ),
    }),
    unless(anyOf(by.code(1, 9002331, 9002346), by.text(1, REFUSES_PERSONAL)), {
      text: "Use the organisation's tenant, or /organizations, in place of /common and /consumers, if the app takes work accounts only.",
      first: anyOf(by.code(1, 9002332), by.text(1, FOR_ORGANISATIONS)),
    }),
    unless(by.text(1, REFUSES_PERSONAL), [
      'Or sign in with an account of a type that the app accepts.',
    ]),
  ],
  docs: [docs.accountTypes, docs.aadsts],
  aadsts: {
    'The app does not accept this kind of account': [
      500200, 500201, 500202, 500205, 500206, 9002339, 9002346,
    ],
    'This kind of account cannot be used for mail access': {
      numbers: [500207],
      responsible: 'user',
      effect: 'reconnect',
    },
    'This kind of account cannot sign in here': {
      numbers: [500208, 1003034],
      responsible: 'user',
      effect: 'reconnect',
    },
    'The app cannot be used with this tenant setting': [
      90027, 90124, 90129, 90130, 1000030, 9002337,
    ],
    'The app is for personal accounts only': [9002331],
    'The app is not for personal accounts': [9002332],
  },
  proof: saidBy('sign_in_page', [
    /\byou can't sign in here with a (?:personal|work or school) account\b/,
    /\bthe request is not valid for the application's 'useraudience' configuration\b/,
    /\bapplication '[^']{1,80}'(?: ?\([^)]{1,80}\))? is not supported over the \/(?:common|consumers|organizations)\b/,
    /\bis configured for use by (?:microsoft account|microsoft entra|azure active directory|azure ad) users only\b/,
  ]),
  indicators: [
    and(
      by.code(WEIGHT.overrides, OTHER_TENANTS_USER),
      by.text(1, /live\.com|personal|microsoft account/),
    ),
    and(by.code(3.5, OTHER_TENANTS_USER), ({ text }) => !/identity provider '?https/.test(text)),
    // The directory of personal accounts, by its name and by its ID.
    and(
      by.code(WEIGHT.names + 0.5, UNKNOWN_APP),
      by.text(1, [
        /(?:directory|tenant) '?(?:microsoft accounts|9188040d-6c67-4c5b-b112-36a304b66dad|consumers)/,
      ]),
    ),
    by.text(WEIGHT.names, [
      /sign in here with a (?:personal|work)/,
      /work or school account instead/,
      /can't (?:use|sign in with) (?:a |your )?(?:personal|work)/,
      /useraudience/,
      /use the \/(?:consumers|organizations|common) (?:endpoint|or tenant)/,
      /configured for use by (?:microsoft account|microsoft entra|azure active directory|azure ad) users only/,
      /not supported over the \/?(?:common|consumers|organizations)/,
      /issue tokens from this api version for a microsoft account/,
      /not a valid login domain for the account type/,
    ]),
    by.text(4.2, /not enabled for consumers/),
    and(by.response(1.2, 'client refused'), by.oauth(1, 'unauthorized_client')),
  ],
  modifiers: [
    and(by.fact(1, 'tenant', 'common'), by.text(1, /not enabled for consumers/)),
    and(by.fact(0.5, 'personal', true), by.text(1, /not enabled for consumers/)),
    and(by.fact(-1.5, 'personal', false), by.text(1, /not enabled for consumers/)),
    and(by.fact(-1.5, 'workedBefore', true), by.text(1, /not enabled for consumers/)),
  ],
  ask: [questions.accountType, questions.audienceOfApp],
}

export const guestOrExternalUser: Cause = {
  slug: 'guest-or-external-user',
  title: 'The account that signed in belongs to another organisation',
  explanation:
    'The user who signed in is not a member of the tenant that the app uses, or is only a guest there. A guest has no mailbox in that tenant.',
  responsible: 'user',
  effect: 'reconnect',
  advice: 'sign in with an account that may use this mailbox',
  fixes: [
    "Sign in with an account of the mailbox's own organisation, in a private window.",
    "Use the mailbox's tenant in the app (or /organizations for several). A guest gets no access to a mailbox.",
  ],
  docs: [
    docs.aadsts,
    'https://learn.microsoft.com/en-us/troubleshoot/entra/entra-id/app-integration/error-code-aadsts50020-user-account-identity-provider-does-not-exist',
  ],
  aadsts: {
    'The account does not exist in this tenant': [16000, 16003, 50014, 700056],
    'The account belongs to another tenant or is another kind of account': [
      OTHER_TENANTS_USER,
      50143,
      50177,
      50178,
      90084,
      90123,
      500204,
      500211,
    ],
    'The account is a guest that cannot pass multi-factor authentication here': [90072],
  },
  indicators: [
    by.meaning(WEIGHT.names, 'account-not-in-tenant'),
    by.text(WEIGHT.names - 0.5, [
      /(?:user )?account .{0,160}(?:does not|doesn't) exist in (?:the )?tenant/,
      /external (?:user|account).{0,60}(?:tenant|not)/,
    ]),
    by.text(WEIGHT.suggests + 1, [
      /needs to be added as an external user/,
      /sign out and sign in again with a different azure/,
    ]),
    by.code(5.5, OTHER_TENANTS_USER),
    by.response(0.6, 'imap refused'),
    by.response(0.5, 'imap not connected'),
    by.response(0.2, 'smtp refused'),
  ],
  modifiers: [
    and(
      by.fact(-2, 'sameAccount', true),
      by.response(1, 'imap refused', 'imap not connected', 'smtp refused'),
    ),
    and(
      by.fact(WEIGHT.excludes, 'appOnly', true),
      by.response(1, 'imap refused', 'imap not connected', 'smtp refused'),
    ),
    and(by.fact(WEIGHT.excludes, 'password', true), by.response(1, 'imap refused', 'smtp refused')),
    and(by.fact(-1.5, 'workedBefore', true), by.response(1, 'imap refused', 'imap not connected')),
  ],
  ask: [questions.signedInAs],
}

export const accountWithoutEmail: Cause = {
  slug: 'account-without-email',
  title: 'The program got no email address for the account that signed in',
  explanation:
    "Microsoft accepted the sign-in, but the account's token and profile contain no email address, and the program needs one. Admin accounts often have none. [[{signedInAs} signed in.]]",
  responsible: 'user',
  fixes: [
    'Sign in again in a private window with the account that owns the mailbox[[ ({expected})]], not as an admin. A shared mailbox cannot sign in unless an admin has enabled its account.',
    'If that does not help, an admin opens {entra} > Users > (user) > Properties and fills in Email.',
    '{appRegistration} > Token configuration > Add optional claim > ID: email, upn. The request must include the scopes openid, profile and email.',
    {
      text: 'Update the program: it might read the address from another claim, such as preferred_username.',
      otherPrograms: true,
    },
  ],
  docs: [
    docs.idTokenClaims,
    'https://learn.microsoft.com/en-us/entra/identity-platform/optional-claims',
  ],
  sources: ['program', 'callback', 'token_endpoint'],
  indicators: [
    by.text(WEIGHT.names - 1, [
      /\b(?:no|missing|without an?|lacks the) ['"]?(?:e-?mail|upn|preferred_username)['"]? claim\b/,
      /\b(?:e-?mail|upn|preferred_username)['"]? claim\b.{0,30}\b(?:missing|empty|null|not (?:found|present|provided|returned))\b/,
    ]),
    // A program can also fail to read an address that is there.
    and(
      by.text(3.4, [
        /\b(?:unable to|could not|couldn't|cannot|can't|failed to) (?:get|find|fetch|read|retrieve|determine) (?:the )?(?:user(?:'s)? |account(?:'s)? )?e-?mail(?: address)?\b/,
        /\b(?:does not|doesn't|did not|didn't) (?:expose|provide|return|contain) an? e-?mail address\b/,
      ]),
      isSignIn,
    ),
    and(where(3.4, hasNoValue), isSignIn),
  ],
  modifiers: [by.fact(WEIGHT.excludes, 'appOnly', true)],
  ask: [questions.accountEmail],
}

function isSignIn({ protocol }: ParsedReport): boolean {
  return protocol !== 'imap' && protocol !== 'smtp' && protocol !== 'graph'
}
