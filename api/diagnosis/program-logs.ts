/**
 * Ways to make a mail program show the server's reply. Many programs hide it behind their own sentence, and no other
 * question helps before it is known.
 */
import type { ParsedReport } from './parse/parse-report.ts'
import type { Question } from './questions.ts'
import type { ByProtocol } from './report.ts'

/**
 * `program`: names and sentences by which the program is recognised in a text, or as the stated library.
 * `misleading`: sentences that hide the reply although they look like one.
 */
type ProgramLog = readonly [program: RegExp, how: string, misleading?: RegExp]

const NO_TOKEN = 'Remove passwords and tokens from it before you show it to anyone.'

/** Replies that separate the causes of a refused login, each with the kind of login that can get it. */
const REPLIES: ByProtocol<readonly [kind: 'any' | 'password' | 'token', reply: string][]> = {
  smtp: [
    [
      'any',
      '535 5.7.139 with "SmtpClientAuthentication is disabled": SMTP AUTH is off for the mailbox or the organisation.',
    ],
    ['password', '535 5.7.139 with "security defaults": the organisation accepts no password.'],
    [
      'any',
      '535 5.7.3: the user name, the password or the token is wrong, or no password is accepted.',
    ],
  ],
  imap: [
    ['password', '"LOGIN failed" or "AUTHENTICATE failed": Microsoft accepts only OAuth.'],
    [
      'token',
      '"AUTHENTICATE failed" after a token: it has expired, is for another service or user, or IMAP is off for the mailbox.',
    ],
    ['any', 'A timeout or a refused connection: the network blocks the port.'],
  ],
}

const LOGS: readonly ProgramLog[] = [
  [/\bcurl: \(\d|^curl\b/, "What does curl -v print? Without -v, curl hides the server's reply."],
  [
    /\bphpmailer\b|\bsmtp error: could not (?:authenticate|connect)/,
    "What does PHPMailer print with $mail->SMTPDebug = 2? Its own sentence hides the server's reply.",
  ],
  [
    /\bnet_smtp\b|\binvalid response code received from server\b/,
    "What does Net_SMTP print after $smtp->setDebug(true), or what does $smtp->getResponse() hold? Its own sentence hides the server's reply.",
  ],
  [
    /\bswift(?:_|mailer\b)/,
    'What does the server reply, after $mailer->registerPlugin(new Swift_Plugins_LoggerPlugin(new Swift_Plugins_Loggers_EchoLogger())) in SwiftMailer? Its own sentence hides the reply.',
  ],
  [
    /\bcannot login, user or password wrong\b.{0,200}\boauthimap\b/,
    'What does GLPI show at the end of the log under Setup > OAuth IMAP applications > (application) > OAuth authorisation > Diagnose, with a timeout of at least 15? Its own sentence is the same for every refusal, so it does not show that a password is wrong.',
  ],
  [
    /\b(?:laminas|zend)\\mail\\|\bcannot login, user or password wrong\b/,
    'What does the server reply to the same login? Laminas Mail hides the reply and writes "user or password wrong" for every refusal, so that sentence does not show that a password is wrong.',
  ],
  [
    /\bimap_open\b/,
    "What does imap_last_error() return after imap_open()? The warning itself hides the server's reply.",
  ],
  [/\bgetmail(?:rc|6)?\b(?!\()/, 'What does getmail --trace print?'],
  [/\bmsmtp\b/, 'What does msmtp --debug print?'],
  [/\bneomutt\b/, 'What does neomutt -d 2 -l /tmp/neomutt.log write to that file?'],
  [
    /\bmutt(?:_|\b)|\bsmtp session failed\b|^sasl authentication failed\b/,
    'What does mutt -d 2 write to ~/.muttdebug0? After a refused login, mutt sends one more line and shows the reply to that one ("Unrecognized command").',
    /\bsmtp session failed: 500 5\.3\.3\b/,
  ],
  [/\bmbsync\b|\bisync\b|\bpasscmd\b/, 'What does mbsync -V -Dn print?'],
  [
    /\bfetchmail\b/,
    'What does fetchmail -v -v --nodetach --nosyslog print? With a plugin, also: what does the plugin print when you run it by hand?',
    /\bsocket error while fetching\b/,
  ],
  [/\boffline_?imap/, 'What does offlineimap -o -d imap print?'],
  [/\baerc\b/, 'What does aerc > aerc.log write with log-level = debug in aerc.conf?'],
  [/\bs-nail\b|\bmailx\b/, 'What does s-nail -v -v print?'],
  [
    /\bexim\b|\bauthentication required but authentication attempt/,
    'What does exim -d -M (message ID) print?',
  ],
  [
    /\baioimaplib\b/,
    "What does aioimaplib log with logging.getLogger('aioimaplib').setLevel(logging.DEBUG)? Its xoauth2() does not raise: check the result before the next command.",
  ],
  [/\bimaplib\b|\bimapclient\b|\bimap_tools\b/, 'What does Python print with imaplib.Debug = 4?'],
  [/\bsmtplib\b/, 'What does Python print after server.set_debuglevel(1)?'],
  [
    /\bmailkit\b/,
    'What does MailKit write with new ImapClient(new ProtocolLogger("mail.log")), or the same with SmtpClient?',
  ],
  [
    /\bthunderbird\b(?! for android)|\blogin to server .{1,120} with username .{1,120} failed\b/,
    'What does Thunderbird write with MOZ_LOG=IMAP:5 and MOZ_LOG_FILE=(file)? For sending: what does its error console show with mailnews.smtp.loglevel = All?',
  ],
  [
    /\bnodemailer\b|\bimapflow\b/,
    'What does the library log with the options logger: true and debug: true?',
  ],
  [
    /\bja(?:va|karta)x?\.mail\b/,
    'What does Java print with mail.debug=true (session.setDebug(true))?',
  ],
  [
    /\bmail::imapclient\b|\bnet::smtp\b|\bauthen::sasl\b/,
    'What does the Perl module print with Debug => 1?',
  ],
]

/**
 * Returns the question for the log of the program; undefined for an unknown program, or if the text shows a server's
 * reply or an AADSTS number.
 */
export function logQuestion({
  text,
  source,
  facts,
  codes,
  protocol,
  subject,
}: ParsedReport): Question | undefined {
  const log =
    LOGS.find(([program]) => program.test(text)) ??
    LOGS.find(([program]) => program.test(facts.raw.library ?? ''))
  if (!log || codes.length > 0) return undefined
  const [, how, misleading] = log
  const hidesReply = source === null || source === 'summary' || source === 'program'
  if (!hidesReply && !misleading?.test(text)) return undefined
  const replies = subject === 'other provider' ? [] : (REPLIES[protocol] ?? [])
  const sent = facts.password ?? (/\bimap_open\b/.test(text) ? true : undefined)
  const other = sent ? 'token' : 'password'
  const possible = replies.filter(([kind]) => sent === undefined || kind !== other)
  return { text: [`${how} ${NO_TOKEN}`, ...possible.map(([, reply]) => reply)].join('\n') }
}
