/** App-only access: the permission, Exchange's own record of the app, rights on the mailbox. */
import type { ReportProtocol } from '../../../../schema/diagnosis.ts'
import type { Facts } from '../../parse/facts.ts'
import { questions } from '../../questions.ts'
import { and, anyOf, type Cause, type Indicator, MAIL_AND_GRAPH, WEIGHT, where } from '../cause.ts'
import { docs } from '../docs.ts'
import { consentCheckAndUndo, giveAppFullAccess, onlyFor, pages, unless } from '../fixes.ts'
import { isHighVolume } from '../hosts.ts'
import * as by from '../indicators.ts'
import {
  APP_NOT_IN_TENANT,
  CONSENT_MISSING,
  NO_ENTERPRISE_APP,
  NO_SERVICE_PRINCIPAL,
  UNKNOWN_APP,
} from '../numbers.ts'
import { fact, named, saidBy } from '../proof.ts'

/**
 * Detects a token without the role for sending that may still be right. Under RBAC for Applications, Exchange itself
 * lists the mailboxes that an app may send from, and Entra grants nothing. There is no such role for IMAP, so the token
 * of an app that also reads has the role for that.
 */
const mayUseRbac = (protocol: ReportProtocol, { appOnly, tokenCovers, audience }: Facts): boolean =>
  protocol === 'smtp' && appOnly === true && tokenCovers === false && audience !== 'graph'

/** Reports about reading, to which the two ways to send do not apply. */
const isReading = where(1, ({ protocol }) => protocol === 'imap')

/** The cmdlet bypasses Exchange's cache. */
const checkRoleAssignment = unless(anyOf(isReading, isHighVolume), {
  risk: "If the app sends under RBAC for Applications, check that the role assignment covers the mailbox (InScope: True), else add the mailbox to the scope's group. SMTP.SendAsApp must then be neither declared nor consented to: with it, Exchange requires mailbox permissions again. A change can take two hours.",
  command: 'Test-ServicePrincipalAuthorization -Identity {clientId} -Resource {mailbox}',
})

/** Shows the access of the app to the mailbox, and ends it. */
const accessCheckAndUndo = unless(isHighVolume, [
  {
    test: 'It worked when this lists FullAccess, and the mailbox opens. The change can take half an hour.',
    command:
      'Get-MailboxPermission -Identity {mailbox} -User (Get-ServicePrincipal -Identity {clientId}).ObjectId',
  },
  {
    undo: 'To undo it, remove the permission. Remove-RecipientPermission removes Send As, and Remove-ServicePrincipal the app from Exchange.',
    command:
      'Remove-MailboxPermission -Identity {mailbox} -User (Get-ServicePrincipal -Identity {clientId}).ObjectId -AccessRights FullAccess',
  },
])

/** Modifiers for causes that exist only without a user's sign-in. */
const appOnly: readonly Indicator[] = [
  by.fact(2.6, 'appOnly', true),
  by.fact(WEIGHT.excludes, 'personal', true),
  by.fact(-1.5, 'workedBefore', true),
  by.fact(-1.5, 'intermittent', true),
  by.fact(WEIGHT.excludes, 'appOnly', false),
  // Usually a user signs in.
  by.fact(-0.6, 'appOnly', undefined),
  by.fact(-2, 'audience', 'graph'),
]

export const appOnlyPermissionMissing: Cause = {
  slug: 'app-only-permission-missing',
  title: 'The app lacks the application permission for {protocol}',
  explanation:
    "The app's own token lacks the role {appPermission}: only delegated permissions were declared, or no admin has consented. For sending, a role assignment in Exchange Online can take its place.",
  responsible: 'tenant_admin',
  fixes: [
    unless(isHighVolume, {
      risk: '{appRegistration} > API permissions > Add a permission > APIs my organization uses > Office 365 Exchange Online > Application permissions > {appPermission} > Grant admin consent.',
      url: pages.permissions,
    }),
    onlyFor(isHighVolume, {
      risk: 'High Volume Email: {appRegistration} > API permissions > Add a permission > APIs my organization uses > Office 365 Exchange Online > Application permissions > Mail.Send > Grant admin consent. SMTP.SendAsApp has no effect there.',
      url: pages.permissions,
    }),
    unless(anyOf(isReading, isHighVolume), {
      risk: 'Or, instead of SMTP.SendAsApp, use RBAC for Applications in Exchange Online: a role assignment allows the app to send from the mailboxes of a group, without a role in the token. Remove-ManagementRoleAssignment undoes it.',
      command: `New-ManagementScope -Name 'Mailgrant sending' -RecipientRestrictionFilter "MemberOfGroup -eq '$((Get-DistributionGroup -Identity '<group>').DistinguishedName.Replace("'", "''"))'"; New-ManagementRoleAssignment -Role 'Application SMTP.SendAsApp' -App {clientId} -CustomResourceScope 'Mailgrant sending'`,
    }),
    checkRoleAssignment,
    {
      text: 'After a change of permissions, get a new token for {appOnlyScope} and check that its roles claim contains {appPermission}.',
      otherPrograms: true,
    },
    consentCheckAndUndo,
  ],
  docs: [docs.mailOAuth, docs.smtpRbac, docs.highVolumeOAuth],
  login: 'token',
  proof: fact(
    'token_endpoint',
    "The roles of the app's access token lack the permission.",
    ({ protocol, facts }) =>
      (protocol === 'imap' || protocol === 'smtp') &&
      facts.appOnly === true &&
      facts.tokenCovers === false &&
      !mayUseRbac(protocol, facts),
  ),
  indicators: [
    by.response(1, 'imap refused', 'smtp refused'),
    by.response(0.2, 'imap not connected'),
    by.text(WEIGHT.suggests, /(?:no|empty|missing) roles?\b|roles claim/),
    by.text(WEIGHT.names - 0.5, /\b5\.7\.144\b/),
  ],
  modifiers: [
    ...appOnly,
    and(
      by.fact(WEIGHT.proves, 'tokenCovers', false),
      ({ protocol, facts }) => facts.appOnly === true && !mayUseRbac(protocol, facts),
    ),
    and(by.fact(1, 'tokenCovers', false), ({ protocol, facts }) => mayUseRbac(protocol, facts)),
    by.fact(WEIGHT.excludes, 'tokenCovers', true),
    by.fact(-1.5, 'otherProtocol', 'failed'),
  ],
  ask: [questions.flow, questions.roles],
}

export const appNotConsented: Cause = {
  slug: 'app-only-not-consented',
  title: 'The organisation has not approved the app',
  explanation:
    "The app requested an app-only token from {tenant}, and Microsoft refused. No admin there has consented to it yet, it is disabled there, or {tenant} is not the mailbox's tenant.",
  responsible: 'tenant_admin',
  effect: 'block',
  advice:
    "an admin of {tenant} must consent to the app's application permissions and make sure that it is enabled there",
  fixes: [
    {
      risk: 'Have an admin of {tenant} consent once for the whole organisation, which also creates the enterprise application there. The page lists the application permissions that the app declares, which it uses without a user. This requires the role Cloud Application Administrator, or for Mail.Send Privileged Role Administrator. [[The link is {adminConsentUrl}.]]',
      url: '{adminConsentUrl}',
    },
    "Compare the account's tenant with the Directory (tenant) ID under {entra} > Overview in that tenant, and the client ID with the Application (client) ID of the app registration. A single-tenant app is unknown in every other tenant.",
    consentCheckAndUndo,
  ],
  docs: [docs.adminConsent, docs.clientCredentials],
  sources: MAIL_AND_GRAPH,
  proof: named('token_endpoint', ({ codes, stage, observed, facts }) => {
    const appItself = facts.appOnly ?? (stage === 'client_credentials' && !observed)
    const number = [NO_ENTERPRISE_APP, NO_SERVICE_PRINCIPAL].find((each) => codes.includes(each))
    return appItself && number !== undefined ? `AADSTS${number}` : null
  }),
  indicators: [
    // For a user's sign-in the same AADSTS numbers have other causes.
    and(by.code(WEIGHT.overrides, UNKNOWN_APP, APP_NOT_IN_TENANT), by.fact(1, 'appOnly', true)),
    and(
      by.code(WEIGHT.overrides, NO_ENTERPRISE_APP, NO_SERVICE_PRINCIPAL, CONSENT_MISSING),
      ({ stage, observed, facts }) =>
        facts.appOnly ?? (stage === 'client_credentials' && !observed),
    ),
    and(by.code(4, UNKNOWN_APP), ({ stage }) => stage === 'client_credentials'),
    // Microsoft Graph's words, which also appear in the first minutes after the consent.
    by.text(WEIGHT.names - 0.8, [
      /authorization_identitynotfound/,
      /identity of the calling application could not be established/,
    ]),
  ],
  ask: [questions.flow],
}

export const spNotRegistered: Cause = {
  slug: 'sp-not-registered-in-exchange',
  title: 'Exchange Online does not know the app, or has the wrong object ID for it',
  explanation:
    'For app-only access, consent in Entra is not enough. The service principal must also be registered in Exchange Online, with the object ID of the enterprise app. The app registration has a different one.',
  responsible: 'tenant_admin',
  fixes: [
    {
      text: 'Compare the ObjectId in Exchange with {enterpriseApp} > Overview > Object ID. This requires the role Exchange Administrator.',
      command:
        'Connect-ExchangeOnline[[ -Organization {organization}]][[ -ExchangeEnvironmentName {exchangeEnvironment}]]; Get-ServicePrincipal | Format-List DisplayName,AppId,ObjectId',
    },
    {
      text: 'If it differs, remove the entry first.',
      command: 'Remove-ServicePrincipal -Identity {clientId}',
    },
    {
      text: 'Register the app with the Object ID from {enterpriseApp} > Overview, not the one under App registrations.',
      command: 'New-ServicePrincipal -AppId {clientId} -ObjectId {objectId}',
    },
    giveAppFullAccess,
    accessCheckAndUndo,
  ],
  docs: [
    docs.mailOAuth,
    'https://learn.microsoft.com/powershell/module/exchangepowershell/new-serviceprincipal',
  ],
  login: 'token',
  indicators: [
    by.text(WEIGHT.suggests, /logondenied-none-oauth|authfailed:logondenied/),
    by.text(WEIGHT.suggests, [
      /service ?principal.{0,40}(?:not (?:found|registered|exist)|couldn't be found)/,
    ]),
    by.response(1.9, 'imap refused', 'smtp refused'),
    by.response(0.3, 'imap not connected'),
  ],
  modifiers: [
    ...appOnly,
    by.fact(-3, 'otherProtocol', 'ok'),
    by.fact(-1.5, 'tokenCovers', false),
    where(-3, ({ appWorks }) => appWorks === true),
    // If no mailbox of the tenant has ever opened, the app was perhaps never registered in Exchange.
    where(0.5, ({ appWorks }) => appWorks === false),
  ],
  ask: [questions.servicePrincipal, questions.flow],
}

export const spMailboxPermissionMissing: Cause = {
  slug: 'sp-mailbox-permission-missing',
  title: 'The app has no access to this mailbox',
  explanation:
    'Exchange knows the app, but its service principal has no access to {mailbox}. Each mailbox needs its own permission.',
  responsible: 'tenant_admin',
  fixes: [
    onlyFor(isHighVolume, {
      risk: 'High Volume Email: add the app to the allowed applications of the HVE account.',
      url: 'https://learn.microsoft.com/en-us/exchange/mail-flow-best-practices/oauth-high-volume-mails-m365',
    }),
    unless(isHighVolume, giveAppFullAccess),
    unless(anyOf(isReading, isHighVolume), {
      risk: 'To send with the permission SMTP.SendAsApp, it also needs Send As.',
      command:
        'Add-RecipientPermission -Identity {mailbox} -Trustee (Get-ServicePrincipal -Identity {clientId}).ObjectId -AccessRights SendAs',
    }),
    checkRoleAssignment,
    accessCheckAndUndo,
  ],
  docs: [docs.mailOAuth, docs.smtpRbac, docs.highVolume],
  login: 'token',
  proof: saidBy('mail_server', [
    /\b550 5\.7\.240 the application is not allowed for use with this high volume email account\b/,
  ]),
  indicators: [
    by.text(WEIGHT.names + 1, /\b5\.7\.240\b/),
    by.response(1.1, 'imap refused'),
    by.response(1, 'smtp refused'),
    by.response(1.5, 'imap not connected'),
    by.text(WEIGHT.names - 3, /mailbox ?permission/),
  ],
  modifiers: [
    ...appOnly,
    and(by.fact(0.8, 'tokenCovers', true), by.response(1, 'imap not connected')),
    by.fact(-1, 'shared', true),
    and(by.fact(-2.5, 'tokenCovers', false), ({ protocol, facts }) => !mayUseRbac(protocol, facts)),
    where(1, ({ stage }) => stage === 'select'),
  ],
  ask: [questions.mailboxPermission],
}
