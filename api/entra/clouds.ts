/**
 * Data of Microsoft's four clouds. Each has its own login host, resource name of Exchange and app
 * registrations. Hosts: the page "National clouds" of Microsoft's identity platform. Login hosts are also
 * the issuer hosts (authority metadata in MSAL's source).
 */
import type { Cloud } from '../../schema/mail-servers.ts'

type CloudFacts = {
  /** Origin of authorize, token and key endpoints, and of the issuer. */
  login: string
  /** Prefix of `IMAP.AccessAsUser.All`. A bare name would request a Graph token. */
  scopePrefix: string
  appOnlyScope: string
  /** Prefix of `Mail.Send`, and of the `.default` of app-only access. */
  graphScopePrefix: string
  /** Audience of the tokens that a federated credential accepts. */
  federatedAudience: string
  /** Portal for registering the app. */
  portal: string
  /** Microsoft 365 admin center; pages are appended after `#`. */
  adminCenter: string
  /** Exchange admin center; null if Microsoft does not document its address. */
  exchangeAdminCenter: string | null
  /** The -ExchangeEnvironmentName of Connect-ExchangeOnline; null for its default. */
  exchangeEnvironment: string | null
  /** True for the worldwide cloud only (Microsoft's page "Supported account types"). */
  personalAccounts: boolean
}

export { PERSONAL_TENANT } from '../../schema/integration.ts'

export const clouds: Record<Cloud, CloudFacts> = {
  // Delegated and app-only use different hosts on purpose, since Microsoft's page on OAuth for IMAP, POP and SMTP does
  // so, and personal accounts reject the delegated scopes under outlook.office365.com.
  global: {
    login: 'https://login.microsoftonline.com',
    scopePrefix: 'https://outlook.office.com/',
    appOnlyScope: 'https://outlook.office365.com/.default',
    graphScopePrefix: 'https://graph.microsoft.com/',
    federatedAudience: 'api://AzureADTokenExchange',
    portal: 'https://entra.microsoft.com',
    adminCenter: 'https://admin.microsoft.com/',
    exchangeAdminCenter: 'https://admin.exchange.microsoft.com/',
    exchangeEnvironment: null,
    personalAccounts: true,
  },
  // Microsoft documents no mail scope for the US clouds. Mail programs use this prefix there. GCC High and
  // DoD share one directory service, so both have the same resource name.
  us_gov_high: {
    login: 'https://login.microsoftonline.us',
    scopePrefix: 'https://outlook.office365.us/',
    appOnlyScope: 'https://outlook.office365.us/.default',
    graphScopePrefix: 'https://graph.microsoft.us/',
    federatedAudience: 'api://AzureADTokenExchangeUSGov',
    portal: 'https://portal.azure.us',
    adminCenter: 'https://portal.office365.us/adminportal/home',
    exchangeAdminCenter: 'https://admin.exchange.office365.us/',
    exchangeEnvironment: 'O365USGovGCCHigh',
    personalAccounts: false,
  },
  us_gov_dod: {
    login: 'https://login.microsoftonline.us',
    scopePrefix: 'https://outlook.office365.us/',
    appOnlyScope: 'https://outlook.office365.us/.default',
    graphScopePrefix: 'https://dod-graph.microsoft.us/',
    federatedAudience: 'api://AzureADTokenExchangeUSGov',
    portal: 'https://portal.azure.us',
    adminCenter: 'https://portal.apps.mil/adminportal/home',
    exchangeAdminCenter: null,
    exchangeEnvironment: 'O365USGovDoD',
    personalAccounts: false,
  },
  // Several independent programs use these values. Microsoft does not document them.
  china: {
    login: 'https://login.partner.microsoftonline.cn',
    scopePrefix: 'https://partner.outlook.cn/',
    appOnlyScope: 'https://partner.outlook.cn/.default',
    graphScopePrefix: 'https://microsoftgraph.chinacloudapi.cn/',
    federatedAudience: 'api://AzureADTokenExchangeChina',
    portal: 'https://portal.azure.cn',
    adminCenter: 'https://portal.partner.microsoftonline.cn/adminportal/home',
    exchangeAdminCenter: null,
    exchangeEnvironment: 'O365China',
    personalAccounts: false,
  },
}
