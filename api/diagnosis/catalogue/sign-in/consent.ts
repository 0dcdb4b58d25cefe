/** Permissions: declared on the app, known to the resource, and consented to. */
import type { ParsedReport } from '../../parse/parse-report.ts'
import { questions } from '../../questions.ts'
import { and, anyOf, type Cause, WEIGHT, where } from '../cause.ts'
import { ofPersonal, ofProgram } from '../conditions.ts'
import { docs } from '../docs.ts'
import { consentCheckAndUndo, instead, onlyFor, pages, unless } from '../fixes.ts'
import * as by from '../indicators.ts'
import {
  APP_NOT_PROVISIONED,
  CONSENT_DECLINED,
  CONSENT_MISSING,
  MISCONFIGURED_APP,
  NO_ENTERPRISE_APP,
  NO_SERVICE_PRINCIPAL,
  REQUEST_INVALID,
  RESOURCE_UNKNOWN,
} from '../numbers.ts'
import { onlyIf, saidBy } from '../proof.ts'

const MSAL = /\bmsal|acquiretoken|interactionrequired/

/** Entra's words if nothing was granted of what the request asks for. */
const NO_APPLICABLE = /\bno applicable permissions\b/

const turnedBackForImap = ({ codes, facts: { raw, personal } }: ParsedReport) =>
  codes.includes(CONSENT_DECLINED) && personal !== true && /imap\./.test(raw.requested_scope ?? '')

export const userConsentMissing: Cause = {
  slug: 'user-consent-missing',
  title: 'Consent to the permissions is missing',
  explanation:
    'Neither the user nor an admin has consented to what the app requests, or the request was declined.',
  variants: [
    {
      onlyFor: by.text(1, NO_APPLICABLE),
      title: 'The request asks for permissions that this account has not granted',
      explanation:
        "Microsoft found no permission that the request and the account's consent have in common. For a personal account, the usual reason is a scope that ends in .default.",
      docs: [docs.scopes],
    },
    {
      onlyFor: by.code(1, CONSENT_DECLINED),
      explanation:
        'The request for consent was declined. A user who leaves the page "Need admin approval" is also reported as having declined. In organisations, that page has been the default for IMAP and POP since late 2025.',
    },
  ],
  responsible: 'user',
  effect: 'reconnect',
  adminConsentHelps: true,
  fixes: [
    instead(by.text(1, NO_APPLICABLE), [
      {
        text: 'Write out the permissions in place of .default, the same ones in the token request and at the sign-in, such as {graph}/Mail.Read offline_access, or {outlook}/IMAP.AccessAsUser.All offline_access for IMAP. If {program} sets the scope itself, update it.',
        by: 'operator',
      },
      'Then sign in again and accept these permissions.',
    ]),
    onlyFor(ofProgram(MSAL), [
      {
        text: 'Developer: when MSAL cannot get a token silently (InteractionRequiredAuthError), call acquireTokenPopup or acquireTokenRedirect with the same scopes. Do not send prompt=consent at every sign-in: it locks out users in organisations where only admins may consent.',
        by: 'operator',
        otherPrograms: true,
      },
      'User: sign in again and accept the permissions on the page.',
      {
        risk: "Admin, if users aren't allowed to consent: {enterpriseApp} > Permissions > Grant admin consent, once for everyone.",
      },
    ]),
    unless(ofProgram(MSAL), 'Sign in again and accept the permissions on the page.'),
    unless(anyOf(ofProgram(MSAL), ofPersonal), {
      risk: "If users aren't allowed to consent, an admin approves the app once for all users under {enterpriseApp} > Permissions > Grant admin consent[[, or with the link {adminConsentUrl}]]. It asks for {permissions}. This requires the role Cloud Application Administrator.",
      url: '{adminConsentUrl}',
      by: 'tenant_admin',
    }),
    consentCheckAndUndo,
  ],
  docs: [docs.aadsts, docs.adminConsent, docs.consentPolicies],
  aadsts: {
    'The mail permissions were not consented to': [CONSENT_MISSING, 650011],
    'The consent was declined': [CONSENT_DECLINED, 90137],
    'The user ended the sign-in before it was complete': [90135, 650041],
    "The user has not agreed to the organisation's terms for external users": [50150, 50202, 50204],
    "The app's sign-in permission was not consented to": [90008],
  },
  proof: [
    // A refresh can ask for more than was consented to, and without a user it is the app that lacks a consent.
    onlyIf(
      ({ stage, facts }) =>
        stage !== 'refresh' && stage !== 'client_credentials' && facts.appOnly !== true,
      saidBy('sign_in_page', [
        /\bthe user or administrator has not consented to use the application with id\b/,
      ]),
    ),
    onlyIf(
      ({ stage, oauth }) => stage === 'authorize' && oauth.has('consent_required'),
      saidBy('sign_in_page', [
        /\bthe user must first sign in and grant the client application access to the requested\b/,
      ]),
    ),
  ],
  indicators: [
    by.text(WEIGHT.names, [
      /(?:has not|have not|hasn't|not) consented/,
      /declined (?:to )?consent/,
      /consent (?:was )?(?:declined|denied|not granted)/,
    ]),
    and(by.code(WEIGHT.names, REQUEST_INVALID), by.text(1, /no applicable permissions/)),
    by.oauth(WEIGHT.names - 1, 'consent_required'),
    and(
      by.oauth(WEIGHT.names + 1, 'consent_required'),
      by.text(1, /\bmust first sign in and grant the client application access\b/),
    ),
    (parsed) => (parsed.suberror === 'consent_required' ? WEIGHT.names - 1 : 0),
    by.oauth(4, 'access_denied', 'authorization_declined'),
    by.meaning(WEIGHT.suggests - 0.5, 'consent-missing'),
    by.kind(2.6, 'no_mail_scope'),
    by.text(WEIGHT.suggests, [
      /consent[_ ](?:is )?required/,
      /(?:user|resource owner).{0,30}(?:denied|cancell?ed|declined)/,
    ]),
  ],
  modifiers: [
    where(-1.8, turnedBackForImap),
    where(-3, ({ text }) => /admin (?:approval|consent)|administrator consent/.test(text)),
  ],
  ask: [questions.pageText],
}

export const adminConsentRequired: Cause = {
  slug: 'admin-consent-required',
  title: 'Only an admin may consent to this app',
  explanation:
    "The organisation does not let users consent to this app or to these permissions. Since late 2025 Microsoft's default policy leaves IMAP and POP to admins; SMTP.Send and Mail.Send are still open to users. An admin must approve it once; then the user signs in again.",
  responsible: 'tenant_admin',
  effect: 'block',
  adminConsentHelps: true,
  fixes: [
    {
      risk: 'Approve the app once for all users of the organisation[[, with the link {adminConsentUrl}]]. It asks for {permissions}. This requires the role Cloud Application Administrator or higher and does not sign anyone in.',
      url: '{adminConsentUrl}',
    },
    {
      risk: 'Without the link, open this address with the tenant and the client ID filled in: {login}/(tenant)/v2.0/adminconsent?client_id=(client ID)&scope={scope}&redirect_uri=(a registered redirect URI).',
      otherPrograms: true,
    },
    {
      risk: 'Or open {enterpriseApp} > Permissions > Grant admin consent, or approve the waiting request under Enterprise apps > Admin consent requests.',
    },
    { text: 'Afterwards, sign in again.', by: 'user' },
    consentCheckAndUndo,
    {
      risk: 'To let users consent in future, see {entra} > Enterprise apps > Consent and permissions. While "Let Microsoft manage your consent settings" is selected there, Microsoft discards policy changes made by script. Select another setting first.',
      command:
        '(Get-MgPolicyAuthorizationPolicy).DefaultUserRolePermissions.PermissionGrantPoliciesAssigned',
    },
  ],
  docs: [docs.adminConsent, docs.consentPolicies, docs.consentWorkflow],
  aadsts: {
    'Only an admin may consent to the mail permissions': [90093, 90094, 90097, 900941, 900942],
    'The consent is waiting for approval by an admin': [90095, 90096],
    'The app is not authorised in this tenant': [90099],
    'The app has no enterprise application in this tenant': [
      NO_ENTERPRISE_APP,
      NO_SERVICE_PRINCIPAL,
    ],
  },
  proof: [
    saidBy('sign_in_page', [
      /^(?:need admin approval|administratorgenehmigung erforderlich|approbation de l'administrateur (?:n\u00e9cessaire|requise)|se necesita la aprobaci\u00f3n del administrador)\W{0,3}$/,
      /\bneed admin approval\b.{1,400}\b(?:only an admin can grant|have an admin account\?|ask an admin to grant permission)/,
      /\bneeds permission to access resources in your organi[sz]ation that only an admin can grant\b/,
      // German, French, Spanish, Italian, Portuguese, Dutch, Polish, Japanese
      /\bdie nur ein administrator erteilen kann\b|\bque seul un administrateur peut accorder\b|\bque solo un administrador puede conceder\b/,
      /\bche solo un amministratore pu\u00f2 concedere\b|\bque somente um administrador pode conceder\b|\bdie alleen een beheerder kan verlenen\b/,
      /\budzieli\u0107 tylko administrator\b|\u4ed8\u4e0e\u3067\u304d\u308b\u306e\u306f\u7ba1\u7406\u8005/,
    ]),
    saidBy('sign_in_page', [
      /\bthis app requires your admin's approval to\b|\benter justification for requesting this app\b/,
    ]),
  ],
  indicators: [
    by.meaning(WEIGHT.names, 'admin-consent-missing'),
    by.text(WEIGHT.names, [
      /(?:need|needs|require[sd]?|requires|waiting for|request) (?:an? )?(?:admin(?:istrator)?(?:'s)?|approval).{0,20}(?:approval|consent|required|permission)/,
      /admin(?:istrator)?(?:'s)? (?:approval|consent) (?:is )?(?:required|needed)/,
      /only an admin can grant/,
      /approval required/,
      /(?:send|sent|submit)[a-z]{0,4} .{0,20}(?:access|approval) request/,
      /request (?:was |has been )?sent\b.{0,30}\badmin/,
      /\badmin(?:istrator)?s? (?:has|have) been notified/,
      /justification for requesting/,
      /(?:access|approval) request .{0,20}(?:sent|page|pending)/,
      /admin(?:istrator)?s? (?:must|has to|have to|needs? to) (?:approve|consent|grant)/,
      /admin consent (?:has not|is needed|missing)/,
    ]),
    by.text(WEIGHT.suggests, [
      /needs permission to access resources/,
      /unverified/,
      /ask an admin to grant permission/,
      /you don't have permission to (?:consent|grant)/,
    ]),
    by.oauth(WEIGHT.suggests, 'permission_denied'),
    by.code(3.2, CONSENT_MISSING),
    by.code(2.5, CONSENT_DECLINED),
    // A user who leaves "Need admin approval" is reported as having declined. For IMAP that page
    // is the rule in organisations (Microsoft-managed consent policy).
    and(by.code(WEIGHT.suggests + 0.5, CONSENT_DECLINED), turnedBackForImap),
    by.oauth(2.8, 'access_denied', 'consent_required'),
    by.kind(2, 'no_return'),
  ],
  modifiers: [
    by.fact(-3, 'personal', true),
    where(
      0.6,
      ({ facts: { raw }, codes }) => codes.includes(CONSENT_MISSING) && raw.account_type === 'work',
    ),
  ],
  ask: [questions.pageText],
}

export const resourceNotInTenant: Cause = {
  slug: 'resource-not-in-tenant',
  title: 'The organisation does not have this service',
  explanation:
    'The service in the scope has no enabled entry in the tenant. There is no Exchange Online subscription, the service is disabled, or its address in the scope is misspelt.',
  responsible: 'tenant_admin',
  effect: 'block',
  advice: 'your Microsoft 365 admin must restore it',
  fixes: [
    "Check the resource in the scope for typos ({scope}), and that the sign-in goes to the mailbox's tenant.",
    {
      text: 'Check that the organisation has licences that include Exchange Online.',
      url: '{adminCenter}#/licenses',
    },
    '{entra} > Enterprise apps > (Office 365 Exchange Online) > Properties > "Enabled for users to sign in?" > Yes.',
  ],
  docs: [docs.aadsts],
  sources: ['sign_in_page', 'token_endpoint', 'callback', 'graph'],
  aadsts: {
    'Exchange Online is missing in this tenant': [50001, RESOURCE_UNKNOWN],
    'Exchange Online is disabled in this tenant': [500014, 7000117],
    'The organisation has no Exchange Online': [650052, 650058],
    'Exchange Online was removed from this tenant': [650054],
  },
  proof: saidBy('sign_in_page', [
    /\baccess (?:to )?a service .{0,300}that your organi[sz]ation .{0,253}(?:has not subscribed to or enabled|lacks a service principal for)\b/,
    /\bservice principal for resource '.{1,253}' is disabled\b/,
  ]),
  indicators: [
    by.text(WEIGHT.names, [
      /resource (?:principal|application)?.{0,120}(?:was )?not found in the tenant/,
      /hasn't subscribed to/,
      /has not subscribed to/,
      /service principal for resource.{0,90}disabled/,
    ]),
    // Microsoft Graph: no Exchange Online, or the wrong tenant.
    by.text(WEIGHT.names - 0.8, /organizationfromtenantguidnotfound|the tenant for tenant guid/),
    by.oauth(3, 'invalid_resource'),
  ],
  ask: [questions.requestedScope],
}

export const resourcePermissionMisdeclared: Cause = {
  slug: 'resource-permission-misdeclared',
  title: 'The permission is missing from the app registration, or declared wrongly',
  explanation:
    'A permission that the app requests is missing from its registration, belongs to another resource there, or was declared after the consent.',
  responsible: 'app_owner',
  effect: 'block',
  fixes: [
    {
      text: '{appRegistration} > API permissions: remove the mail permissions and add them again (Microsoft Graph > Delegated: {permissions}).',
      url: pages.permissions,
    },
    {
      risk: 'Then have consent granted again[[, with the link {adminConsentUrl}]]. A scope that ends in .default requests everything that is declared.',
      url: '{adminConsentUrl}',
    },
  ],
  docs: [docs.aadsts, docs.scopes],
  aadsts: {
    'The mail permissions are not declared': [65005, APP_NOT_PROVISIONED, 650055, 650057, 1003031],
    'The app requests for itself a permission that only users can have': [650061],
    "The app's permissions were changed during the sign-in": {
      numbers: [65007],
      responsible: 'user',
      effect: 'reconnect',
    },
    'A declared permission does not exist on its resource': [65006],
    'The mail permissions are not declared or not consented to': [MISCONFIGURED_APP],
  },
  proof: saidBy('sign_in_page', [
    /\binvalid resource\. the client has requested access to a resource which is not listed in the requested permissions\b/,
  ]),
  indicators: [
    by.text(WEIGHT.names, [
      /misconfigured application/,
      /not listed in the requested permissions/,
      /isn't listed in the requested permissions/,
      /required resource access/,
      /has not listed any permissions/,
    ]),
    by.kind(1.5, 'no_mail_scope'),
    by.oauth(2.2, 'invalid_resource'),
  ],
  modifiers: [by.fact(WEIGHT.excludes, 'password', true)],
  ask: [questions.requestedScope],
}
