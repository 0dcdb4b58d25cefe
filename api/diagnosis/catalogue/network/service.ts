/** Services that fail, at Microsoft or in Mailgrant. */
import { questions } from '../../questions.ts'
import { and, type Cause, WEIGHT } from '../cause.ts'
import { atGraph } from '../conditions.ts'
import { docs } from '../docs.ts'
import { onlyFor, unless } from '../fixes.ts'
import { isExchanges } from '../hosts.ts'
import * as by from '../indicators.ts'
import { named, onlyIf, saidBy } from '../proof.ts'
import { LOST, TIMED_OUT } from './connection.ts'

export const serverTransient: Cause = {
  slug: 'server-transient',
  title: 'Microsoft has a temporary problem',
  explanation:
    'Microsoft could not handle the request at the moment. The response gives no sign that a setting is wrong.',
  responsible: 'microsoft',
  effect: 'cool_down',
  fixes: [
    onlyFor(atGraph, [
      'If a message was being sent, look in Sent Items first: Microsoft may have accepted it.',
    ]),
    'Try again in a few minutes, with increasing pauses between attempts.',
    unless(({ protocol }) => ['authorize', 'token', 'graph'].includes(protocol), {
      text: 'A connection that is always cut off, or only on this machine, is reset by a firewall, proxy or antivirus program in between. Compare with another network.',
      command: 'Test-NetConnection {host} -Port {port}',
    }),
    {
      text: 'If it persists: Microsoft 365 admin center > Health > Service health (Exchange Online, Microsoft Entra).',
      url: '{adminCenter}#/servicehealth',
    },
  ],
  docs: [docs.aadsts],
  aadsts: {
    "Microsoft's sign-in service has a temporary problem": [
      17003, 40008, 40009, 40010, 50033, 50086, 50087, 90006, 90024, 90091, 165900, 230109, 50004,
      90025, 90030, 90031, 90032, 90035, 90039, 90041, 90045, 90202, 120021, 399219, 1002010,
      1002022, 1003030,
    ],
    'Microsoft could not issue a token': [50000, 90037, 90040, 90092],
    'Microsoft has not finished setting up the tenant': [90085],
    "The organisation's identity provider gave no usable response": [
      20001, 20012, 40002, 40003, 40004, 40005, 40014, 40015, 40016, 90134,
    ],
    "The organisation's external authentication provider did not respond": [1000021, 1000022],
    "The organisation's own directory could not check the password": [80010, 80013, 120013],
    'Microsoft has a problem with personal accounts': [70012],
    "The organisation's own directory did not respond to Microsoft": [
      80001, 80002, 80005, 80007, 80014,
    ],
    'Microsoft took too long': [90012, 90090],
    "Microsoft's directory is unavailable": [90033],
    "Microsoft's directory has a problem": [90036],
  },
  sources: [
    'program',
    'system',
    'other_server',
    'mail_server',
    'graph',
    'token_endpoint',
    'sign_in_page',
  ],
  proof: [
    // Postfix sends the same for its own password check.
    onlyIf(isExchanges, saidBy('mail_server', /\b454 4\.7\.0 temporary authentication failure\b/)),
    saidBy('mail_server', /\b421\W{1,3}4\.3\.2 service not active\b/),
    saidBy('token_endpoint', [
      /(?<![a-z_])temporarily_unavailable(?![a-z_])/,
      /\ba transient error has occurred\. please try again\b/,
    ]),
    named('token_endpoint', ({ oauth: errors, observed }) =>
      observed && errors.has('temporarily_unavailable') ? 'temporarily_unavailable' : null,
    ),
  ],
  indicators: [
    by.kind(WEIGHT.names - 1, 'unavailable', 'malformed'),
    and(by.meaning(WEIGHT.suggests, 'unavailable'), ({ source }) => source === 'token_endpoint'),
    // A library that prints the status only.
    by.text(3.6, /(?:status|http)[^.\n]{0,50}\b50[034]\b/),
    by.text(WEIGHT.names, [
      /server unavailable\.? ?\d*/,
      // A permanent refusal begins with the same words.
      /(?<!5\.7\.\d{1,3} )service (?:is )?(?:temporarily )?unavailable(?!\W{1,3}(?:client|access denied)|.{0,20}requested account can not be authenticated)/,
      /temporarily unavailable/,
    ]),
    // Such failures have lasted for months in some reports, so the cause is never certain.
    by.text(WEIGHT.names - 0.8, [
      /temporary (?:server|authentication|service|lookup)? ?(?:error|failure|problem)(?!\. command output)/,
      /(?<!unauthori[sz]ed use. )try again later/,
      // Microsoft Graph, for the store behind it. A move takes hours.
      /errormailboxmoveinprogress|errormailboxstoreunavailable|errorserverbusy|errorinternalservertransienterror|errortimeoutexpired|errortoomanyobjectsopened/,
      /\binternalservererror\b|\bgeneralexception\b|\bservicenotavailable\b|error authenticating with resource/,
      /4\.3\.2 service not (?:available|active)/,
      /421 4\.[3-7]\.\d\b/,
      /451 4\.[3-7]\.\d/,
      /454 4\.7\.0/,
    ]),
    by.text(WEIGHT.names - 1, [
      /\b(?:internal server error|bad gateway|gateway time-?out|50[0234] (?:internal|bad|service|gateway))/,
    ]),
    by.text(2.2, [
      /\bbye (?:connection (?:is )?closed|server shutting down)/,
      /command error\. 1\d/,
    ]),
    by.text(2.5, /an unexpected error (?:has )?occurred/),
    by.text(WEIGHT.suggests, [/server_busy/, /server ?busy/, /storeunavailable/]),
    // In Microsoft's own response these beat every AADSTS number: an outage never means a lost grant.
    and(
      by.oauth(WEIGHT.overrides + 1, 'temporarily_unavailable', 'server_error'),
      by.kind(1, 'refused'),
    ),
    and(by.kind(WEIGHT.overrides + 1, 'unavailable', 'malformed'), ({ codes }) => codes.length > 0),
    by.oauth(WEIGHT.names, 'temporarily_unavailable'),
    by.oauth(WEIGHT.names - 1, 'server_error'),
    (parsed) =>
      parsed.imapCode === 'unavailable' || parsed.imapCode === 'serverbug' ? WEIGHT.names : 0,
    by.meaning(3, ...LOST),
    by.meaning(0.8, ...TIMED_OUT),
    by.response(0.9, 'imap not connected'),
    by.response(0.1, 'imap refused', 'smtp refused'),
    by.text(2.5, [/timed out while authenticating/, /timeout-auth/, /authentication timed? ?out/]),
  ],
  modifiers: [
    by.fact(1.8, 'intermittent', true),
    by.fact(0.7, 'workedBefore', true),
    // Permanent for a login as a shared mailbox.
    by.text(-1.2, /server error.{0,60}\bprx\d/),
    by.fact(-1.5, 'workedBefore', false),
  ],
  ask: [questions.intermittent, questions.serviceHealth],
}

export const checkerUnavailable: Cause = {
  slug: 'checker-unavailable',
  title: 'The service that logs in to mail servers did not respond',
  explanation:
    'The mail server was not contacted, because the checker, which makes the login, is unavailable. This says nothing about the mailbox.',
  responsible: 'operator',
  retryable: true,
  fixes: [
    'Check that the checker is running, that CHECKER_URL points to it, and that CHECKER_KEY is the same on both sides.',
  ],
  docs: ['https://developers.cloudflare.com/workers/runtime-apis/fetch/'],
  indicators: [by.kind(WEIGHT.names + 2, 'checker_unavailable')],
}

export const mailHostNotAllowed: Cause = {
  slug: 'mail-host-not-allowed',
  title: 'The credential must not be sent to this server',
  explanation:
    "No connection was made, because the server[[ {configuredServer}]] isn't allowed to receive the token or password, or its address is private.",
  responsible: 'operator',
  fixes: [
    "Use Microsoft's server of the mailbox's cloud, such as {imapHost} or {smtpHost}.",
    {
      risk: 'To use your own server, ask your Mailgrant administrator to add it to EXTRA_OAUTH_MAIL_HOSTS. A private address also requires ALLOW_PRIVATE_HOSTS.',
    },
  ],
  docs: [docs.popImap],
  indicators: [
    by.kind(WEIGHT.names + 2, 'host_not_allowed', 'private_address'),
    by.mailgrantProblem('mail_host_not_allowed'),
  ],
}
