/**
 * Ways to make a mail program show what the server answered. Many print a sentence of their own in its
 * place, so that no question about the account helps before the reply is known.
 */
import type { ParsedReport } from './parse/parse-report.ts'
import type { Question } from './questions.ts'

type ProgramLog = {
  /** Names and sentences by which the program is recognised in a text, or as the stated library. */
  program: RegExp
  how: string
  /** Sentences that hide the reply although they look like one. */
  misleading?: RegExp
}

const NO_TOKEN = 'Remove the token from it before you show it to anyone.'

const LOGS: readonly ProgramLog[] = [
  {
    program: /\bcurl: \(\d|^curl\b/,
    how: 'What does curl -v print? Without -v, curl hides the reply of the server.',
  },
  {
    program: /\bphpmailer\b|\bsmtp error: could not (?:authenticate|connect)/,
    how: 'What does PHPMailer print with $mail->SMTPDebug = 2? Its own sentence hides the reply of the server.',
  },
  {
    program: /\bnet_smtp\b|\binvalid response code received from server\b/,
    how: 'What does Net_SMTP print after $smtp->setDebug(true), or what does $smtp->getResponse() hold? Its own sentence hides the reply of the server.',
  },
  {
    program: /\bgetmail(?:rc|6)?\b(?!\()/,
    how: 'What does getmail --trace print?',
  },
  {
    program: /\bmsmtp\b/,
    how: 'What does msmtp --debug print?',
  },
  {
    program: /\bneomutt\b/,
    how: 'What does neomutt -d 2 -l /tmp/neomutt.log write to that file?',
  },
  {
    program: /\bmutt(?:_|\b)|\bsmtp session failed\b|^sasl authentication failed\b/,
    how: 'What does mutt -d 2 write to ~/.muttdebug0? After a refused login mutt sends a further line and shows the answer to that one ("Unrecognized command").',
    misleading: /\bsmtp session failed: 500 5\.3\.3\b/,
  },
  {
    program: /\bmbsync\b|\bisync\b|\bpasscmd\b/,
    how: 'What does mbsync -V -Dn print?',
  },
  {
    program: /\bfetchmail\b/,
    how: 'What does fetchmail -v -v --nodetach --nosyslog print? With a plugin, also: what does the plugin print when you run it by hand?',
    misleading: /\bsocket error while fetching\b/,
  },
  {
    program: /\boffline_?imap/,
    how: 'What does offlineimap -o -d imap print?',
  },
  {
    program: /\baerc\b/,
    how: 'What does aerc > aerc.log write with log-level = debug in aerc.conf?',
  },
  {
    program: /\bs-nail\b|\bmailx\b/,
    how: 'What does s-nail -v -v print?',
  },
  {
    program: /\bexim\b|\bauthentication required but authentication attempt/,
    how: 'What does exim -d -M (message ID) print?',
  },
  {
    program: /\baioimaplib\b/,
    how: "What does aioimaplib log with logging.getLogger('aioimaplib').setLevel(logging.DEBUG)? Its xoauth2() does not raise: check the result before the next command.",
  },
  {
    program: /\bimaplib\b|\bimapclient\b|\bimap_tools\b/,
    how: 'What does Python print with imaplib.Debug = 4?',
  },
  {
    program: /\bsmtplib\b/,
    how: 'What does Python print after server.set_debuglevel(1)?',
  },
  {
    program: /\bmailkit\b/,
    how: 'What does MailKit write with new ImapClient(new ProtocolLogger("mail.log")), or the same with SmtpClient?',
  },
  {
    program:
      /\bthunderbird\b(?! for android)|\blogin to server .{1,120} with username .{1,120} failed\b/,
    how: 'What does Thunderbird write with MOZ_LOG=IMAP:5 and MOZ_LOG_FILE=(file)? For sending: what does its error console show with mailnews.smtp.loglevel = All?',
  },
  {
    program: /\bnodemailer\b|\bimapflow\b/,
    how: 'What does the library log with the options logger: true and debug: true?',
  },
  {
    program: /\bja(?:va|karta)x?\.mail\b/,
    how: 'What does Java print with mail.debug=true (session.setDebug(true))?',
  },
  {
    program: /\bmail::imapclient\b|\bnet::smtp\b|\bauthen::sasl\b/,
    how: 'What does the Perl module print with Debug => 1?',
  },
]

/** Returns the question for the log of the program, unless its text shows a server's reply. */
export function logQuestion({ text, source, facts, codes }: ParsedReport): Question | undefined {
  const log =
    LOGS.find(({ program }) => program.test(text)) ??
    LOGS.find(({ program }) => program.test(facts.raw.library ?? ''))
  if (!log || codes.length > 0) return undefined
  const hidesReply = source === null || source === 'summary' || source === 'program'
  return hidesReply || log.misleading?.test(text) ? { text: `${log.how} ${NO_TOKEN}` } : undefined
}
