/** Connections to a server: host names, ports, firewalls. */
import type { ParsedReport } from '../../parse/parse-report.ts'
import { questions } from '../../questions.ts'
import type { ByProtocol } from '../../report.ts'
import { and, type Cause, WEIGHT, where } from '../cause.ts'
import { ofReading } from '../conditions.ts'
import { docs } from '../docs.ts'
import { instead, onlyFor, unless } from '../fixes.ts'
import {
  hasGreeted,
  isAtMicrosoft,
  isLoopback,
  isMicrosofts,
  isOthersHost,
  ofOtherProvider,
  portOf,
} from '../hosts.ts'
import * as by from '../indicators.ts'
import { onlyIf, saidBy } from '../proof.ts'
import {
  isClearOnImplicitPort,
  isImplicitOnClearPort,
  isLostAtUnknownServer,
  LOST,
  NO_ROUTE,
  TIMED_OUT,
  UNRESOLVED,
} from './connection.ts'

/** Ports of other mail protocols than the one in use, and of plain IMAP and POP. */
const OTHER_PORTS: ByProtocol<readonly number[]> = {
  imap: [25, 80, 110, 143, 443, 465, 587, 995, 2525],
  smtp: [80, 110, 143, 443, 465, 993, 995],
  network: [110, 143, 465, 995, 2525],
}

/** Port of Microsoft's server. */
const USUAL_PORT: ByProtocol<number> = { imap: 993, smtp: 587 }

/** Ports that Microsoft does not offer, but others do. */
const OTHERS_PORTS = [143, 465, 2525]

function isOtherPort(parsed: ParsedReport): boolean {
  const { host } = parsed.facts.raw
  const isOthers = host !== undefined && !isMicrosofts(parsed) && !isLoopback(parsed)
  const port = portOf(parsed) ?? 0
  if (isOthers && OTHERS_PORTS.includes(port)) return false
  return OTHER_PORTS[parsed.protocol]?.includes(port) ?? false
}

/** A mail port of this machine, in the spellings of error texts. */
const LOOPBACK_PORT =
  /(?:127\.0\.0\.1|\[?::1\]?|\blocalhost)['"]?(?::| ?, ?(?:port:? )?| port[ =:]{1,2})(?:25|110|143|465|587|993|995|1025|2525)\b/

const failsOnLoopback = (parsed: ParsedReport) => LOOPBACK_PORT.test(parsed.text)

/** Detects the greeting of an IMAP server in a report about sending. */
const greetsAsImap = ({ protocol, text }: ParsedReport) =>
  protocol === 'smtp' &&
  /\* ok (?:\[capability imap4|[^*]{0,60}\bimap4? [^*]{0,20}\bready\b)/.test(text)

export const dnsFailure: Cause = {
  slug: 'dns-failure',
  title: 'The server name cannot be resolved',
  explanation:
    'The name of the mail or sign-in server could not be turned into an address: it is misspelt, contains a space, or the machine has no working DNS.',
  responsible: 'operator',
  effect: 'cool_down',
  fixes: [
    'Check the host name for typos and spaces. Microsoft: {imapHost} for IMAP, {smtpHost} for SMTP, {login} for sign-in.',
    {
      text: 'Resolve the name on the same machine, in the same container and as the same account (Windows; on Linux: getent hosts name). A container and a chroot (Postfix) have their own resolv.conf.',
      command: 'Resolve-DnsName {host}',
    },
  ],
  docs: [
    'https://github.com/osTicket/osTicket/issues/6875',
    'https://github.com/tarickb/sasl-xoauth2/issues/70',
  ],
  proof: saidBy('system', [
    // Node, libc, Python, Java, Windows and .NET, Go, curl, PHP
    /\b(?:getaddrinfo|querya{0,4}) (?:enotfound|eai_again|eai_noname|eai_nodata)\b/,
    /[:\])] ?(?:name or service not known|temporary failure in name resolution|no address associated with hostname|nodename nor servname provided, or not known)\b/,
    /\bunknownhostexception: [\w.-]{1,253}/,
    /\bno such host is known\b/,
    /\bthe remote name could not be resolved\b/,
    /\blookup [\w.-]{1,253}(?: on [^ ]{1,60})?: (?:no such host|server misbehaving|i\/o timeout|temporary failure in name resolution)/,
    /\bcurl: \(6\) could not resolve host\b|\bcurl error 6: could not resolve host\b|\bcould not resolve host: [\w.-]{3,253}/,
  ]),
  indicators: [by.meaning(WEIGHT.names, ...UNRESOLVED), by.kind(WEIGHT.names, 'dns')],
  modifiers: [where(1, ({ stage }) => stage === 'dns')],
  ask: [questions.settings, questions.route],
}

export const networkBlocked: Cause = {
  slug: 'network-blocked',
  title: 'The network blocks the connection',
  explanation:
    'The server could not be reached at {server}. A firewall, the hosting company or the internet provider drops this port.',
  responsible: 'operator',
  effect: 'cool_down',
  fixes: [
    {
      text: 'Check whether the port is reachable from this machine (Linux and macOS; on Windows: Test-NetConnection host -Port port).',
      command: 'nc -vz {host} {port}',
    },
    "Allow outgoing TCP to 993 (IMAP), 587 (SMTP) and 443 (sign-in) in the firewall, the cloud provider's security group, and at the hosting company.",
    unless(ofReading, [
      'Most hosting companies block port 25, and some 465 and 587. Log in on port 587 with STARTTLS, or send through Microsoft Graph over HTTPS. Microsoft does not offer 465.',
    ]),
    'If only IPv6 fails, make the program use IPv4.',
  ],
  docs: [
    'https://github.com/jstedfast/MailKit/issues/243',
    'https://github.com/nodemailer/nodemailer/issues/691',
  ],
  proof: onlyIf(
    isAtMicrosoft,
    saidBy('system', /\bconnect(?: failed)?:? (?:ehostunreach|enetunreach|no route to host)\b/),
  ),
  indicators: [
    by.meaning(WEIGHT.suggests + 1, 'connection-timeout', ...NO_ROUTE),
    // Timeouts that do not mention what was awaited.
    by.meaning(3.3, ...TIMED_OUT),
    by.meaning(WEIGHT.suggests, 'connection-refused'),
    by.meaning(2.5, 'connect-failed'),
    by.meaning(1.8, ...LOST),
    by.kind(WEIGHT.suggests, 'connect', 'unreachable', 'timeout'),
    by.meaning(3, 'proxy-failed', 'proxy-refused'),
  ],
  modifiers: [
    where(-2.5, ({ stage }) => stage === 'auth' || stage === 'select' || stage === 'send'),
    where(2.3, isLostAtUnknownServer),
    where(0.7, ({ stage }) => stage === 'connect' || stage === 'greeting'),
    by.fact(-1, 'intermittent', true),
    where(-2, isOtherPort),
    where(1, (parsed) => portOf(parsed) === 25 && parsed.protocol !== 'imap'),
    where(-3, (parsed) => isLoopback(parsed) || failsOnLoopback(parsed)),
    where(-3, (parsed) => isClearOnImplicitPort(parsed) || isImplicitOnClearPort(parsed)),
  ],
  ask: [questions.route, questions.settings],
}

export const wrongPortOrHost: Cause = {
  slug: 'wrong-port-or-host',
  title: 'The host or port is missing, or belongs to another service',
  explanation:
    'The program connects to the port of another protocol or to a default such as localhost instead of the mail server, or its automatic configuration found no server.[[ The configured server is {configuredServer}.]]',
  variants: [
    {
      onlyFor: greetsAsImap,
      title: 'The outgoing server is set to an IMAP server',
      explanation:
        'The program wanted to send (SMTP), but an IMAP server responded[[ ({configuredServer})]]. Its login was not tried.',
    },
  ],
  responsible: 'operator',
  fixes: [
    instead(
      (parsed) => greetsAsImap(parsed) && isOthersHost(parsed),
      "In the outgoing settings of {program}, replace the IMAP server with the provider's SMTP server and its port, usually 465 with TLS or 587 with STARTTLS.[[ Its name is probably {outgoingHost}.]]",
    ),
    onlyFor(greetsAsImap, [
      "In the outgoing settings of {program}, replace the IMAP server with the provider's SMTP server and its port.",
    ]),
    unless(ofOtherProvider, [
      'IMAP: {imapHost}, port 993, TLS from the start. SMTP: {smtpHost}, port 587, STARTTLS (personal accounts: smtp-mail.outlook.com). 995 is POP; Microsoft does not offer 465 for SMTP or 143 for IMAP.',
    ]),
    onlyFor(by.meaning(1, 'mail-server-not-discovered'), [
      'If Autodiscover found no server, choose manual set-up and enter this server.',
    ]),
    unless(greetsAsImap, [
      "Check the program's log for the address it connects to. localhost port 25 means that it never read its host setting, or has cached an old one.",
    ]),
  ],
  docs: [docs.popImap],
  sources: ['program', 'system', 'tls', 'other_server', 'mail_server'],
  indicators: [
    by.meaning(2, 'connection-refused'),
    by.meaning(1.5, ...TIMED_OUT, 'connect-failed', ...LOST, ...NO_ROUTE),
    by.kind(1.5, 'connect', 'timeout', 'protocol'),
    by.text(WEIGHT.suggests + 1, [
      /(?:econnrefused|refused|connect)[^a-z]{1,12}(?:127\.0\.0\.1|::1|localhost)/,
    ]),
    and(
      by.text(WEIGHT.suggests + 1, LOOPBACK_PORT),
      by.meaning(1, 'connection-refused', ...TIMED_OUT, 'connect-failed', ...LOST),
    ),
    by.text(2, [/timed out while authenticating/, /timeout-auth/, /authentication timed? ?out/]),
    by.meaning(WEIGHT.suggests + 1, 'not-a-mail-server'),
    where(WEIGHT.names, greetsAsImap),
    // Counts only if nothing else was understood, since a log may mention Autodiscover on the way to the login.
    and(
      by.meaning(WEIGHT.suggests - 0.5, 'mail-server-not-discovered'),
      ({ source }) => source === 'summary',
    ),
    and(
      by.text(WEIGHT.suggests, /(?:unexpected|invalid|bad) (?:greeting|banner|response(?! code))/),
      // A challenge shows that the right service responded.
      where(1, ({ meanings }) => !meanings.has('unexpected-challenge')),
    ),
    // May be a local proxy, so never certain.
    and(
      by.response(0.3, 'imap refused', 'smtp refused'),
      (parsed) => isLoopback(parsed) && !hasGreeted(parsed),
    ),
  ],
  modifiers: [
    where(1.5, isLostAtUnknownServer),
    where(4, isOtherPort),
    where(4, isLoopback),
    where(2, (parsed) => (parsed.facts.raw.host ?? '') !== '' && !isMicrosofts(parsed)),
    where(
      -2,
      (parsed) =>
        isMicrosofts(parsed) &&
        parsed.facts.raw.port === (USUAL_PORT[parsed.protocol] ?? USUAL_PORT.imap),
    ),
    // The greeting shows that the server speaks this protocol, whatever is configured.
    where(2 * WEIGHT.excludes, hasGreeted),
    by.fact(-2, 'workedBefore', true),
    // A refused login has reached a server that speaks the protocol.
    where(
      -4,
      (parsed) =>
        parsed.source !== 'system' && parsed.meanings.has('login-refused') && !isLoopback(parsed),
    ),
  ],
  ask: [questions.settings],
}
