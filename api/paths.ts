/** Paths of the hosted pages: served by the routes, and part of the URLs that leave the deployment. */
export const HOSTED_PAGES = '/oauth'
export const AUTHORIZE = `${HOSTED_PAGES}/microsoft/authorize`
export const CALLBACK = `${HOSTED_PAGES}/microsoft/callback`
export const ADMIN_CONSENT = `${HOSTED_PAGES}/microsoft/admin-consent`
export const STATUS = `${HOSTED_PAGES}/status`
/** Sign-in of people to the console. */
export const CONSOLE = '/console/'
export const CONSOLE_SIGN_IN = '/console/sign-in'
export const CONSOLE_CALLBACK = '/console/callback'
/** Token endpoint for OAuth clients, and the documents that describe it. */
export const TOKEN_ENDPOINT = `${HOSTED_PAGES}/token`
export const AUTHORIZATION_SERVER = '/.well-known/oauth-authorization-server'
export const OPENID_CONFIGURATION = '/.well-known/openid-configuration'
/** Public keys of the assertions that Mailgrant signs (RFC 7517). */
export const KEY_SET = '/.well-known/jwks.json'
/** Public pages about the causes of failures. */
export const CAUSES = '/docs/causes'
/** The guide for the admin who is asked to consent. */
export const APPROVAL = '/docs/guides/approval'
/** The chapter about ordinary mail programs. */
export const MAIL_PROGRAMS = '/docs/mail-programs'
/** The chapter about installing and running Mailgrant. */
export const OPERATING = '/docs/operating'

/** URL of a deployment in all examples, which the routes replace by their own. */
export const EXAMPLE_URL = 'https://mail.example.com'

/** URLs that the domain passes on without knowing their paths. */
export type Urls = {
  /** Base of the hosted pages. */
  hostedPages: string
  /** Registered at Entra: receives sign-ins. */
  redirectUri: string
  /** Registered at Entra: receives admin consents. */
  adminConsentRedirectUri: string
  /** Registered at Entra: receives sign-ins to the console. */
  consoleRedirectUri: string
  /** Base of the public pages about causes. */
  causes: string
}

export const urlsAt = (publicUrl: string): Urls => ({
  hostedPages: `${publicUrl}${HOSTED_PAGES}`,
  redirectUri: `${publicUrl}${CALLBACK}`,
  adminConsentRedirectUri: `${publicUrl}${ADMIN_CONSENT}`,
  consoleRedirectUri: `${publicUrl}${CONSOLE_CALLBACK}`,
  causes: `${publicUrl}${CAUSES}`,
})

/** Calls of the API that the setup guide shows. */
export const SETUP_CALLS = {
  saveSettings: 'PUT /v1/integrations/microsoft/settings',
  saveNextCredential: 'PUT /v1/integrations/microsoft/settings/next-credential',
  activate: 'POST /v1/integrations/microsoft/activate',
  verify: 'POST /v1/integrations/microsoft/settings/verify',
  createConsentLink: 'POST /v1/integrations/microsoft/admin-consent',
}
