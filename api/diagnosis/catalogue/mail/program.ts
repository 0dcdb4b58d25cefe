/** Faults of the program that logs in: missing abilities and missing settings. */
import { OWN_RECORD, questions } from '../../questions.ts'
import { and, anyOf, type Cause, not, WEIGHT, where } from '../cause.ts'
import { ofProgram, ofReading } from '../conditions.ts'
import { docs } from '../docs.ts'
import { onlyFor, unless } from '../fixes.ts'
import * as by from '../indicators.ts'
import { saidBy } from '../proof.ts'
import { afterAcceptedLogin, loginRefused, notAuthenticated } from '../submission.ts'

/** Matches words of the program itself. */
const saidByProgram = where(1, ({ source }) => source === 'program')

/** Words of Cyrus SASL without a plug-in that works. */
const CYRUS =
  /no worthy mechs|no mechanism available|sasl mechanism\(s\) not available|invalid parameter supplied|unable to find a callback/

/** Words of mutt where it has no XOAUTH2 of its own. */
const HANDED_TO_SASL = /\bmutt_sasl_cb_log\b.{1,40}no worthy mechs/

const POSTFIX = /\bpostfix\b|cannot authenticate to server /
const MUTT = /\b(?:neo)?mutt(?:_|\b)|\bimap_authenticate\(\)/
/** Programs for which there is a fix of their own. */
const isKnownProgram = anyOf(by.text(1, CYRUS), ofProgram(POSTFIX), ofProgram(MUTT))

export const clientMechanismUnavailable: Cause = {
  slug: 'client-mechanism-unavailable',
  title: 'The program and the server have no login method in common',
  explanation:
    'The program has no XOAUTH2, lacks the plug-in for it, or tried to log in before starting TLS, when Exchange offers no login method. No token was sent, so no account or app setting helps.',
  responsible: 'operator',
  sources: ['program', 'mail_server', 'other_server'],
  fixes: [
    onlyFor(by.text(1, HANDED_TO_SASL), [
      'mutt hands XOAUTH2 to Cyrus SASL, as versions before 2.0 do (mutt -v). Update it to 2.0 or newer.',
    ]),
    onlyFor(ofProgram(MUTT), [
      'In mutt 2.0 and newer and in NeoMutt, set imap_authenticators or smtp_authenticators to "xoauth2", and imap_oauth_refresh_command or smtp_oauth_refresh_command to a command that prints an access token.',
    ]),
    unless(ofReading, {
      text: 'SMTP, port 587: the program must use STARTTLS before it logs in. After STARTTLS and EHLO the server must list AUTH LOGIN XOAUTH2. If it does not, another server or a TLS inspection responds.',
      command: 'openssl s_client -starttls smtp -crlf -connect {smtpHost}:587',
    }),
    unless((parsed) => parsed.protocol === 'smtp' || by.text(1, CYRUS)(parsed) > 0, {
      text: 'IMAP, port 993 with TLS from the start: choose OAuth2 or XOAUTH2 in the program. After "a CAPABILITY" the server must list AUTH=XOAUTH2.',
      command: 'openssl s_client -crlf -connect {imapHost}:993',
    }),
    onlyFor(by.text(1, CYRUS), {
      text: 'Programs with Cyrus SASL (isync, older mutt) need a plug-in for XOAUTH2. On Debian and Ubuntu it is libsasl2-modules-kdexoauth2.',
      command: 'sudo apt-get install libsasl2-modules-kdexoauth2',
      unless: ofProgram(POSTFIX),
    }),
    onlyFor(ofProgram(POSTFIX), {
      text: 'Postfix as a client: use sasl-xoauth2, or hand the mail to msmtp by pipe. libsasl2-modules-kdexoauth2 prompts for the token, to which Postfix can\'t respond ("invalid parameter supplied").',
      url: 'https://github.com/tarickb/sasl-xoauth2',
    }),
    unless(isKnownProgram, [
      'Use a version with XOAUTH2 (PHPMailer 6, MailKit instead of System.Net.Mail.SmtpClient, nodemailer with type OAuth2, Python imaplib with authenticate, fetchmail 7). Perl needs your own Authen::SASL::Perl::XOAUTH2 class. swaks, dma and nullmailer have none.',
    ]),
    'If {program} cannot, put a proxy that logs in with OAuth in front of it (email-oauth2-proxy, DavMail).',
  ],
  docs: [docs.mailOAuth, 'https://learn.microsoft.com/en-us/dotnet/api/system.net.mail.smtpclient'],
  indicators: [
    and(
      by.meaning(WEIGHT.names - 1, 'mechanism-not-offered', 'mechanism-unknown-to-program'),
      saidByProgram,
    ),
    by.text(WEIGHT.names - 1, [
      /no worthy mechs/,
      /no mechanism available/,
      /no (?:suitable |supported |compatible |common |acceptable |usable )?auth(?:entication)? (?:mechanisms?|methods?)/,
      /(?<!basic )auth(?:entication)? (?:extension |mechanism |method |type )?(?:'?xoauth2'? )?(?:is )?not (?:supported|advertised|available)/,
      /(?:unsupported|unknown|unrecogni[sz]ed) auth(?:entication)? (?:mechanism|method)/,
      /(?:unsupported|unknown) auth(?:entication)? type/,
      /does(?: not|n't) support (?:smtp )?(?:auth\b|authentication|xoauth2|sasl)/,
    ]),
    and(
      by.meaning(WEIGHT.suggests + 0.5, 'component-missing'),
      by.text(1, /sasl|xoauth|\bauth|mech/),
    ),
    by.text(WEIGHT.suggests + 0.5, /unable to find a callback/),
    // The server asked for what the program's mechanism does not send, or refused a token with a challenge.
    and(by.meaning(3, 'unexpected-challenge'), saidByProgram),
    by.text(WEIGHT.names - 1, /cannot authenticate to server .{1,120}: invalid parameter supplied/),
    and(notAuthenticated(2.5), not(loginRefused)),
    by.text(WEIGHT.suggests - 0.3, [/unrecognized authentication type/, /5\.7\.4\b/]),
    by.text(2, /missing credentials for/),
  ],
  modifiers: [
    by.fact(WEIGHT.excludes, 'otherProtocol', 'ok'),
    by.fact(-1, 'workedBefore', true),
    by.fact(-2, 'intermittent', true),
    afterAcceptedLogin(WEIGHT.excludes),
    where(-3, ({ text, meanings }) => /basic ?auth/.test(text) || meanings.has('token-missing')),
    where(0.7, ({ facts: { raw } }) => raw.port === 25 || raw.port === 587),
  ],
  ask: [questions.offeredMechanisms, questions.settings],
}

/** Words of programs that cannot send so long a command. */
const LONG_COMMAND = /increase smtp_maxcmdlen|overlong write_command|oauth token is too big/

export const authLineTooLong: Cause = {
  slug: 'auth-line-too-long',
  title: 'The login message is too long for one line',
  explanation:
    'Access tokens of work accounts are 1,500 to 2,500 characters long. Sent in the same line as the command AUTH XOAUTH2, such a token exceeds what many SMTP servers read in one line: 512 octets by the standard, 2,048 in Postfix. The server cuts or refuses the line, or the program does not send it. The token itself has not been evaluated.',
  responsible: 'operator',
  sources: ['program', 'mail_server', 'other_server'],
  fixes: [
    {
      text: 'Use a version of the program that sends AUTH XOAUTH2 alone, waits for 334 and then sends the token on its own line (RFC 4954, section 4).',
      otherPrograms: true,
    },
    unless(by.text(1, LONG_COMMAND), {
      text: 'Raise the limit of the mail server. Postfix: line_length_limit, or smtpd_sasl_response_limit for a token of more than 9,000 characters.',
      command: 'postconf -e line_length_limit=8192 && postfix reload',
    }),
    {
      text: 'msmtp sends tokens of up to about 3,020 bytes, and Exim as a client of up to 4 kB. Use another program, or build msmtp with a larger SMTP_MAXCMDLEN.',
      first: by.text(1, LONG_COMMAND),
      otherPrograms: true,
    },
  ],
  docs: [
    'https://www.rfc-editor.org/rfc/rfc4954#section-4',
    'https://www.postfix.org/postconf.5.html#line_length_limit',
  ],
  login: 'token',
  proof: saidBy('other_server', [
    /\b500 5\.5\.6 sasl response limit exceeded\b/,
    /\b500 5\.5\.[26] (?:error: )?(?:line|command line|authentication exchange line) (?:is )?too long\b/,
  ]),
  indicators: [
    by.kind(WEIGHT.names + 1, 'line_too_long'),
    by.text(WEIGHT.names + 1, LONG_COMMAND),
    by.text(WEIGHT.names + 1, [
      /\b500 5\.5\.6\b/,
      /sasl response limit/,
      /command line (?:is )?too long/,
      /auth(?:entication)? (?:exchange|response|command) (?:line )?(?:is )?too (?:long|large)/,
    ]),
    and(
      by.text(WEIGHT.names, /\bline (?:is )?too long/),
      ({ stage, text }) => stage === 'auth' || /\bauth\b|xoauth2/.test(text),
    ),
    // Usually the token was cut off, but it may have been damaged before.
    by.text(WEIGHT.names - 0.6, /base64 data in initial response/),
    // The line can also be one of the message.
    by.text(5.2, /\b500[ -](?:5\.5\.[26] )?.{0,30}\bline (?:is )?too long\b/),
    by.text(WEIGHT.names - 0.6, /\b421\b.{0,60}\berror: too long\b/),
  ],
  modifiers: [where(-3, ({ stage }) => stage === 'send')],
  ask: [questions.tokenLength],
}

export const tokenCommandFailed: Cause = {
  slug: 'token-command-failed',
  title: 'The command that fetches the token failed',
  explanation:
    'The program runs a command for its access token, and the command ended with an error or printed nothing. No login was attempted. The reason is what the command wrote to stderr, which some programs discard.',
  responsible: 'operator',
  retryable: true,
  fixes: [
    {
      text: 'Run the command by hand, as the user that the program runs as and without your own environment (env -i). It must print only the token, and exit with 0.',
      command: `env -i /bin/sh -c '<command>'; echo "exit $?"`,
    },
    'Check the exit status of mailgrant-token. 69: a person must act first, such as signing in again in Mailgrant. 75: try again at the next run. 77: the API key is not valid or lacks the right to fetch this token. 78: the key file or the address is wrong. Diagnose the line that ends in a code such as (reconnect_required).',
    'Under cron or systemd, use full paths, and make the API key file readable for that user. /docs/mail-programs of your Mailgrant has settings for many programs.',
  ],
  docs: [
    docs.mailOAuth,
    'https://marlam.de/msmtp/msmtp.html',
    'https://www.getmail6.org/configuration.html',
  ],
  indicators: [
    by.text(WEIGHT.names - 0.8, [
      /\bexternal program error \(/,
      /\bcannot read output of ['"`]/,
      /\bcommand returned (?:an )?empty string\b|\bunable to run refresh command\b/,
      /\bpasscmd (?:exited with|produced no output|crashed|failed)/,
      /\bfailed to read password: (?:.{0,200}: )?(?:exit status|signal)\b/,
      /\btoken\b[^;]{0,160} returned non-zero exit status\b/,
      /\b(?:token|password|refresh|credential)[ -](?:command|cmd|program|script)\b[^;]{0,60} (?:failed|exited|produced no|returned no)/,
    ]),
    by.text(WEIGHT.suggests, /\bmailgrant-token: /),
  ],
  modifiers: [
    // A reply shows that there was a token.
    where(
      -4,
      ({ responses, vague, source }) => !vague && responses.size > 0 && source === 'mail_server',
    ),
  ],
  ask: [questions.tokenCommand],
}

/** A runtime's words for a value that the program's code or settings did not provide. */
const PROGRAM_ERROR = [
  /\b(?:type|key|attribute|name|value)error: /,
  /must be of (?:the )?type .{1,40}(?:null|none|undefined) given/,
  /undefined (?:index|array key|offset|variable|property)/,
  /cannot read propert/,
  /null ?(?:pointer|reference)exception/,
  /argument(?:null)?exception/,
]

/** Names of what a program needs for mail. */
const MAIL_SETTING =
  /token|mail|imap|smtp|o?auth|password|credential|client|tenant|secret|scope|username/

/** Replies to a greeting that is not valid. */
const BAD_GREETING = /\bbad helo\b|\b501 5\.5\.4 invalid domain name/

export const programSettings: Cause = {
  slug: 'program-settings',
  title: "The program's own settings or stored data are at fault",
  explanation:
    'The program stopped because of its own configuration: a setting is empty or invalid, a file or key is missing, or it is not allowed to read or write its token file. Microsoft was not contacted, or its response was fine.',
  responsible: 'operator',
  sources: ['program', 'system', 'callback'],
  fixes: [
    onlyFor(by.text(1, BAD_GREETING), [
      "If the server rejects the greeting (5.7.506, 5.5.4): EHLO must contain the sending machine's own name, in ASCII and without an underscore.",
    ]),
    unless(by.text(1, BAD_GREETING), [
      "Enter the setting of the message in the program's settings, environment or .env file, and restart the program.",
    ]),
    onlyFor(by.text(1, /\btoken|\.json\b|permission denied|no such file/), [
      'A token file must be readable and writable by the service account, and written by the program itself.',
    ]),
    onlyFor(by.text(1, /\bdecrypt|\bencrypt|\bhmac\b|\bmac is invalid/), [
      "If one of the program's encryption keys has changed, put the old one back, or sign in again.",
    ]),
  ],
  docs: [docs.mailOAuth],
  indicators: [
    and(
      by.meaning(WEIGHT.names - 1, 'setting-missing', 'setting-invalid', 'token-file-unreadable'),
      saidByProgram,
    ),
    by.meaning(WEIGHT.suggests + 0.5, 'type-error', 'local-permission'),
    by.meaning(0.8, 'program-fault'),
    by.meaning(
      3.5,
      'component-missing',
      'token-missing',
      'scope-invalid',
      'runtime-cannot-call-out',
    ),
    by.text(WEIGHT.suggests + 0.5, [
      /(?:no such file or directory|permission denied|filenotfound).{0,80}(?:token|config|\.env|\.json|secret|\.conf|rc\b)/,
      /(?:token|config|\.env|secret)[a-z0-9_./'" ]{0,60}(?:no such file|permission denied|not found|unreadable)/,
      /(?:missing|required) (?:required )?(?:parameter|option|setting|argument|environment variable|config(?:uration)?)/,
      /(?:password|user ?name|host|port|client ?_?(?:id|secret)|tenant ?_?(?:id)?|redirect ?_?uri|setting|option|variable)s? (?:is|are|must be|was) (?:required|not (?:set|configured|defined|given)|empty|missing)/,
      /the mac is invalid|hmac does not match|decrypt(?:ion)? (?:failed|error)/,
    ]),
    by.text(WEIGHT.names, BAD_GREETING),
    // A folder that the program is to open, or the whole mailbox.
    by.meaning(2.5, 'mailbox-unavailable'),
    and(
      by.text(3.4, PROGRAM_ERROR),
      ({ stage, text }) => stage !== undefined || MAIL_SETTING.test(text),
    ),
  ],
  modifiers: [
    by.fact(-2.5, 'workedBefore', true),
    by.fact(-2, 'intermittent', true),
    by.text(-3, OWN_RECORD),
    // Every kind of program has errors like these.
    where(-4, ({ subject }) => subject !== 'microsoft mail'),
    // Sign-in pages and the token endpoint find fault with settings in similar words.
    where(-1.7, ({ protocol }) => protocol === 'authorize' || protocol === 'token'),
    // A server's reply shows that the program got further than its settings.
    where(
      -3,
      ({ responses, codes, vague, meanings }) =>
        !vague && responses.size + codes.length > 0 && !meanings.has('mailbox-unavailable'),
    ),
  ],
  ask: [questions.otherClient],
}
