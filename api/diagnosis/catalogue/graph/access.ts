/** Mailboxes that Microsoft Graph refuses. One code, `ErrorAccessDenied`, has several causes, which the kind of token separates. */
import { questions } from '../../questions.ts'
import { and, type Cause, type Indicator, WEIGHT, where } from '../cause.ts'
import { ofPersonal } from '../conditions.ts'
import { docs } from '../docs.ts'
import { giveFullAccess, giveSendAs, pages, unless } from '../fixes.ts'
import * as by from '../indicators.ts'
import { saidBy } from '../proof.ts'

/** Modifiers for causes that exist only without a user's sign-in. */
const appOnly: readonly Indicator[] = [
  by.fact(2, 'appOnly', true),
  by.fact(WEIGHT.excludes, 'personal', true),
  by.fact(WEIGHT.excludes, 'appOnly', false),
  // Usually a user signs in.
  by.fact(-0.6, 'appOnly', undefined),
]

export const graphSendPermissionMissing: Cause = {
  slug: 'graph-send-permission-missing',
  title: 'The access token lacks the permission Mail.Send',
  explanation:
    "A user signed in, but the token lacks Mail.Send, because it was not requested or not consented to. SMTP.Send is a different permission and doesn't count here.",
  responsible: 'user',
  fixes: [
    'Sign in again, and request {graphScope} offline_access. Write the permission out: .default brings only what was consented to before.',
    unless(ofPersonal, [
      {
        risk: "Microsoft's default policy lets users consent to Mail.Send. Where the organisation's doesn't, an admin consents once: declare Mail.Send under {appRegistration} > API permissions, then {enterpriseApp} > Permissions > Grant admin consent.",
      },
      'To send from the mailbox of someone else, request {graphScope}.Shared as well.',
    ]),
  ],
  docs: [docs.graphSendMail, docs.consentPolicies],
  indicators: [by.response(2.2, 'graph denied')],
  modifiers: [
    and(by.fact(WEIGHT.proves - 1, 'tokenCovers', false), ({ facts }) => facts.appOnly !== true),
    by.fact(WEIGHT.excludes, 'tokenCovers', true),
    by.fact(WEIGHT.excludes, 'appOnly', true),
    by.fact(-1, 'askedCovers', true),
    by.fact(-0.7, 'shared', true),
    by.fact(-1.5, 'workedBefore', true),
    by.fact(2, 'askedCovers', false),
  ],
  ask: [questions.flow, questions.scopes],
}

export const graphSharedMailboxNoAccess: Cause = {
  slug: 'graph-shared-mailbox-no-access',
  title: 'The user who signed in has no access to this mailbox',
  explanation:
    "Exchange doesn't let this user use the mailbox, whatever the token allows. To send from {mailbox}, the user needs Full Access and Send As in Exchange, and a token with Mail.Send.Shared. A mailbox that was created minutes ago gives the same error.",
  responsible: 'tenant_admin',
  fixes: [
    giveFullAccess,
    giveSendAs,
    'Then sign in again, and request {graphScope}.Shared as well.',
  ],
  docs: [docs.graphSendAsOther],
  indicators: [
    by.text(WEIGHT.suggests + 1, /\bdefault folder (?:root|inbox) not found/),
    by.response(1.2, 'graph denied'),
  ],
  modifiers: [
    by.fact(2.5, 'shared', true),
    by.fact(-3, 'sameAccount', true),
    by.fact(1, 'tokenCovers', true),
    by.fact(WEIGHT.excludes, 'appOnly', true),
    by.fact(WEIGHT.excludes, 'personal', true),
    by.fact(-1, 'workedBefore', true),
    by.fact(1.5, 'sameAccount', false),
  ],
  ask: [questions.signedInAs, questions.shared],
}

export const graphAppPermissionMissing: Cause = {
  slug: 'graph-app-permission-missing',
  title: "The app itself isn't allowed to send through Microsoft Graph",
  explanation:
    "Without a user, Mail.Send must be an application permission with an admin's consent, or a role assignment in Exchange Online. Often it was added as a delegated permission, which the app's own token never has.",
  responsible: 'tenant_admin',
  fixes: [
    {
      risk: "Preferably allow it for the mailboxes of a group only, with RBAC for Applications in Exchange Online. Don't also grant the permission in Entra: Exchange combines the two.",
      command: `New-ServicePrincipal -AppId {clientId} -ObjectId {objectId}; New-ManagementScope -Name 'Mailgrant Graph' -RecipientRestrictionFilter "MemberOfGroup -eq '$((Get-DistributionGroup -Identity '<group>').DistinguishedName.Replace("'", "''"))'"; New-ManagementRoleAssignment -Role 'Application Mail.Send' -App {clientId} -CustomResourceScope 'Mailgrant Graph'`,
    },
    {
      risk: 'Or, for every mailbox of the organisation: {appRegistration} > API permissions > Add a permission > Microsoft Graph > Application permissions > Mail.Send > Grant admin consent, as a Privileged Role Administrator.',
      url: pages.permissions,
    },
    'After the change, get a new token for {graph}/.default.',
  ],
  docs: [docs.appRbac, docs.graphPermissions],
  indicators: [by.response(1.8, 'graph denied')],
  modifiers: [
    ...appOnly,
    // Under RBAC for Applications, a token that may send has no role either.
    and(by.fact(1.5, 'tokenCovers', false), by.fact(1, 'appOnly', true)),
    by.fact(WEIGHT.excludes, 'tokenCovers', true),
    by.fact(-1.5, 'workedBefore', true),
    where(-3, ({ appWorks }) => appWorks === true),
  ],
  ask: [questions.flow, questions.roles],
}

export const graphAppMailboxOutOfScope: Cause = {
  slug: 'graph-app-mailbox-out-of-scope',
  title: "The app's role in Exchange doesn't cover this mailbox",
  explanation:
    'Under RBAC for Applications, the app can send only from the mailboxes in the scope of its role. {mailbox} is not one of them, or was added so recently that Exchange still uses the old list, for up to two hours.',
  responsible: 'tenant_admin',
  retryable: true,
  fixes: [
    {
      text: 'Check whether the role covers the mailbox (InScope: True). The command reads the current list, so sending can still fail for a while after it shows True.',
      command: 'Test-ServicePrincipalAuthorization -Identity {clientId} -Resource {mailbox}',
    },
    {
      risk: "If it doesn't, add the mailbox to the scope's group, or correct the filter.",
      command:
        'Get-ManagementRoleAssignment -RoleAssignee {clientId} | Format-List Role,CustomResourceScope',
    },
  ],
  docs: [
    docs.appRbac,
    'https://learn.microsoft.com/powershell/module/exchange/Test-ServicePrincipalAuthorization',
  ],
  indicators: [by.response(1.5, 'graph denied')],
  modifiers: [
    ...appOnly,
    and(by.fact(1.5, 'tokenCovers', true), by.fact(1, 'appOnly', true)),
    where(2, ({ appWorks }) => appWorks === true),
  ],
  ask: [questions.appScope],
}

export const graphAccessPolicy: Cause = {
  slug: 'graph-access-policy',
  title: 'An application access policy keeps the app out of this mailbox',
  explanation:
    "The organisation's policy limits the app to a group's mailboxes (RestrictAccess), or keeps it out of them (DenyAccess). {mailbox} is on the wrong side, or the policy was changed within the last hour or two.",
  responsible: 'tenant_admin',
  retryable: true,
  fixes: [
    {
      text: 'See what Exchange decides for this mailbox, and which group each policy uses.',
      command:
        'Test-ApplicationAccessPolicy -Identity {mailbox} -AppId {clientId}; Get-ApplicationAccessPolicy | Format-List AppId,AccessRight,ScopeName',
    },
    {
      risk: 'Add the mailbox to the group of the policy, or remove a policy that should no longer exist. A second policy does not extend the first. The change takes more than an hour, even if the test command shows it.',
    },
    "RBAC for Applications replaces these policies: when you move to it, remove the policy and the app's permission in Entra.",
  ],
  docs: [docs.graphMailboxLimits],
  proof: saidBy(
    'graph',
    /\[raop\] ?: ?blocked by tenant configured apponly accesspolicy settings\b/,
  ),
  indicators: [
    by.text(WEIGHT.names + 0.5, /\[raop\]|apponly accesspolicy|access to odata is disabled/),
    and(by.response(0.3, 'graph denied'), by.fact(1, 'appOnly', true)),
  ],
  modifiers: [by.fact(WEIGHT.excludes, 'personal', true)],
  ask: [questions.flow],
}

export const graphConditionalAccess: Cause = {
  slug: 'graph-conditional-access',
  title: "The organisation's policy no longer accepts this access token",
  explanation:
    "The token itself is valid. Conditional Access was changed after Microsoft issued it, or it doesn't accept the address from which the token is used. That address can differ from the one that requested the token.",
  responsible: 'tenant_admin',
  retryable: true,
  fixes: [
    {
      risk: 'LocationConditionEvaluationSatisfied: add the addresses of the machine that requests the token and the one that sends to a named location that the policy trusts.',
      url: '{portal}/#view/Microsoft_AAD_ConditionalAccess/ConditionalAccessBlade/~/NamedLocations',
    },
    {
      text: 'Get a new access token and try once more. If Microsoft refuses the refresh, the user signs in again.',
      first: by.text(1, /tokencreatedwithoutdatedpolicies/),
    },
    {
      text: '{entra} > Monitoring & health > Sign-in logs > (the attempt) > Conditional Access shows the policy.',
      url: pages.signInLogs,
    },
  ],
  docs: [
    'https://learn.microsoft.com/en-us/entra/identity-platform/app-resilience-continuous-access-evaluation',
    docs.graphAuthErrors,
  ],
  proof: saidBy('graph', [
    /\bcontinuous access evaluation resulted in challenge with result: \w{3,40} and code: (?:tokencreatedwithoutdatedpolicies|locationconditionevaluationsatisfied)\b/,
  ]),
  indicators: [
    by.text(WEIGHT.names - 0.8, [
      /\btokencreatedwithoutdatedpolicies\b|\blocationconditionevaluationsatisfied\b/,
      /\binsufficient_claims\b/,
    ]),
    by.text(WEIGHT.suggests, /\bcontinuous access evaluation resulted in challenge/),
  ],
  ask: [questions.signInLog],
}
