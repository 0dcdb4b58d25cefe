/** Limits of the service, and faults of programs. */
import { OWN_RECORD, questions } from '../../questions.ts'
import { and, anyOf, type Cause, WEIGHT, where } from '../cause.ts'
import { atGraph, hasNoValue, ofSignIn } from '../conditions.ts'
import { docs } from '../docs.ts'
import { instead, onlyFor } from '../fixes.ts'
import * as by from '../indicators.ts'
import { named, saidBy } from '../proof.ts'

export const throttled: Cause = {
  slug: 'throttled',
  title: 'Microsoft is limiting requests',
  explanation:
    'Too many connections, messages or requests were made in a short time. The credentials are not the problem.',
  responsible: 'operator',
  effect: 'cool_down',
  fixes: [
    'Wait as long as the response says (else five minutes), then continue more slowly. A daily limit (10,000 recipients per mailbox; 5.7.233: the whole organisation) can take 24 hours to pass.',
    onlyFor(atGraph, [
      'Microsoft Graph: send at most four requests at a time for a mailbox, and wait as long as Retry-After says.',
    ]),
    'Use fewer connections (SMTP: three for each mailbox, and 30 messages a minute), keep them open, and never repeat a refused token request in a loop.',
    'For a large migration, ask Microsoft support for a temporary exemption.',
  ],
  docs: [
    docs.smtpLimits,
    docs.exchangeLimits,
    docs.graphThrottling,
    'https://aka.ms/concurrent_sending',
  ],
  aadsts: {
    'Microsoft limits the requests and asks for a pause': [50088, 500881, 500882, 500883],
    'Microsoft saw too many identical requests and asks for a pause': [50196],
    "Microsoft limits this tenant's requests": [90055],
  },
  sources: ['program', 'mail_server', 'graph', 'other_server', 'token_endpoint', 'sign_in_page'],
  proof: [
    saidBy('mail_server', [
      /\brequest is throttled\. suggested backoff time\b/,
      /\b432\b.{1,4}4\.3\.2 (?:storedrv\.clientsubmit; )?(?:sender thread|concurrent connections?) limit exceeded\b/,
      /\b4\.3\.2 the maximum number of concurrent (?:server )?connections has exceeded\b/,
      /\bstoredrv\.submission\.exception:submissionquotaexceededexception\b/,
      /\b5\.1\.90 your message can't be sent because you've reached your daily limit\b/,
      /\b5\.7\.233 your message can't be sent because your tenant has exceeded its daily limit\b/,
    ]),
    saidBy('graph', /\bapplicationthrottled\b|\bmailboxconcurrency limit\b/),
    named('graph', ({ kind: seen, protocol }) =>
      seen === 'throttled' && protocol === 'graph' ? '429' : null,
    ),
    saidBy('token_endpoint', [
      /\bserver terminated an operation because it encountered a (?:client request )?loop\b/,
    ]),
  ],
  indicators: [
    by.kind(WEIGHT.names, 'throttled'),
    and(by.kind(WEIGHT.overrides + 1, 'throttled'), ({ codes }) => codes.length > 0),
    by.text(WEIGHT.names + 0.5, [
      /throttl/,
      /toomanyrequests|mailboxconcurrency|activitylimitreached/,
      /backoff time/,
      /too many (?:requests|connections|concurrent|simultaneous|sessions|messages)/,
    ]),
    by.text(WEIGHT.names, [
      /(?:connections?|concurren[a-z]{2,5}|thread|rate|sending|message|submission|recipient) ?(?:count )?limit (?:is |was |has been )?(?:exceeded|reached)/,
      /exceeded .{0,40}limit/,
      /(?<!tenant has )exceeded .{0,40}threshold/,
      /submission ?quota/,
      /refusequota/,
      /maximum (?:number of )?(?:connections|concurrent|sessions)/,
      /4\.3\.2 .{0,40}(?:concurrent|limit)/,
      /432 4\.3\.2/,
      /rate ?limit/,
    ]),
    where(
      WEIGHT.names - 1,
      ({ protocol, text }) =>
        ['token', 'authorize', 'graph'].includes(protocol) && /\b429\b/.test(text),
    ),
    by.text(WEIGHT.names - 1, [
      /server (?:is )?(?:currently )?busy/,
      /(?:over|reached|hit) (?:the |your |its )?(?:daily |sending |message )?limit (?:for|of)/,
      /client loop/,
      /slow_down/,
      /5\.1\.90/,
    ]),
    by.meaning(WEIGHT.suggests + 1, 'throttled', 'too-many-connections'),
    (parsed) => (parsed.imapCode === 'limit' ? WEIGHT.names : 0),
    by.response(1.3, 'imap not connected'),
    by.response(-1, 'imap refused'),
  ],
  modifiers: [
    and(by.fact(1.5, 'intermittent', true), by.response(1, 'imap not connected', 'imap refused')),
    and(by.fact(0.8, 'workedBefore', true), by.response(1, 'imap not connected')),
    and(by.fact(-1.5, 'workedBefore', false), by.response(1, 'imap not connected')),
  ],
  ask: [questions.everWorked],
}

export const mailboxFull: Cause = {
  slug: 'mailbox-full',
  title: 'The sending mailbox is full',
  explanation:
    'The login worked. The message was refused because the mailbox is full, and a copy of each sent message is stored in it.',
  responsible: 'user',
  fixes: [
    'Delete or archive mail in {mailbox} (Sent Items and Deleted Items count), or have an admin raise its quota.',
  ],
  docs: [docs.smtpLimits],
  proof: saidBy('mail_server', [
    /\b554 5\.2\.2 mailbox full\b/,
    /\bquotaexceededexception\.mapiexceptionshutoffquotaexceeded\b/,
  ]),
  indicators: [
    by.text(WEIGHT.names, [
      /mailbox (?:is )?full/,
      /(?<!submission)quotaexceeded|quotalimitreached/,
      /over ?quota/,
      /exceeded (?:its |the )?(?:storage|mailbox) (?:quota|limit)/,
    ]),
    by.text(WEIGHT.suggests, /\b55\d[ -]#?5\.2\.2\b(?!.{0,40}submission)/),
    (parsed) => (parsed.imapCode === 'overquota' ? WEIGHT.names : 0),
  ],
}

/** Words of wrong usage that follow from a refused login, or from a plug-in that finds no token. */
const AFTER_REFUSAL =
  /\billegal in state nonauth\b(?!,)|cannot authenticate to server .{1,120}: invalid parameter supplied/

/** Words of a runtime about a part of the program that the rest of it expects. */
const OUTDATED_PART =
  /\b(?<!'nonetype' )object has no attribute\b|\bno such column\b|\bcolumn .{1,60} does not exist\b|\bunknown column\b|\bcall to undefined (?:method|function)\b/

/** Words of Odoo before odoo/odoo#122483. */
const ODOO_BUG = by.text(1, /'fetchmail\.server' object has no attribute 'smtp_user'/)

export const clientSoftwareBug: Cause = {
  slug: 'client-software-bug',
  title: 'The mail program has a bug',
  explanation:
    'The program crashes, sends commands in an order that cannot work, or fails since its last update, while other programs log in with the same account.',
  variants: [
    {
      onlyFor: by.text(1, OWN_RECORD),
      title: '{Program} can no longer find one of its own records',
      explanation:
        'The message comes from the program itself. It looked for one of its records, such as the account for which the sign-in began, and found none for the user of this browser. No setting at Microsoft changes that.',
    },
    {
      onlyFor: ODOO_BUG,
      title: 'A bug in the Odoo versions of late May 2023',
      explanation:
        'In these versions, "Connect your Outlook account" fails for an incoming mail server. No setting at Microsoft changes that.',
      docs: [
        'https://github.com/odoo/odoo/issues/122193',
        'https://github.com/odoo/odoo/pull/122483',
      ],
    },
    {
      onlyFor: by.text(1, OUTDATED_PART),
      title: 'Parts of the program are incompatible with each other',
      explanation:
        'One part of the program expects something that another part or the database does not have, usually after a partial update. No setting at Microsoft changes that.',
    },
  ],
  responsible: 'operator',
  fixes: [
    onlyFor(by.text(1, OWN_RECORD), [
      'Sign in to the program as the user who owns the account, and connect again in the same window. If the account is gone or half set up, add it again.',
    ]),
    instead(ODOO_BUG, [
      'Update Odoo to a build with the fix (odoo/odoo#122483, in 14, 15 and 16), upgrade the modules microsoft_outlook and fetchmail_outlook, restart it and connect the account again.',
    ]),
    onlyFor(by.text(1, OUTDATED_PART), [
      'Update the program and all its modules, upgrade its database (Odoo: odoo-bin -u with the modules in the message), and restart it.',
    ]),
    "Search the program's release notes and bug reports for the message. Update it, or go back to the version that worked.",
    onlyFor(
      by.text(1, [/\bnot (?:connected|logged ?in|authenticated)\b|\billegal\b.{0,10}\bstate\b/]),
      '"Not connected", "not logged in" and "illegal in state" often follow from an earlier failure: read the lines above the message.',
    ),
    onlyFor(by.meaning(1, 'wrong-usage'), {
      text: 'In your own program: first make the call that the message asks for, such as a login before a command.',
      unless: anyOf(by.text(1, OUTDATED_PART), ofSignIn),
      otherPrograms: true,
    }),
  ],
  docs: ['https://github.com/freescout-help-desk/freescout/issues/5101'],
  indicators: [
    by.text(3.2, [
      /typeerror/,
      /nullpointerexception/,
      /undefined (?:index|method|function|offset|variable|property|array key)/,
      /call to (?:a member|undefined)/,
      /attributeerror/,
      /keyerror/,
      /cannot read propert/,
      /panic:/,
      /object reference not set/,
      /must be of (?:the )?type(?!.{1,40}(?:null|none|undefined) given)/,
      /unexpected token/,
      /argumentexception/,
      /deprecated(?! ?\. you may get a new directory)/,
    ]),
    // A program that crashes at an unexpected reply of the server has no bug of this kind.
    and(by.text(3.2, /fatal error: uncaught/), ({ source }) => source !== 'mail_server'),
    and(by.meaning(3.4, 'wrong-usage'), ({ text }) => !AFTER_REFUSAL.test(text)),
    // The words are the program's own, about something unknown.
    by.meaning(0.7, 'program-fault'),
    by.meaning(2.2, 'wrong-usage'),
    by.text(WEIGHT.suggests - 0.5, /\bassertion ['"`]?.{1,60} failed\b/),
    by.text(WEIGHT.suggests, /(?:response)?parse ?error/),
    // Messages that break the rules of RFC 5322.
    by.text(WEIGHT.names - 0.5, [
      /message must be rfc ?5322/,
      /\b5\.6\.(?:0|11)\b/,
      /\bcorrupt message content\b/,
    ]),
    by.text(WEIGHT.suggests, [
      /(?:after|since) (?:the |an? )?(?:last |latest |recent )?(?:update|upgrad)/,
    ]),
    by.response(0.1, 'imap refused', 'imap not connected', 'smtp refused'),
    by.meaning(0.1, 'handshake-failed'),
  ],
  modifiers: [
    by.fact(1.2, 'workedBefore', true),
    by.fact(-1, 'intermittent', true),
    by.fact(-1, 'workedBefore', false),
    // Every program writes this about a refused login.
    and(
      by.response(-3, 'imap refused', 'imap not connected', 'smtp refused'),
      ({ source, text }) => source === 'summary' && !/updat|upgrad/.test(text),
    ),
    where(-3, (parsed) => hasNoValue(parsed) && parsed.facts.sameAccount === false),
  ],
  ask: [questions.ownRecord, questions.otherClient],
}
