/** Tenants, clouds and kinds of accounts: who may sign in where. */
import { questions } from '../../questions.ts'
import {
  answers,
  both,
  type Cause,
  code,
  EXCLUDES,
  known,
  NAMES,
  OVERRIDES,
  POINTS,
  says,
  when,
} from '../cause.ts'
import { docs } from '../docs.ts'

export const singleTenantApp: Cause = {
  slug: 'single-tenant-app',
  title: 'The app is registered for one tenant only',
  explanation:
    'The app takes only accounts of the organisation where it is registered, but the sign-in went to /common or /organizations, or came from another organisation.',
  responsible: 'app_owner',
  retryable: false,
  fixes: [
    {
      text: 'Use the tenant in the sign-in URL: {login}/(tenant ID)/oauth2/v2.0/authorize, and the same for the token; in the settings enter the Directory (tenant) ID in place of "common".',
    },
    {
      text: 'Or open the app: {appRegistration} > Authentication > Supported account types > multiple organisations (with or without personal accounts).',
      url: '{portal}/#view/Microsoft_AAD_RegisteredApps/ApplicationMenuBlade/~/Authentication/appId/{clientId}',
    },
  ],
  docs: [
    docs.accountTypes,
    'https://github.com/O365/python-o365/issues/1103',
    'https://github.com/simonrob/email-oauth2-proxy/issues/154',
    'https://github.com/geoffsmith82/GmailAuthSMTP/issues/27',
    'https://github.com/UvA-FNWI/M365-IMAP/pull/9',
  ],
  aadsts: [50194, 650059],
  signs: [
    says(NAMES + 0.5, /not configured as a multi-?tenant|azureadmyorg|single[- ]tenant/),
    code(3, 700016),
    code(4, 50059),
    says(3, /no tenant-identifying information/),
    says(2.5, /application .{0,90}not found in (?:the )?(?:directory|tenant)/),
  ],
  hints: [
    both(known(1.5, 'tenant', 'common'), code(1, 50059)),
    both(
      when(2, ({ known: { raw } }) => /device/.test(raw.flow ?? '')),
      code(1, 50059),
    ),
    both(
      when(1, ({ known: { tenant } }) => tenant === 'one'),
      code(1, 700016),
    ),
  ],
  ask: [questions.audienceOfApp],
}

export const accountTypeNotAllowed: Cause = {
  slug: 'account-type-not-allowed',
  title: 'The app does not take this kind of account',
  explanation:
    'A personal account met an app for organisations, a work account an app for personal accounts, or the sign-in URL does not fit the kinds of accounts that the app allows.',
  responsible: 'app_owner',
  retryable: false,
  fixes: [
    {
      text: '{appRegistration} > Authentication (or Manifest: signInAudience) > Supported account types: organisations and personal accounts (AzureADandPersonalMicrosoftAccount) for both. An app cannot always be changed; a new registration can.',
      url: '{portal}/#view/Microsoft_AAD_RegisteredApps/ApplicationMenuBlade/~/Authentication/appId/{clientId}',
    },
    {
      text: 'Choose the authority that fits: /consumers for personal accounts only, the tenant or /organizations for work accounts only, /common for both.',
    },
    { text: 'Or sign in with an account of the kind that the app is for.' },
  ],
  docs: [
    docs.accountTypes,
    docs.aadsts,
    'https://github.com/dotnet/AspNetCore.Docs/issues/19795',
    'https://github.com/s1t5/mail-archiver/pull/478',
    'https://github.com/microsoftgraph/aspnet-webhooks-rest-sample/issues/26',
  ],
  aadsts: [500201, 500202, 500207, 500208, 90027, 90124, 90130, 9002331, 9002332, 9002346],
  signs: [
    both(code(OVERRIDES, 50020), says(1, /live\.com|personal|microsoft account/)),
    says(
      NAMES,
      /personal (?:microsoft )?account.{0,60}(?:instead|not|can't)|sign in here with a (?:personal|work)|work or school account instead|can't (?:use|sign in with) (?:a |your )?(?:personal|work)/,
    ),
    says(
      NAMES,
      /useraudience|use the \/(?:consumers|organizations|common) (?:endpoint|or tenant)|configured for use by (?:microsoft account|microsoft entra|azure active directory|azure ad) users only|not supported over the \/?(?:common|consumers|organizations)/,
    ),
    says(
      NAMES,
      /issue tokens from this api version for a microsoft account|not a valid login domain for the account type/,
    ),
    says(4.2, /not enabled for consumers/),
    both(answers(1.2, 'client refused'), (reading) =>
      reading.oauth.has('unauthorized_client') ? 1 : 0,
    ),
  ],
  hints: [
    both(known(0.8, 'personal', true), says(1, /not enabled for consumers/)),
    both(known(-1.5, 'personal', false), says(1, /not enabled for consumers/)),
    both(known(-1.5, 'workedBefore', true), says(1, /not enabled for consumers/)),
  ],
  ask: [questions.accountType, questions.audienceOfApp],
}

export const guestOrExternalUser: Cause = {
  slug: 'guest-or-external-user',
  title: 'The account that signed in belongs to another organisation',
  explanation:
    'Whoever signed in is no member of the tenant that the app asked, or only a guest there. A guest has no mailbox in that tenant.',
  responsible: 'user',
  retryable: false,
  fixes: [
    {
      text: "Sign in with an account of the mailbox's own organisation; sign out of others first, or use a private window.",
    },
    {
      text: 'Let the app use the tenant of the mailbox (or /organizations, if it is meant for several). Do not invite guests for access to a mailbox: it does not work.',
    },
  ],
  docs: [
    docs.aadsts,
    'https://learn.microsoft.com/en-us/troubleshoot/entra/entra-id/app-integration/error-code-aadsts50020-user-account-identity-provider-does-not-exist',
    'https://github.com/MicrosoftDocs/azure-docs/issues/62142',
    'https://github.com/jstedfast/MailKit/issues/1553',
  ],
  aadsts: [16000, 16003, 50014, 50020, 50143, 50177, 50178, 90072, 90123],
  signs: [
    says(
      NAMES - 0.5,
      /(?:user )?account .{0,160}(?:does not|doesn't) exist in (?:the )?tenant|external (?:user|account).{0,60}(?:tenant|not)|guest (?:user|account)/,
    ),
    says(
      POINTS + 1,
      /needs to be added as an external user|sign out and sign in again with a different azure/,
    ),
    answers(0.6, 'imap refused'),
    answers(0.5, 'imap not connected'),
    answers(0.2, 'smtp refused'),
  ],
  hints: [
    both(
      known(-2, 'sameAccount', true),
      answers(1, 'imap refused', 'imap not connected', 'smtp refused'),
    ),
    both(
      known(EXCLUDES, 'appOnly', true),
      answers(1, 'imap refused', 'imap not connected', 'smtp refused'),
    ),
    both(known(EXCLUDES, 'password', true), answers(1, 'imap refused', 'smtp refused')),
    both(known(-1.5, 'workedBefore', true), answers(1, 'imap refused', 'imap not connected')),
  ],
  ask: [questions.signedInAs],
}

export const wrongTenantOrCloud: Cause = {
  slug: 'wrong-tenant-or-cloud',
  title: 'The tenant or the cloud is the wrong one',
  explanation:
    'The tenant does not exist in this cloud, could not be told from the request, or is another than the one where the sign-in began. National clouds have their own login hosts.',
  responsible: 'app_owner',
  retryable: false,
  fixes: [
    {
      text: 'Use one and the same tenant for sign-in, token and refresh: the Directory (tenant) ID of {appRegistration} > Overview. Look for typing errors.',
    },
    {
      text: 'App-only requests need one tenant by name; /common, /consumers and /organizations do not work.',
    },
    {
      text: 'US Government: login.microsoftonline.us and office365.us; China: login.partner.microsoftonline.cn and partner.outlook.cn; each with its own app registration.',
    },
  ],
  docs: [
    docs.nationalClouds,
    docs.aadsts,
    'https://github.com/tarickb/sasl-xoauth2/issues/54',
    'https://github.com/mguessan/davmail/issues/284',
  ],
  aadsts: [
    20033, 50029, 50049, 50128, 50134, 50169, 700005, 7000012, 90002, 90010, 90019, 90038, 90043,
    90051, 900382, 900384, 900432, 900439, 9001023,
  ],
  signs: [
    code(POINTS, 50059),
    says(
      NAMES - 0.5,
      /tenant .{0,90}(?:not found|does not exist|doesn't exist)|national cloud|invalid (?:tenant|domain) name|no tenant-identifying|tenant identifier|(?:different|other|another|wrong) tenant\b/,
    ),
    says(
      POINTS + 1,
      /(?:instance|cloud).{0,40}(?:unknown|invalid|mismatch|wrong)|invalid_instance/,
    ),
    says(NAMES, /grant type (?:is not|isn't) supported over the/),
    code(2, 700016),
  ],
  ask: [questions.audienceOfApp],
}

export const tenantRestrictions: Cause = {
  slug: 'tenant-restrictions',
  title: 'The network or a cross-tenant policy forbids this organisation',
  explanation:
    'Tenant restrictions of the network, or the cross-tenant access settings of one of the two organisations, do not allow to sign in there.',
  responsible: 'tenant_admin',
  retryable: false,
  fixes: [
    {
      text: '{entra} > External Identities > Cross-tenant access settings: allow the other organisation, outbound at home and inbound at the resource.',
    },
    {
      text: 'On the network: the proxy sets Restrict-Access-To-Tenants; have the tenant added, or sign in from another network.',
    },
  ],
  docs: [docs.aadsts, 'https://learn.microsoft.com/en-us/entra/external-id/tenant-restrictions-v2'],
  aadsts: [50002, 500021, 500022, 500023, 500212, 500213],
  signs: [
    says(
      NAMES,
      /tenant restriction|access to .{0,80}tenant.{0,80} is denied|(?:outbound|inbound|cross-tenant) access (?:policy|settings)|restrict-access-to-tenants|network administrator/,
    ),
  ],
}
