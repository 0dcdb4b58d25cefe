/** The app: whether it exists, is enabled and may be used. */
import type { ParsedReport } from '../../parse/parse-report.ts'
import { questions } from '../../questions.ts'
import { and, type Cause, WEIGHT, where } from '../cause.ts'
import { ofProgram } from '../conditions.ts'
import { docs } from '../docs.ts'
import { instead, pages } from '../fixes.ts'
import * as by from '../indicators.ts'
import { APP_NOT_IN_TENANT, APP_UNKNOWN_OR_DISABLED, UNKNOWN_APP } from '../numbers.ts'
import { onlyIf, saidBy } from '../proof.ts'

const NOT_FOUND =
  /application (?:with identifier )?.{0,90}(?:was )?not found in (?:the )?(?:directory|tenant)/
/** An identifier that is neither a GUID nor a placeholder for one: an address, a name, a GUID with extra characters. */
const NO_GUID =
  /identifier '(?![0-9a-f]{8}-|\d{1,12}'|[x<{*[.#]|app_?id|client_?id|guid|redacted|removed|masked)[^']{2,80}'/

const hasNoGuid = ({ text }: ParsedReport) => NOT_FOUND.test(text) && NO_GUID.test(text)

/** Detects a client ID whose form is wrong, so that its tenant does not matter. */
const isMalformed = (parsed: ParsedReport) => hasNoGuid(parsed) || parsed.codes.includes(90112)

/** Detects a GUID with an extra character in front of it. */
const hasStrayCharacter = (parsed: ParsedReport) =>
  hasNoGuid(parsed) &&
  /identifier '\W[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}'/.test(parsed.text)

/** Words about an app that was deleted, or registered before the newer endpoint. */
const OLD_ENDPOINT = /\bis not supported for this api version\b/

export const wrongClientId: Cause = {
  slug: 'wrong-client-id',
  title: 'Microsoft does not know this client ID',
  explanation:
    'The client ID is not the Application (client) ID of an app in this tenant and cloud: another ID was copied (object ID, secret ID), a character is missing, or the app is registered elsewhere.',
  variants: [
    {
      onlyFor: hasStrayCharacter,
      title: 'The client ID contains a stray character',
      explanation:
        'The client ID was sent as "{sentClientId}", with a stray character in front. A client ID consists of hexadecimal digits and hyphens only.',
    },
    {
      onlyFor: isMalformed,
      title: 'The client ID is not a GUID',
      explanation:
        'In place of the Application (client) ID, Microsoft received something else[[ ({sentClientId})]], such as a name, an email address, or an ID with a stray character.',
    },
  ],
  responsible: 'app_owner',
  effect: 'credential_rejected',
  perTenant: true,
  advice: 'check the client ID, its tenant and its cloud in the app registration and the settings',
  fixes: [
    instead(hasStrayCharacter, {
      text: 'Delete the stray character from the client ID in the settings of {program}.',
      by: 'operator',
    }),
    instead((parsed) => isMalformed(parsed) && !hasStrayCharacter(parsed), {
      text: 'Enter the Application (client) ID from {appRegistration} > Overview alone in the settings of {program}, without spaces, quotes or other characters.',
      by: 'operator',
    }),
    instead(
      (parsed) => isMalformed(parsed) && ofProgram(/\boauthimap\b/)(parsed),
      ['In GLPI, enter it under Setup > OAuth IMAP applications > (application).'],
    ),
    {
      text: '{appRegistration} > Overview: copy the Application (client) ID, not the Object ID, the secret ID or an email address.',
      url: '{portal}/#view/Microsoft_AAD_RegisteredApps/ApplicationMenuBlade/~/Overview/appId/{clientId}',
    },
    {
      text: 'Compare the tenant in the request with the Directory (tenant) ID there. A single-tenant app is unknown in every other tenant.',
    },
    {
      text: 'Another tenant knows the app only after someone there has consented to it[[: {adminConsentUrl}]].',
      url: '{adminConsentUrl}',
    },
  ],
  docs: [docs.aadsts],
  aadsts: {
    'The client ID is not a GUID': [90112, 700038],
    'Microsoft does not know the app in this tenant': [
      APP_NOT_IN_TENANT,
      UNKNOWN_APP,
      7000110,
      700019,
      90049,
    ],
    'Microsoft does not know the app, or it is disabled': [APP_UNKNOWN_OR_DISABLED],
  },
  proof: [
    // The extra character might come from the person who pasted the text.
    onlyIf(
      ({ text }) => NO_GUID.test(text) && !/identifier '[^']{0,20}[0-9a-f]{8}-/.test(text),
      saidBy('token_endpoint', [
        /\bapplication with identifier '[^']{2,80}' was not found in the directory\b/,
      ]),
    ),
  ],
  indicators: [
    by.code(5, UNKNOWN_APP, APP_UNKNOWN_OR_DISABLED),
    // Mailgrant knows which tenants may sign in, so a wrong client ID is the likelier fault.
    and(by.code(WEIGHT.names - 1, UNKNOWN_APP), ({ observed }) => observed),
    by.text(5, NOT_FOUND),
    where(WEIGHT.overrides + 3, hasNoGuid),
    by.text(5, /client does not exist or is not enabled for consumers/),
    by.text(WEIGHT.names - 1, [
      /(?:application|client) (?:id|identifier) (?:provided |specified |given )?(?:is (?:expected|not|invalid|unknown|wrong)|must be|was not found)/,
      /(?:invalid|unknown|wrong) client[_ ]?id/,
      /client[_ ]id.{0,30}(?:is (?:not valid|invalid|missing|empty)|not found|mismatch)/,
    ]),
    by.text(WEIGHT.suggests, [
      /client does not exist/,
      /app(?:lication)? (?:does not|doesn't) exist/,
      /could not find (?:the )?app(?:lication)?/,
    ]),
    by.meaning(2, 'client-refused'),
    and(by.response(2, 'client refused'), by.oauth(1, 'unauthorized_client')),
  ],
  modifiers: [and(by.fact(-2.5, 'workedBefore', true), ({ codes }) => codes.length === 0)],
  ask: [questions.audienceOfApp],
}

export const appDisabled: Cause = {
  slug: 'app-disabled',
  title: 'The app is disabled or deleted',
  explanation:
    'The app registration or its enterprise application was switched off or deleted, by an admin, by Microsoft, or by the vendor whose client ID is used.',
  variants: [
    {
      onlyFor: by.text(1, OLD_ENDPOINT),
      title: 'The app is registered for the older endpoint (v1), and the program uses v2.0',
      explanation:
        "Microsoft does not accept the client ID at the endpoint /oauth2/v2.0. Only the app registration's owner can change that.",
      responsible: 'app_owner',
    },
  ],
  responsible: 'tenant_admin',
  effect: 'credential_rejected',
  perTenant: true,
  advice: 'your Microsoft 365 admin must enable the app',
  fixes: [
    instead(by.text(1, OLD_ENDPOINT), [
      'If the client ID is that of the vendor of {program}, only the vendor can change this: report it there.',
      'If it is yours, register the app again under {entra} > App registrations > New registration, and enter the new client ID.',
    ]),
    '{enterpriseApp} > Properties > "Enabled for users to sign in?" > Yes.',
    "If it is a vendor's client ID, update the program or enter the vendor's current one.",
    'If your own app was deleted: {entra} > App registrations > Deleted applications > Restore (30 days).',
  ],
  docs: [docs.aadsts],
  aadsts: {
    'The app is disabled': [7000112, 7000116],
    'The app cannot be used at this time': { numbers: [1000031], effect: 'block' },
  },
  proof: [
    saidBy('token_endpoint', /\bapplication '[^']{8,80}' ?\([^)]{1,80}\) is disabled\b/),
    saidBy('sign_in_page', [
      /\baadsts70001: application '[^']{8,80}' is not supported for this api version\b/,
    ]),
  ],
  indicators: [
    by.text(WEIGHT.names - 0.5, [
      /application .{0,120}(?:is|has been|was) (?:disabled|deleted|blocked|deactivated)/,
      /can't be accessed at this time/,
      /cannot be accessed at this time/,
    ]),
    by.text(3.6, /client does not exist or is not enabled for consumers/),
    by.code(3.5, UNKNOWN_APP),
    by.code(3, APP_UNKNOWN_OR_DISABLED),
    and(by.text(WEIGHT.overrides + 1.5, OLD_ENDPOINT), ({ observed }) => !observed),
    by.text(WEIGHT.names - 0.5, [
      /\bapp(?:lication)? (?:is|has been|was) (?:disabled|deleted|deactivated)/,
    ]),
    and(by.response(1, 'client refused'), by.oauth(1, 'unauthorized_client')),
  ],
  modifiers: [
    // Enough to outweigh a wrong client ID, which cannot have worked before.
    and(by.fact(2.6, 'workedBefore', true), ({ codes }) => !codes.includes(7000112)),
  ],
  ask: [questions.everWorked],
}

export const firstPartyAppId: Cause = {
  slug: 'first-party-app-id',
  title: "The client ID belongs to one of Microsoft's own apps",
  explanation:
    "The settings contain the client ID of one of Microsoft's apps. Such apps may use only what Microsoft has preauthorised; no consent can change that.",
  variants: [
    {
      onlyFor: by.fact(1, 'workedBefore', true),
      explanation:
        "The settings contain the client ID of one of Microsoft's apps. Such apps may use only what Microsoft has preauthorised. It worked before because Microsoft had preauthorised this pair and has withdrawn that; no consent can change it.",
    },
  ],
  responsible: 'app_owner',
  effect: 'block',
  fixes: [
    {
      text: 'If the client ID comes with the program or a module, update that first.',
      by: 'operator',
    },
    {
      text: 'Otherwise register your own app: {entra} > App registrations > New registration. Add its permissions and redirect URI, use its client ID, and consent.',
      url: pages.newRegistration,
    },
  ],
  docs: [docs.aadsts],
  aadsts: {
    "The app isn't allowed to use Exchange Online without preauthorisation by Microsoft": [
      65002, 65003,
    ],
  },
  proof: saidBy('sign_in_page', [
    /\bconsent between first party application '.{1,80}' and first party resource '.{1,80}' must be configured via preauthori[sz]ation\b/,
  ]),
  indicators: by.text(WEIGHT.names, [
    /first[- ]party (?:app|application|client)/,
    /must be configured via preauthori[sz]ation/,
  ]),
}

export const userNotAssigned: Cause = {
  slug: 'user-not-assigned',
  title: 'The user is not assigned to the app',
  explanation:
    'Only assigned users and groups may use this app, and the user who signed in is not one of them.',
  responsible: 'tenant_admin',
  effect: 'block',
  fixes: [
    {
      risk: '{enterpriseApp} > Users and groups > Add user/group. Members of nested groups do not count.',
    },
    { risk: 'Or {enterpriseApp} > Properties > "Assignment required?" > No.' },
  ],
  docs: [docs.aadsts],
  aadsts: { 'The account is not assigned to the app': [50105] },
  proof: saidBy('sign_in_page', [
    /\byour administrator has configured the application .{1,160} to block users unless they are specifically granted\b/,
    /\bsigned in user '.{1,250}' is not assigned to a role for the application\b/,
  ]),
  indicators: by.text(WEIGHT.names, [
    /not assigned to a role/,
    /not (?:a direct member|assigned).{0,60}(?:group|application|app)/,
    /administrator has configured the application .{0,160}to block users/,
  ]),
  modifiers: [by.fact(WEIGHT.excludes, 'personal', true)],
  ask: [questions.signInLog],
}
