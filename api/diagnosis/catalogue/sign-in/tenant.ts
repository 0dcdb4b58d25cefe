/** Tenants and clouds: where an app may be used, and from where. */
import { questions } from '../../questions.ts'
import { and, type Cause, WEIGHT, where } from '../cause.ts'
import { docs } from '../docs.ts'
import { onlyFor, pages } from '../fixes.ts'
import * as by from '../indicators.ts'
import { APP_UNKNOWN_OR_DISABLED, NO_TENANT_NAMED, UNKNOWN_APP } from '../numbers.ts'
import { saidBy } from '../proof.ts'

export const singleTenantApp: Cause = {
  slug: 'single-tenant-app',
  title: 'The app is registered for one tenant only',
  explanation:
    'The app accepts only accounts of the organisation where it is registered, but the sign-in went to /common or /organizations, or came from another organisation.',
  variants: [
    {
      onlyFor: by.text(1, /\busage of the \/common endpoint\b/),
      explanation:
        'The app accepts only accounts of the organisation where it is registered, but the sign-in went to /common.',
    },
  ],
  responsible: 'app_owner',
  effect: 'block',
  advice: "enter the app registration's tenant in the settings",
  fixes: [
    'Use {login}/(tenant ID)/oauth2/v2.0/authorize, and the same for the token: enter the Directory (tenant) ID in the settings in place of "common".',
    {
      risk: 'Or make the app multitenant: {appRegistration} > Authentication > Supported account types > multiple organisations (with or without personal accounts).',
      url: pages.authentication,
    },
  ],
  docs: [docs.accountTypes],
  aadsts: {
    'The app is limited to one tenant, which must be in the settings': [50194],
    'The app is limited to the tenant where it is registered': [650059],
  },
  proof: saidBy('sign_in_page', [
    /\bis not configured as a multi-tenant application\. usage of the \/common endpoint is not supported\b/,
  ]),
  indicators: [
    by.text(WEIGHT.names + 0.5, [
      /not configured as a multi-?tenant/,
      /azureadmyorg/,
      /single[- ]tenant/,
    ]),
    by.code(4.2, UNKNOWN_APP),
    by.code(3.5, APP_UNKNOWN_OR_DISABLED),
    and(
      by.code(WEIGHT.names - 0.5, APP_UNKNOWN_OR_DISABLED),
      by.text(1, /not allowed for (?:the|this) user|(?:other|another|different) tenant/),
    ),
    by.code(4, NO_TENANT_NAMED),
    by.text(3, /no tenant-identifying information/),
    by.text(2.5, /application .{0,90}not found in (?:the )?(?:directory|tenant)/),
  ],
  modifiers: [
    and(by.fact(1.5, 'tenant', 'common'), by.code(1, NO_TENANT_NAMED)),
    and(
      where(2, ({ facts: { raw } }) => /device/.test(raw.flow ?? '')),
      by.code(1, NO_TENANT_NAMED),
    ),
    and(
      where(1, ({ facts: { tenant } }) => tenant === 'one'),
      by.code(1, UNKNOWN_APP),
    ),
    // A user who signs in usually comes from another organisation than the app.
    and(
      where(1, ({ stage, facts: { raw } }) => stage === 'authorize' && raw.account_type === 'work'),
      by.code(1, UNKNOWN_APP),
    ),
  ],
  ask: [questions.audienceOfApp],
}

/** Words of the MSAL libraries for an authority that ends after the host, or whose tenant cannot be one. */
const NO_TENANT_IN_ADDRESS =
  /given address .{1,200} should consist of an https url|authority uri must have at least one path segment|authority \(including the tenant id\) must be|path of authority_url \(also known as tenant\) is invalid/

export const wrongTenantOrCloud: Cause = {
  slug: 'wrong-tenant-or-cloud',
  title: 'The tenant or the cloud is wrong',
  explanation:
    'The tenant does not exist in this cloud, is missing from the address, could not be determined from the request, or differs from the one where the sign-in began. National clouds have their own login hosts.',
  responsible: 'app_owner',
  effect: 'block',
  advice: "correct the app registration's tenant or cloud in the settings",
  fixes: [
    onlyFor(by.text(1, NO_TENANT_IN_ADDRESS), [
      'The tenant is missing from the address of the authority, or is not one: use {login}/(tenant ID), or {login}/common for accounts of several organisations.',
    ]),
    'Use the same tenant for sign-in, token and refresh. It is the Directory (tenant) ID in {appRegistration} > Overview. Check for typos.',
    'App-only requests must be for one tenant; /common, /consumers and /organizations do not work.',
    'US Government: login.microsoftonline.us and office365.us; China: login.partner.microsoftonline.cn and partner.outlook.cn; each with its own app registration.',
  ],
  docs: [docs.nationalClouds, docs.aadsts],
  aadsts: {
    'Microsoft could not determine the tenant': [50128, NO_TENANT_NAMED, 90019],
    'The tenant does not fit the request': [
      7000012, 20033, 50029, 50049, 50134, 50169, 90010, 90043, 90051, 500209, 500210, 9002328,
    ],
    'The tenant does not exist in this cloud': [90002],
    'The sign-in was started at another tenant': [700005, 7000015],
    'The account belongs to another cloud': [900382, 90038, 900384, 900432, 1000104],
    'The account belongs to the US Government cloud': [900439],
    'The request must be for a single tenant': [9001023, 1002026],
    'The tenant identifier is empty': [900021],
    'The tenant is neither an ID nor a domain': [900023],
  },
  proof: saidBy('sign_in_page', [
    /\btenant '[^']{1,253}' not found\. (?:check to make sure you have the correct tenant id|this (?:may|can) happen if there are no active subscriptions)\b/,
    /\bspecified tenant identifier '.{0,253}' is neither a valid dns name, nor a valid external domain\b/,
  ]),
  indicators: [
    by.code(WEIGHT.suggests, NO_TENANT_NAMED),
    by.text(WEIGHT.names + 0.5, NO_TENANT_IN_ADDRESS),
    by.meaning(WEIGHT.suggests - 0.5, 'discovery-failed'),
    by.text(WEIGHT.names - 0.5, [
      /tenant .{0,90}(?:not found|does not exist|doesn't exist)/,
      /national cloud/,
      /invalid (?:tenant|domain) name/,
      /tenant identifier/,
      /(?:different|other|another) tenant\b/,
    ]),
    by.text(WEIGHT.suggests, /no tenant-identifying/),
    by.text(WEIGHT.suggests + 1, /invalid_instance/),
    by.text(WEIGHT.names, /grant type (?:is not|isn't) supported over the/),
    by.code(3, UNKNOWN_APP),
  ],
  ask: [questions.audienceOfApp],
}

/** One sentence of an AADSTS number that has several. */
const UNMANAGED =
  /\bnot supported for your organization .{1,253} because it is in an unmanaged state\b/

export const tenantUnavailable: Cause = {
  slug: 'tenant-unavailable',
  title: "The organisation's tenant is blocked, unmanaged or no longer exists",
  explanation:
    'The tenant was inactive for a long time or was deleted, or no administrator has taken it over since users created it by signing up. Signing in again does not help.',
  responsible: 'tenant_admin',
  effect: 'block',
  advice: 'your Microsoft 365 admin must restore it',
  fixes: [
    {
      text: 'Have an administrator of the organisation ask Microsoft to reactivate the tenant, which is possible for a few weeks only.',
      url: 'https://aka.ms/TenantLifecycle',
    },
    onlyFor(by.text(1, UNMANAGED), {
      text: 'An administrator of the organisation takes over the unmanaged tenant by confirming its domain with a DNS record, and consents to the app again.',
      url: 'https://learn.microsoft.com/en-us/entra/identity/users/domains-admin-takeover',
    }),
    "If it is not the mailbox's tenant, enter the right one in the settings: the Directory (tenant) ID in {appRegistration} > Overview.",
  ],
  docs: ['https://aka.ms/TenantLifecycle', docs.aadsts],
  aadsts: {
    "The organisation's tenant no longer exists or is unavailable": [5000224],
    "Microsoft has blocked the organisation's tenant because it was inactive for too long": [
      5000225,
    ],
  },
  proof: saidBy('sign_in_page', UNMANAGED),
  indicators: [
    by.text(WEIGHT.names, /tenant has been blocked/),
    by.text(WEIGHT.overrides, UNMANAGED),
  ],
}

export const tenantRestrictions: Cause = {
  slug: 'tenant-restrictions',
  title: 'The network or a cross-tenant policy blocks this organisation',
  explanation:
    "The network's tenant restrictions, or one of the two organisations' cross-tenant access settings, do not allow the sign-in.",
  responsible: 'tenant_admin',
  effect: 'block',
  fixes: [
    {
      risk: "Under {entra} > External Identities > Cross-tenant access settings, allow the other organisation: outbound in the user's organisation, inbound in the mailbox's.",
    },
    {
      risk: 'If a proxy on the network sets Restrict-Access-To-Tenants, have the tenant added there, or sign in from another network.',
    },
  ],
  docs: [docs.aadsts, 'https://learn.microsoft.com/en-us/entra/external-id/tenant-restrictions-v2'],
  aadsts: {
    "The network's tenant restrictions forbid this tenant": [
      50002, 500021, 500022, 500023, 500024, 500025,
    ],
    "The home organisation's cross-tenant policy forbids this sign-in": [500212],
    "The cross-tenant policy of the mailbox's organisation forbids this sign-in": [500213],
  },
  proof: saidBy('sign_in_page', [
    /\badministrator has set an outbound access policy that (?:does not|doesn't) allow access to the resource tenant\b/,
    /\bcross-tenant access policy (?:does not|doesn't) allow this user to access this tenant\b/,
  ]),
  indicators: by.text(WEIGHT.names, [
    /tenant restriction/,
    /access to .{0,80}tenant.{0,80} is denied/,
    /(?:outbound|inbound|cross-tenant) access (?:policy|settings)/,
    /restrict-access-to-tenants/,
    /network administrator/,
  ]),
}
