import type { Protocol } from '../../../schema/mail-servers.ts'
import type { ProblemCode } from '../../../schema/problem.ts'
import { type Responsible, whoActs } from '../../../schema/responsible.ts'
import { type Language, listIn, type Sentences } from './texts.ts'

const verbs: Record<Protocol, string> = { imap: 'read', smtp: 'send', graph_send: 'send' }
const access: Record<Protocol, string> = {
  imap: 'reading mail (IMAP)',
  smtp: 'sending mail (SMTP)',
  graph_send: 'sending mail (Microsoft Graph)',
}

const list = listIn('en')

const mustAct = (party: Responsible) =>
  `${whoActs[party].replace(/^./, (first) => first.toUpperCase())} must do this.`

type Consent = { title: string; text: string; step?: string; note?: string }

const adminConsent: Record<'completed' | 'already_completed' | 'refused', Consent> = {
  completed: {
    title: 'Consent received',
    text: 'Microsoft reports that you allowed the app to use mail in your whole organisation.',
    step: 'Tell the person who sent you the link to start again, because people can now sign in. If you got two links, open the other one first.',
    note: 'To review or revoke this, open the app in the Microsoft Entra admin center under Enterprise apps.',
  },
  already_completed: {
    title: 'Already done',
    text: "Consent was already given with this link. There's nothing more to do.",
  },
  refused: {
    title: 'Consent not given',
    text: 'Microsoft reports that the app was not allowed to use mail. Nothing was changed.',
    step: "Open the same link again and accept. This requires a role that can consent for the organisation, such as Cloud Application Administrator. If you don't have one, send the link to an admin who does.",
  },
}

export const en = {
  lang: 'en' as Language,
  /** Small line below a page that shows the name of another product. */
  byMailgrant: 'by Mailgrant',
  continue: 'Continue',
  goBack: 'Go back',
  tryAgain: 'Try again',
  closeWindow: 'You can close this window.',
  nextStep: 'Next step',
  copyLink: 'Copy link',
  copyDetails: 'Copy details',
  copyAddress: 'Copy address',
  copied: 'Copied',
  /** Shown above every problem. */
  titles: {
    account_mismatch: 'A different account signed in',
    authorization_ended: 'The link no longer works',
    authorization_expired: 'The link has expired',
    authorization_used: 'The link was already used',
    bad_request: 'This page cannot continue',
    credential_rejected: 'Signing in is currently unavailable',
    grant_not_usable: 'The mailbox could not be reconnected',
    integration_inactive: 'Signing in is switched off',
    integration_not_configured: 'Signing in is not set up yet',
    internal_error: 'Internal error',
    key_missing: 'An encryption key is missing',
    not_found: 'This link does not work',
    protocol_not_granted: 'Access to mail was not granted',
    provider_unavailable: 'Microsoft is currently unreachable',
    rate_limited: 'Too many attempts',
    sign_in_refused: 'Microsoft did not complete the sign-in',
    storage_unavailable: 'The database is currently unreachable',
    tenant_not_allowed: 'This organisation belongs to another customer',
    wrong_browser: 'The sign-in was started in another browser',
  } satisfies Partial<Record<ProblemCode, string>>,
  consent: {
    title: 'Connect a mailbox',
    /** Title with the name of a product. */
    asks: (product: string, mailbox: string, protocols: readonly Protocol[]) =>
      `${product} asks to ${list(verbs, protocols)} mail as ${mailbox}`,
    intro:
      'You are about to sign in at Microsoft and grant access to a mailbox. Continue only if you know who requests it.',
    requestedBy: 'Requested by',
    /** `name`: that of the API key; null for the administrator of the service. */
    requester: (name: string | null, origin: string | null) => {
      const who = name === null ? 'Your Mailgrant administrator' : `“${name}”`
      return origin === null ? who : `${who} at ${origin}`
    },
    /** Label of the customer, whose own systems get access. */
    customer: 'Customer',
    mailbox: 'Mailbox',
    signInAs: 'Sign in as',
    access: 'It will be able to',
    rights: {
      imap: 'Read, change and delete mail in the mailboxes that you can open (IMAP)',
      smtp: 'Send mail as you (SMTP)',
      graph_send: 'Send mail as you (Microsoft Graph)',
    } satisfies Record<Protocol, string>,
    keepsAccess: 'Keep this access until it is revoked',
    submit: 'Continue to Microsoft',
    unexpected: "Weren't expecting this? Close this page, and nothing will happen.",
  },
  redirecting: {
    title: 'Redirecting to Microsoft',
    text: "You are being redirected to Microsoft's sign-in.",
  },
  completed: {
    title: 'Signed in',
    granted: (account: string, protocols: readonly Protocol[]) =>
      `${account} granted access for ${list(access, protocols)}.`,
    missing: (protocols: readonly Protocol[]) =>
      `Microsoft did not grant access for ${list(access, protocols)}. Your Microsoft 365 admin may have to allow it.`,
    reconnected: 'The mailbox is connected again.',
    /** Shown to the owner of a mailbox, who was sent the link. */
    sent: "You're done. The person who sent you the link will finish the rest.",
    save: 'Go back to the form and save it.',
    saveAs: (account: string) =>
      `Go back to the form, enter ${account} as the account that signs in, and save.`,
    unsaved: 'An unsaved sign-in is deleted after an hour.',
  },
  mismatch: {
    title: 'Is this the right account?',
    expected: 'Expected',
    either: (mailbox: string, delegate: string) => `${mailbox} or ${delegate}`,
    signedIn: 'Signed in',
    discard: 'Discard it',
    samePerson: 'Keep it: another address of the same person',
    shared: 'Keep it: a shared mailbox that this account can open',
    nothingStored:
      'Nothing is stored unless you keep it. If you discard it, start again: Microsoft will ask which account to use.',
  },
  adminConsent,
  whoActs: {
    user: 'You, or the person who signs in, can do this.',
    tenant_admin: mustAct('tenant_admin'),
    app_owner: mustAct('app_owner'),
    operator: mustAct('operator'),
    microsoft: 'Only Microsoft can fix this.',
  } satisfies Record<Responsible, string>,
  /** Precedes what the other party must do. */
  showThem: 'Show them this page:',
  sendLink:
    'Send this link to your Microsoft 365 admin. Start again once they have approved the app.',
  sendLinkIfAsked:
    'If Microsoft asked for admin approval, send this link to your Microsoft 365 admin. Start again once they have approved the app.',
  /** Label of the link to the page for the administrator. */
  approval: 'What your admin is asked to approve',
  /** The page for a person whom Microsoft's page does not let continue. */
  help: {
    title: 'Stuck at Microsoft?',
    /** Label of the field for the text of that page. */
    error:
      'If Microsoft shows an error, copy all the text of that page and paste it here. Nothing is stored.',
    submit: 'Explain the error',
    unknown:
      "We don't recognise this error. Make sure that you copied the whole page, including the number that begins with AADSTS, which may be under “More details”.",
    continueThere: "The sign-in continues in Microsoft's window.",
  },
  open: (host: string) => `Open ${host}`,
  whatIsWrong: 'What is wrong',
  whatIsLikelyWrong: 'What is most likely wrong',
  /** Steps for a link that does not work. */
  newLink:
    'Go back to where you came from and start again. If someone sent you the link, ask for a new one.',
  askForNewLink: 'If someone sent you the link, ask that person for a new one.',
  /** Steps after a failed sign-in. */
  tellAndStartAgain: 'Tell your Mailgrant administrator, then start again.',
  waitAndStartAgain: 'Wait a few minutes, then go back to where you came from and start again.',
  /** Lines to pass on to support. */
  details: {
    title: 'Details for support',
    label: 'These details help support find this attempt.',
    error: 'Error',
    correlationId: 'Correlation ID',
    signIn: 'Sign-in',
    requestId: 'Request ID',
    time: 'Time',
  },
  /** Null in English, the language of the API, whose own sentences are shown. */
  sentences: null as Sentences | null,
}

/** The texts of a language. English states which there are. */
export type Texts = typeof en
