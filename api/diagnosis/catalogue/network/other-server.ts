/** Servers that respond in place of Microsoft's, or that were configured instead. */
import type { ParsedReport } from '../../parse/parse-report.ts'
import { questions } from '../../questions.ts'
import { and, type Cause, not, WEIGHT, where } from '../cause.ts'
import { docs } from '../docs.ts'
import { unless } from '../fixes.ts'
import {
  GOOGLES_TOKEN,
  isLoopback,
  isMicrosofts,
  isOthersHost,
  namesMicrosoftsServer,
  ofGoogle,
  ofOtherProvider,
  repliedByExchange,
} from '../hosts.ts'
import * as by from '../indicators.ts'
import { onlyIf, saidBy } from '../proof.ts'
import { LOST, suitsPort, UNRESOLVED } from './connection.ts'

/** Hosting companies and their software, as their greetings and certificates name them. */
const HOSTING =
  /\besmtp exim\b|hostinger|secureserver|webhost|hosting|strato|one\.com|server\d{1,4}\./

/** The greeting or the words of a mail server that only another product has. */
const OTHER_PRODUCT =
  /\bgimap\b|\bgsmtp\b|badcredentials|application-specific password|\bdovecot\b|\bdavmail\b|\bzimbra\b|mail_max_userip|incorrect authentication data|5\.7\.8 error: authentication failed/

/** Words of mbsync for a challenge after the token. */
const MORE_STEPS = /\bwants more steps despite successful sasl authentication\b/

const expectsMicrosoft = (parsed: ParsedReport) =>
  isMicrosofts(parsed) || ((parsed.facts.raw.host ?? '') === '' && namesMicrosoftsServer(parsed))

/** Returns true for a pasted IMAP or SMTP error without a host. Only its text can show the provider. */
const isInOthersText = ({ observed, interpretation: { protocol }, facts: { raw } }: ParsedReport) =>
  !observed && (raw.host ?? '') === '' && (protocol === 'imap' || protocol === 'smtp')

export const notMicrosoftsServer: Cause = {
  slug: 'not-microsofts-server',
  title: "The mail server that responded is not Microsoft's",
  explanation:
    "The response came from another provider's mail server[[ ({configuredServer})]], or from your own proxy such as DavMail or email-oauth2-proxy. That server knows neither Microsoft's tokens nor its settings.",
  variants: [
    {
      onlyFor: (parsed) => ofGoogle(parsed) && MORE_STEPS.test(parsed.text),
      title: "Google's server refused the token",
      explanation:
        'After a login with XOAUTH2, the server[[ {configuredServer}]] asks for one more response only to report an error. So it refused the token, whatever the message says about success. Microsoft was not involved.',
      docs: [docs.googleXoauth2],
    },
    {
      onlyFor: ofOtherProvider,
      title: "The server is another provider's, not Microsoft's",
      explanation:
        "The server[[ {configuredServer}]] belongs to another provider. It does not accept Microsoft's tokens, and no setting at Microsoft affects it.",
    },
  ],
  responsible: 'operator',
  fixes: [
    GOOGLES_TOKEN,
    {
      text: 'If the mailbox is at another provider, sign in with that provider instead. A Microsoft token is not accepted there.',
      first: ofOtherProvider,
    },
    'If the mailbox is at Microsoft, use {imapHost} port 993 for IMAP and {smtpHost} port 587 for SMTP (personal accounts: smtp-mail.outlook.com). The MX record of its domain usually ends in mail.protection.outlook.com (nslookup -type=mx).',
    unless(ofOtherProvider, [
      "If your own proxy responded on purpose, its log contains Microsoft's response.",
    ]),
  ],
  docs: [docs.popImap, 'https://doc.dovecot.org/latest/core/config/auth/databases/oauth2.html'],
  sources: ['other_server', 'mail_server', 'program'],
  indicators: [
    and(by.text(WEIGHT.suggests + 1, OTHER_PRODUCT), not(isMicrosofts)),
    by.meaning(WEIGHT.suggests, 'other-mail-server', 'preauth-greeting'),
    // A user's own proxy is there on purpose, and its messages are more specific than its name.
    by.text(1.5, /email.?oauth.?2(?:\.0)?.?proxy/),
    and(by.response(2.5, 'imap refused', 'smtp refused', 'imap login failed'), isOthersHost),
    // Whatever went wrong there, Microsoft had no part in it.
    where(
      1.5,
      (parsed) => isOthersHost(parsed) && ofOtherProvider(parsed) && parsed.protocol !== 'token',
    ),
    where(3.5, (parsed) => isInOthersText(parsed) && ofOtherProvider(parsed)),
  ],
  modifiers: [
    where(2, isOthersHost),
    where(1.5, isLoopback),
    where(-2.5, isMicrosofts),
    // A server that Mailgrant itself logs in to was configured on purpose.
    where(2 * WEIGHT.excludes, ({ observed }) => observed),
    // Nothing shows that the mailbox is at Microsoft, but if it is, this is the cause.
    where(1, ({ subject }) => subject === 'other system' || subject === 'other provider'),
    where(-4, ({ text }) => /outlook\.com\]|prod\.outlook|microsoft exchange/.test(text)),
  ],
  ask: [questions.settings],
}

export const smtpRedirectedByHost: Cause = {
  slug: 'smtp-redirected-by-host',
  title: "Another server responds at Microsoft's SMTP address",
  explanation:
    "The program connects to Microsoft's SMTP server, but another mail server responds. Some hosting companies, routers and antivirus programs redirect outgoing SMTP to a server of their own, which has a different certificate and does not know the account.",
  responsible: 'operator',
  fixes: [
    {
      text: "See which server responds: greeting and certificate must be Microsoft's.",
      command: 'openssl s_client -starttls smtp -connect {smtpHost}:587',
    },
    {
      risk: 'cPanel: turn off WHM > Tweak Settings > "Restrict outgoing SMTP to root, exim, and mailman" (also "SMTP Restrictions"), or ask the hosting company to allow port 587 to {smtpHost}.',
    },
    'Otherwise send through Microsoft Graph over HTTPS, or from another machine.',
    'Leave certificate verification on. If it was off, that server got the password or token: change the password, and sign in again.',
  ],
  docs: ['https://docs.cpanel.net/whm/server-configuration/tweak-settings/'],
  sources: ['other_server', 'mail_server', 'tls'],
  proof: [
    // A user's own relay greets, too, before it passes on Exchange Online's reply.
    onlyIf(
      (parsed) => expectsMicrosoft(parsed) && !repliedByExchange(parsed),
      saidBy('other_server', /\b220[- ][^ ]{1,80} esmtp (?:exim|postfix|sendmail)\b/),
    ),
    onlyIf(
      (parsed) => expectsMicrosoft(parsed) && by.text(1, HOSTING)(parsed) > 0,
      saidBy('tls', [
        /\bpeer certificate cn=.{1,100} did not match expected cn=.{1,100}/,
        /\bx509: certificate is valid for .{1,200}, not .{1,100}/,
      ]),
    ),
  ],
  indicators: [
    and(by.meaning(WEIGHT.names + 1.5, 'certificate-name'), by.text(1, HOSTING), expectsMicrosoft),
    and(
      by.meaning(3.5, 'certificate-name'),
      (parsed) => expectsMicrosoft(parsed) && parsed.protocol !== 'imap',
    ),
    and(
      by.meaning(WEIGHT.names, 'other-mail-server', 'relay-refused'),
      (parsed) => expectsMicrosoft(parsed) && parsed.protocol !== 'imap',
    ),
    and(
      by.text(WEIGHT.names, /\besmtp (?:exim|postfix|sendmail)|incorrect authentication data/),
      expectsMicrosoft,
    ),
    // The program uses the TLS mode of the port, but the response is not TLS.
    and(by.meaning(3.5, 'not-tls'), (parsed) => expectsMicrosoft(parsed) && suitsPort(parsed)),
    by.text(WEIGHT.names - 0.5, [
      /smtp (?:is |was |traffic )?(?:being )?redirect|redirect\w{0,4} .{0,30}\bsmtp\b/,
    ]),
  ],
  modifiers: [where(-5, ({ text }) => /5\.7\.64|tenantattribution/.test(text))],
  ask: [questions.greeting, questions.issuer],
}

export const localRelayNotMicrosoft: Cause = {
  slug: 'local-relay-not-microsoft',
  title: 'A local mail relay responded; Microsoft was not reached',
  explanation:
    "The program gave its mail to a relay or a test server on this machine or network (sendmail, Postfix, MailHog), which refused it or does not run. If Microsoft responded, its response is in that relay's log.",
  responsible: 'operator',
  fixes: [
    {
      text: "Read the relay's log and queue. The line with relay={smtpHost} contains Microsoft's response: diagnose that.",
      command: 'postqueue -p; journalctl -u postfix -n 50',
    },
    'Without a relay: set {smtpHost}, port 587 and STARTTLS in the program, clear its configuration cache and restart it (Laravel: MAIL_MAILER=smtp, MAIL_HOST, then php artisan config:clear). For PHP, choose SMTP instead of mail() or sendmail.',
    'With Postfix as relay: relayhost = [{smtpHost}]:587, smtp_sasl_auth_enable = yes, smtp_tls_security_level = encrypt, and for tokens sasl-xoauth2.',
  ],
  docs: ['https://www.postfix.org/SASL_README.html#client_sasl'],
  sources: ['other_server', 'mail_server', 'system', 'program'],
  indicators: [
    and(by.meaning(WEIGHT.suggests + 1, 'relay-refused'), not(expectsMicrosoft)),
    by.text(WEIGHT.names - 0.5, [
      /sendmail\b.{0,40}(?:not found|no such file|exit(?:ed)? (?:with )?(?:code|status)|exitstatus|could not be executed)|(?:could not|cannot|can't|unable to|failed to) (?:execute|open|start|find|run):? .{0,30}sendmail/,
      /could not instantiate mail function|\bmail\(\)(?: function)? (?:returned false|failed|is disabled|has been disabled)/,
    ]),
    and(
      by.text(WEIGHT.overrides + 1, [
        /\b(?:mailhog|mailpit|mailcatcher|maildev|mailtrap|smtp4dev)\b/,
      ]),
      by.meaning(
        1,
        ...UNRESOLVED,
        'connect-failed',
        ...LOST,
        'connection-refused',
        'connection-timeout',
      ),
    ),
  ],
  modifiers: [where(1.5, isLoopback), where(-3, isMicrosofts)],
  ask: [questions.settings],
}

export const proxyRefused: Cause = {
  slug: 'proxy-refused',
  title: 'A proxy or web filter refused the connection',
  explanation:
    "The program connects through a proxy, and the proxy asks for a login (407), forbids the host or port (403), or can't be reached. Microsoft received nothing.",
  responsible: 'operator',
  effect: 'cool_down',
  fixes: [
    "407: enter the proxy's login in the program, or let this machine through the proxy without one.",
    '403 or a page of a web filter: allow CONNECT to {login} port 443, {imapHost} port 993 and {smtpHost} port 587. If the proxy allows only port 443, mail needs a direct route.',
    {
      text: 'Check which proxy the service uses: HTTPS_PROXY, NO_PROXY, system settings, and the settings of the account that it runs as.',
      command: 'curl -sSv -o /dev/null {login}/common/v2.0/.well-known/openid-configuration',
    },
  ],
  docs: [docs.microsoftHosts, 'https://everything.curl.dev/usingcurl/proxies/index.html'],
  sources: ['other_server', 'system', 'token_endpoint', 'program'],
  proof: saidBy('other_server', [
    /\bconnect tunnel failed, response 40[37]\b|\breceived http code 40[37] from proxy after connect\b/,
    /\b407 proxy authentication required\b|\b\(407\) proxy authentication required\b/,
  ]),
  indicators: [
    by.meaning(WEIGHT.names + 1, 'proxy-refused'),
    by.meaning(WEIGHT.names + 0.5, 'proxy-failed'),
    by.meaning(WEIGHT.suggests, 'web-page-in-place'),
  ],
  modifiers: [where(-3, ({ text }) => /proxy(?:auth|ing|addresses|ed)|client access/.test(text))],
  ask: [questions.route],
}
