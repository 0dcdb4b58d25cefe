/**
 * What Microsoft's error numbers mean for a grant, as data. Numbers and meanings: Microsoft's
 * "authentication and authorization error codes" page, and field reports for those it lacks. Who must
 * act, and what follows for a grant, is this project's own judgement. Microsoft may change numbers, so
 * everything here has a fallback on `error` in errors.ts.
 */

/** Who can mend it. For faults that pass by themselves it is the request, which may be repeated. */
export type Subject = 'user' | 'tenant_admin' | 'app' | 'credential' | 'request'

/**
 * - `cool_down`: it passes; try again later. An outage never reads as revoked.
 * - `reconnect`: a person must sign in again.
 * - `block`: an admin or the operator must change something; a later try may then work.
 * - `credential_rejected`: the app's own credential or registration; says nothing about the grant.
 * - `suspect`: believed only when the same token is refused again later.
 */
export type GrantEffect = 'cool_down' | 'reconnect' | 'block' | 'credential_rejected' | 'suspect'

export type CodeMeaning = { effect: GrantEffect; subject: Subject; cause: string; advice: string }

type Group = {
  effect: GrantEffect
  subject: Subject
  advice: string
  causes: Record<number, string>
}

const groups: Group[] = [
  {
    effect: 'cool_down',
    subject: 'request',
    advice: 'it is tried again by itself',
    causes: {
      50000: 'Microsoft could not issue a token',
      50033: 'Microsoft has a passing fault',
      50196: 'Microsoft saw too many equal requests and asks for a pause',
      70012: 'Microsoft has a fault with personal accounts',
      90006: 'Microsoft has a passing fault',
      90012: 'Microsoft took too long',
      90024: 'Microsoft has a passing fault',
      90033: "Microsoft's directory is not available",
      90036: "Microsoft's directory has a fault",
      90055: "Microsoft limits this tenant's requests",
      90090: 'Microsoft took too long',
    },
  },
  {
    effect: 'suspect',
    subject: 'user',
    // Field reports: the same refresh token worked minutes after this answer.
    advice: 'it is tried once more, and if that fails too, sign in again',
    causes: { 70000: 'Microsoft did not accept the stored sign-in' },
  },
  {
    effect: 'reconnect',
    subject: 'user',
    advice: 'sign in again',
    causes: {
      50055: 'The password of the account has expired',
      50058: 'Microsoft has no session of this account',
      50072: 'The account must set up multi-factor authentication',
      50074: 'Multi-factor authentication is needed',
      50076: 'Multi-factor authentication is needed',
      50078: 'The last multi-factor authentication is too old',
      50079: 'The account must set up multi-factor authentication',
      50089: 'The sign-in took too long',
      50126: 'The user name or password was wrong',
      50132: 'The session ended when the password was changed',
      50133: 'The session ended when the password was changed',
      50144: 'The password of the account has expired',
      50148: 'The sign-in belongs to another attempt',
      50158: 'A further security step is needed',
      50173: 'The sign-in was revoked, or the password was reset',
      54005: 'The sign-in was already used once',
      501481: 'The sign-in belongs to another attempt',
      65001: 'Nobody has consented to the mail permissions',
      65004: 'The consent was declined',
      70008: 'The stored sign-in has expired',
      70043: "The organisation's sign-in frequency has run out",
      700005: 'The sign-in belongs to another tenant',
      700020: 'Microsoft wants the person to be there',
      700082: 'The stored sign-in was not used for too long and has expired',
    },
  },
  {
    effect: 'reconnect',
    subject: 'user',
    advice: 'sign in with an account that may use this mailbox',
    causes: {
      16000: 'The account does not exist in this tenant',
      50020: 'The account belongs to another tenant or kind of account',
      50034: 'The account does not exist in this tenant',
      51004: 'The account does not exist in this tenant',
      90072: 'The account is a guest that cannot pass multi-factor authentication here',
      500201: 'The account belongs to another tenant or kind of account',
      500207: 'This kind of account cannot be used for mail access',
      500208: 'This kind of account cannot sign in here',
    },
  },
  {
    effect: 'reconnect',
    subject: 'app',
    advice: 'register the redirect URI under the platform "Web", then sign in again',
    causes: { 700084: 'The sign-in was made for a single-page app and lives for a day only' },
  },
  {
    effect: 'block',
    subject: 'tenant_admin',
    advice: 'an admin of the organisation must allow it',
    causes: {
      50005: 'A device policy of the organisation forbids this sign-in',
      50097: 'The organisation requires a known device',
      50105: 'The account is not assigned to the app',
      50129: 'The organisation requires a registered device',
      50131: 'Conditional Access of the organisation forbids this sign-in',
      53000: 'Conditional Access requires a compliant device',
      53001: 'Conditional Access requires a domain-joined device',
      53002: 'Conditional Access requires an approved app',
      53003: 'Conditional Access of the organisation forbids this sign-in',
      53004: 'The account is held for risk until it has set up multi-factor authentication',
      53005: 'Conditional Access requires app protection',
      53011: 'The account is blocked for risk',
      90094: 'Only an admin may consent to the mail permissions',
      90095: 'The consent waits for approval by an admin',
      90099: 'The app is not authorised in this tenant',
      500021: "The network's tenant restrictions forbid this tenant",
      500022: "The network's tenant restrictions forbid this tenant",
      500212: "The home organisation's cross-tenant policy forbids it",
      500213: "This organisation's cross-tenant policy forbids it",
      530032: 'A security policy of the organisation forbids this sign-in',
      530035: 'Security defaults of the organisation forbid this sign-in',
      1000031: 'The app cannot be used at this time',
      7000229: 'The app has no enterprise application in this tenant',
    },
  },
  {
    effect: 'block',
    subject: 'tenant_admin',
    advice: 'an admin of the organisation must restore it',
    causes: {
      50053: "The account is locked, or Microsoft distrusts this server's address",
      50057: 'The account is disabled',
      500011: 'Exchange Online is missing in this tenant',
      500014: 'Exchange Online is disabled in this tenant',
      650052: 'The organisation has no Exchange Online',
      650054: 'Exchange Online was removed from this tenant',
    },
  },
  {
    effect: 'block',
    subject: 'app',
    advice: 'correct the app registration',
    causes: {
      50011: 'The redirect URI is not registered',
      500112: 'The redirect URI is another one than at the sign-in',
      65002: 'The app may not use Exchange Online without being approved by it',
      65005: 'The mail permissions are not declared',
      65006: 'A declared permission does not exist on its resource',
      70004: 'The redirect URI is not valid',
      90008: 'The permission to sign people in is missing',
      650056: 'The mail permissions are not declared or not consented',
      650057: 'The mail permissions are not declared',
      650059: 'The app is limited to the tenant where it is registered',
      9002325: 'The redirect URI is registered for a single-page app',
      9002326: 'The redirect URI is registered for a single-page app',
    },
  },
  {
    effect: 'block',
    subject: 'app',
    advice: 'correct the tenant or the cloud in the settings',
    causes: {
      50059: 'The tenant could not be told',
      50128: 'The tenant could not be told',
      50194: 'The app is limited to one tenant, which the settings must name',
      90002: 'The tenant does not exist in this cloud',
      90019: 'The tenant could not be told',
      90038: 'The account belongs to another cloud',
      90124: 'The app cannot be used with this tenant setting',
      90130: 'The app cannot be used with this tenant setting',
      900382: 'The account belongs to another cloud',
      900432: 'The account belongs to another cloud',
      900439: 'The account belongs to the US Government cloud',
      9001023: 'This needs one named tenant',
      9002331: 'The app is for personal accounts only',
      9002332: 'The app is not for personal accounts',
    },
  },
  {
    effect: 'credential_rejected',
    subject: 'app',
    advice: 'check the client ID, its tenant and its cloud, and that the app is enabled',
    causes: {
      70001: 'Microsoft does not know the app, or it is disabled',
      90112: 'The client ID is not a GUID',
      700011: 'Microsoft does not know the app in this tenant',
      700016: 'Microsoft does not know the app in this tenant',
      700025: 'The app is registered as a public client, which has no secret',
      7000112: 'The app is disabled',
    },
  },
  {
    effect: 'credential_rejected',
    subject: 'credential',
    advice: 'enter a valid credential of the app in the settings',
    causes: {
      50012: "The app's certificate was refused",
      70002: 'The client secret is wrong or missing',
      700024: "The app's signed proof is outside its time; a clock may be wrong",
      700027: "The app's certificate was refused",
      700030: "The app's certificate was refused",
      1000502: "The app's certificate has ended, or is not valid yet",
      7000215: 'The client secret is wrong; often its ID was entered instead of its value',
      7000218: 'The client secret is missing',
      7000222: 'The client secret has expired',
    },
  },
  {
    effect: 'block',
    subject: 'request',
    advice: 'this needs a correction in the product or its settings',
    causes: {
      28000: 'Permissions of more than one resource were asked for at once',
      28002: 'Microsoft does not know a permission that was asked for',
      28003: 'No permission was asked for',
      650053: 'Microsoft does not know a permission that was asked for',
      70003: 'Microsoft does not offer this kind of request',
      70005: 'Microsoft does not allow this kind of answer for the app',
      70007: 'Microsoft does not allow this kind of answer for the app',
      70011: 'Microsoft does not know a permission that was asked for',
      90013: 'The request was malformed',
      90014: 'The request was incomplete',
      90015: 'The request was too long',
      90023: 'The request was malformed',
      700022: 'Permissions of more than one resource were asked for at once',
      700023: 'No resource was asked for',
      700054: 'Microsoft does not allow this kind of answer for the app',
      900144: 'The request was incomplete',
      9002313: 'The request was malformed',
    },
  },
]

/** Every number that is understood, with the group's advice. */
export const aadstsCodes: ReadonlyMap<number, CodeMeaning> = new Map(
  groups.flatMap(({ causes, ...group }) =>
    Object.entries(causes).map(([code, cause]) => [Number(code), { ...group, cause }] as const),
  ),
)
