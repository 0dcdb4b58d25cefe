/** Registering an app and its credentials in the portal. */
import { type Cause, WEIGHT } from '../cause.ts'
import { docs } from '../docs.ts'
import { pages } from '../fixes.ts'
import * as by from '../indicators.ts'

export const appManagementPolicy: Cause = {
  slug: 'app-management-policy',
  title: "The organisation's policy forbids this credential",
  explanation:
    "The organisation's app management policy blocks client secrets, limits the lifetime of secrets and certificates, or restricts the account types of apps. Entra refused to save the change; the app still works with its previous configuration.",
  responsible: 'tenant_admin',
  fixes: [
    {
      text: 'If only the lifetime is too long, create the secret with an end date within the limit.',
      command: "az ad app credential reset --id {clientId} --append --end-date '<YYYY-MM-DD>'",
    },
    {
      text: 'Use a certificate or a federated credential in place of the secret: {appRegistration} > Certificates & secrets.',
      url: pages.secrets,
    },
    {
      risk: 'Or an administrator (Security Administrator or Global Administrator) exempts this app: {entra} > Enterprise apps > Application policies.',
      command:
        'Get-MgPolicyDefaultAppManagementPolicy | Format-List; Get-MgPolicyAppManagementPolicy -All | Format-List',
    },
  ],
  docs: [
    'https://learn.microsoft.com/en-us/graph/api/resources/applicationauthenticationmethodpolicy',
    'https://learn.microsoft.com/en-us/graph/api/resources/passwordcredentialconfiguration',
    'https://learn.microsoft.com/en-us/entra/identity/enterprise-apps/tutorial-enforce-secret-standards',
  ],
  sources: ['program', 'sign_in_page', 'token_endpoint'],
  indicators: [
    by.text(WEIGHT.names + 1, [
      /(?:credential|secret|audience|identifieruri|certificate)[a-z]{0,24}asperapp(?:management)?policy/,
      /(?:credential|secret|password|key|certificate|lifetime|audience).{0,80}(?:not allowed|exceeds?|disallowed|blocked|forbidden|restricted).{0,80}(?:assigned|app(?:lication)? management|organi[sz]ation(?:'s|al)?|tenant(?:'s)?|company) polic/,
      /app(?:lication)? management polic/,
    ]),
    by.text(WEIGHT.names, [
      /(?:polic(?:y|ies)|admin(?:istrator)?s?).{0,60}(?:block|prevent|forbid|restrict|limit|disable|(?:do(?:es)? not|doesn't|don't) allow|not permit).{0,60}(?:client secrets?|app(?:lication)? passwords?|password credentials?|secret lifetimes?)/,
      /(?:client secrets?|app(?:lication)? passwords?|password credentials?|secret lifetimes?).{0,60}(?:block|prevent|forbid|restrict|limit|disable|not allow).{0,40}(?:polic(?:y|ies)|admin)/,
    ]),
  ],
}

export const personalAccountWithoutDirectory: Cause = {
  slug: 'personal-account-without-directory',
  title: 'This personal account has no directory to register an app in',
  explanation:
    'A personal account can no longer register apps without a directory (tenant). Create a free directory and register the app there; it can still serve personal mailboxes. The mailbox itself is not affected.',
  responsible: 'app_owner',
  fixes: [
    {
      text: 'Sign up for Azure with the same account, which creates a directory. It is free, but Microsoft asks for a card to verify your identity.',
      url: 'https://azure.microsoft.com/free',
    },
    {
      text: 'Then {entra} > App registrations > New registration, with the supported account types "Any Entra ID Tenant + Personal Microsoft accounts".',
      url: pages.newRegistration,
    },
    'If the account has a directory already, switch to it: portal settings > Directories + subscriptions. Or register the app with a work or school account.',
  ],
  docs: [
    'https://learn.microsoft.com/en-us/entra/identity-platform/quickstart-register-app',
    'https://learn.microsoft.com/en-us/entra/identity-platform/quickstart-create-new-tenant',
    docs.aadsts,
  ],
  sources: ['sign_in_page', 'token_endpoint', 'program'],
  indicators: [
    by.text(WEIGHT.overrides + 1, [
      /(?:creat|regist)[a-z]{1,9} .{0,30}\bapp(?:lication)?s? .{0,40}outside (?:of )?a (?:directory|tenant).{0,40}(?:deprecated|no longer|not (?:supported|possible|allowed)|removed)/,
      // Microsoft's own tenant instead of the person's, and the ID of the Azure portal instead of an app's.
      /does(?:n't| not) exist in (?:the )?(?:tenant|directory) ['"]?microsoft services/,
      /does(?:n't| not) exist in (?:the )?(?:tenant|directory).{0,120}c44b4083-3bb0-49c1-b47d-974e53cbdf3c/,
    ]),
    by.text(WEIGHT.names - 0.5, [
      /(?:personal|microsoft) account.{0,60}(?:without|has no|have no|isn't (?:in|part of)|not (?:in|associated with)) (?:a |any )?(?:directory|tenant)/,
    ]),
  ],
}
