/**
 * Microsoft's four clouds as data. Each has its own login host, its own name for the Exchange
 * resource and its own app registrations. Hosts: Microsoft's "National clouds" page of the identity
 * platform. Login hosts double as issuer hosts (authority metadata in MSAL's source).
 */
import type { Cloud } from '../../schema/mail-servers.ts'

export type CloudFacts = {
  /** Origin of authorize, token and key endpoints, and of the issuer. */
  login: string
  /** What stands before `IMAP.AccessAsUser.All`. A bare name would ask for a Graph token. */
  scopePrefix: string
  appOnlyScope: string
  /** Where an admin registers the app. */
  portal: string
  /** Microsoft 365 admin center; a page is named behind `#`. */
  adminCenter: string
  /** Exchange admin center; null where no page of Microsoft's names its address. */
  exchangeAdminCenter: string | null
  /** What Connect-ExchangeOnline takes as -ExchangeEnvironmentName; null is its default. */
  exchangeEnvironment: string | null
  /** Only the worldwide cloud signs in personal accounts ("Supported account types" page). */
  personalAccounts: boolean
}

export { PERSONAL_TENANT } from '../../schema/integration.ts'

export const clouds: Record<Cloud, CloudFacts> = {
  // Delegated and app-only name two hosts on purpose: Microsoft's page on OAuth for IMAP, POP and
  // SMTP does, and personal accounts refuse the delegated scopes under outlook.office365.com.
  global: {
    login: 'https://login.microsoftonline.com',
    scopePrefix: 'https://outlook.office.com/',
    appOnlyScope: 'https://outlook.office365.com/.default',
    portal: 'https://entra.microsoft.com',
    adminCenter: 'https://admin.microsoft.com/',
    exchangeAdminCenter: 'https://admin.exchange.microsoft.com/',
    exchangeEnvironment: null,
    personalAccounts: true,
  },
  // Microsoft documents no mail scope for the US clouds. The prefix is the one that mail programs use
  // there; GCC High and DoD share one directory service, so both are given the same resource name.
  us_gov_high: {
    login: 'https://login.microsoftonline.us',
    scopePrefix: 'https://outlook.office365.us/',
    appOnlyScope: 'https://outlook.office365.us/.default',
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
    portal: 'https://portal.azure.us',
    adminCenter: 'https://portal.apps.mil/adminportal/home',
    exchangeAdminCenter: null,
    exchangeEnvironment: 'O365USGovDoD',
    personalAccounts: false,
  },
  // Seen in several independent programs; no page of Microsoft's names it.
  china: {
    login: 'https://login.partner.microsoftonline.cn',
    scopePrefix: 'https://partner.outlook.cn/',
    appOnlyScope: 'https://partner.outlook.cn/.default',
    portal: 'https://portal.azure.cn',
    adminCenter: 'https://portal.partner.microsoftonline.cn/adminportal/home',
    exchangeAdminCenter: null,
    exchangeEnvironment: 'O365China',
    personalAccounts: false,
  },
}
