/** Month in which the causes were compared with their sources. */
export const SOURCES_CHECKED = '2026-11'

/** Pages that many causes refer to. */
const learn = (path: string) => `https://learn.microsoft.com/en-us/${path}`
const troubleshoot = (page: string) => learn(`troubleshoot/exchange/email-delivery/ndr/${page}`)
const clients = (page: string) => learn(`exchange/clients-and-mobile-in-exchange-online/${page}`)
const mailFlow = (page: string) => learn(`exchange/mail-flow-best-practices/${page}`)

export const docs = {
  aadsts: learn('entra/identity-platform/reference-error-codes'),
  mailOAuth: learn(
    'exchange/client-developer/legacy-protocols/how-to-authenticate-an-imap-pop-smtp-application-by-using-oauth',
  ),
  smtpRbac: learn('exchange/client-developer/legacy-protocols/smtp-app-rbac-onboarding'),
  highVolume: mailFlow('troubleshoot-high-volume-email-m365'),
  highVolumeOAuth: mailFlow('oauth-high-volume-mails-m365'),
  smtpAuth: clients('authenticated-client-smtp-submission'),
  mailboxLocation: learn('powershell/module/exchangepowershell/get-exorecipient'),
  popImap: clients('pop3-and-imap4/pop3-and-imap4'),
  printers: mailFlow(
    'fix-issues-with-printers-scanners-and-lob-applications-that-send-email-using-off',
  ),
  basicAuth: clients('deprecation-of-basic-authentication-exchange-online'),
  smtpBasicAuth:
    'https://techcommunity.microsoft.com/blog/exchange/updated-exchange-online-smtp-auth-basic-authentication-deprecation-timeline/4489835',
  authCode: learn('entra/identity-platform/v2-oauth2-auth-code-flow'),
  clientCredentials: learn('entra/identity-platform/v2-oauth2-client-creds-grant-flow'),
  redirectUri: learn('entra/identity-platform/reply-url'),
  accountTypes: learn('entra/identity-platform/supported-accounts-validation'),
  nationalClouds: learn('entra/identity-platform/authentication-national-cloud'),
  idTokens: learn('entra/identity-platform/id-tokens'),
  idTokenClaims: learn('entra/identity-platform/id-token-claims-reference'),
  adminConsent: learn('entra/identity/enterprise-apps/grant-admin-consent'),
  consentPolicies: learn('entra/identity/enterprise-apps/manage-app-consent-policies'),
  consentWorkflow: learn('entra/identity/enterprise-apps/configure-admin-consent-workflow'),
  conditionalAccess: learn('entra/identity/conditional-access/troubleshoot-conditional-access'),
  securityDefaults: learn('entra/fundamentals/security-defaults'),
  refreshTokens: learn('entra/identity-platform/refresh-tokens'),
  scopes: learn('entra/identity-platform/scopes-oidc'),
  deliveryReports: troubleshoot('non-delivery-reports-in-exchange-online'),
  tenantBlocked: troubleshoot('fix-error-code-5-7-700-through-5-7-750'),
  relayDenied: troubleshoot('fix-error-code-5-7-64-in-exchange-online'),
  clientNotAuthenticated: troubleshoot('fix-error-code-5-7-57-in-exchange-online'),
  restrictedUsers: learn('defender-office-365/outbound-spam-restore-restricted-users'),
  devices: mailFlow(
    'how-to-set-up-a-multifunction-device-or-application-to-send-email-using-microsoft-365-or-office-365',
  ),
  directSend:
    'https://techcommunity.microsoft.com/blog/exchange/introducing-more-control-over-direct-send-in-exchange-online/4408790',
  exchangeLimits: learn(
    'office365/servicedescriptions/exchange-online-service-description/exchange-online-limits',
  ),
  smtpLimits: learn('exchange/troubleshoot/send-emails/smtp-submission-improvements'),
  graphSendMail: learn('graph/api/user-sendmail'),
  graphSendAsOther: learn('graph/outlook-send-mail-from-other-user'),
  graphErrors: learn('graph/errors'),
  graphAuthErrors: learn('graph/resolve-auth-errors'),
  graphThrottling: learn('graph/throttling-limits'),
  graphPermissions: learn('graph/permissions-reference'),
  graphMailboxLimits: learn('graph/auth-limit-mailbox-access'),
  appRbac: learn('exchange/permissions-exo/application-rbac'),
  microsoftHosts: learn('microsoft-365/enterprise/urls-and-ip-address-ranges'),
  googleTokens: 'https://developers.google.com/identity/protocols/oauth2#expiration',
  googleXoauth2: 'https://developers.google.com/workspace/gmail/imap/xoauth2-protocol',
  outlookCom:
    'https://support.microsoft.com/en-us/office/pop-imap-and-smtp-settings-for-outlook-com-d088b986-291d-42b8-9564-9c414e2aa040',
} as const
