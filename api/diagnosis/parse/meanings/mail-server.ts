/** Meanings: replies of Microsoft's mail servers, in all quotations. */
import type { Meaning } from './meaning.ts'

export const mailServerMeanings = [
  {
    name: 'authenticated-not-connected',
    source: 'mail_server',
    stage: 'select',
    patterns: [/\bauth[a-z]{3,14}d,? but (?:is )?not (?:yet )?connected/],
  },
  {
    name: 'throttled',
    source: 'mail_server',
    stage: 'select',
    patterns: [/\brequest is throttled|suggested backoff time/],
  },
  {
    name: 'session-expired',
    source: 'mail_server',
    stage: 'select',
    patterns: [/\bsession invalidated\b|\baccesstokenexpired\b/],
  },
  {
    name: 'password-login-disabled',
    source: 'mail_server',
    stage: 'auth',
    patterns: [/\bbasic auth(?:entication)? is disabled/],
  },
  {
    name: 'mechanism-disabled',
    source: 'mail_server',
    stage: 'auth',
    patterns: [
      /\bsmtpclientauth(?:entication)? is disabled/,
      /\b5\.7\.4\b|\bunrecogni[sz]ed authentication type/,
    ],
  },
  {
    name: 'tls-version',
    source: 'mail_server',
    stage: 'tls',
    patterns: [
      /\b4\.7\.66\b/,
      /\btls ?1\.0 (?:and|or) (?:tls ?)?1\.1 (?:are|is) (?:not|no longer) supported/,
    ],
  },
  {
    name: 'policy-refusal',
    source: 'mail_server',
    stage: 'auth',
    patterns: [
      /\blocked by your organi[sz]ation's security defaults/,
      /\bdid not meet the criteria to be authenticated/,
      /\b5\.7\.139\b.{0,80}\bconditional access/,
    ],
  },
  {
    name: 'login-refused',
    source: 'mail_server',
    stage: 'auth',
    patterns: [
      // Exchange writes the command's name. Programs that report a failure write "authentication failed".
      /(?<!retrying |the |xoauth2 )\bauthenticate failed\b/,
      // Its full stop tells Exchange's "LOGIN failed." from a program's "Login failed".
      /(?:^|["'[:(,\]]|\b(?:no|exception|returned|response|settings)|\bserver\.) ?login failed\.(?!\w)/,
      /\b(?:[a-z]{0,6}\d{1,8}|response|returned|error|failure|imap|reply|replied)[:,]? no:? login failed/,
      /\b(?:logon|authentication) failure: unknown user ?name or bad password/,
      /\b535\b.{0,40}\bauthentication unsuccessful/,
      /\b5\.7\.(?:3|139)\W{1,3}authentication unsuccessful/,
      /\bauthentication unsuccessful \[[a-z0-9]{6,20}\.[a-z0-9]{3,12}\.prod\./,
      /\bauthentication unsuccessful, the user credentials were incorrect/,
      // The challenge that follows a refused token, plain or in base64.
      /["']status["']: ?["']?40[01]\b.{0,20}["']schemes["']|\beyjzdgf0dxmi/,
      // The server's status as curl quotes it, and the status in a refused token's challenge.
      /\baccess denied\. n\b|\bcurl: \(67\) authentication failed: \d/,
      /\bfailed to authenticate: 40[01]\b|sentstep: status: 40[01]\b/,
      /\boauthbearer authentication error\b|\bauth xoauth2 failed\b|\boauth2 asked for more\b/,
    ],
  },
  {
    name: 'sender-refused',
    source: 'mail_server',
    stage: 'send',
    patterns: [
      /sendasdenied|\bnot allowed to send as\b/,
      /\b(?:does not|doesn't) have permissions? to send as (?:this|the) sender/,
      /\b5\.7\.60\b|\b5\.2\.252\b/,
    ],
  },
  {
    name: 'recipient-refused',
    source: 'mail_server',
    stage: 'send',
    patterns: [
      /\bunable to relay\b|\brelay access denied\b|\btenantattribution\b|\b5\.7\.54\b/,
      /\brecipients? (?:failed|rejected|refused)\b.{0,120}\b5\.\d\.\d{1,3}\b/,
      /\b(?:rcpt|recipients?)\b(?: to)?(?: command)? (?:failed|rejected|refused)\W{1,4}[45]\d\d\b/,
    ],
  },
  {
    name: 'auth-required',
    source: 'mail_server',
    stage: 'send',
    patterns: [
      /\bclient (?:was |is )?not authenticated\b/,
      /\b5\.7\.57\b/,
      /\bstarttls is required to send mail/,
      /\bserver requires authentication\b/,
    ],
  },
  {
    name: 'size-limit',
    source: 'mail_server',
    stage: 'send',
    patterns: [
      /\bmessage size exceeds\b(?! (?:the )?server(?:'s)? limit)|\bmaximum size of appendable message\b|\b5\.3\.4\b/,
      /\b552\b.{0,60}\bmessage\b.{0,20}\bsize\b/,
    ],
  },
  {
    name: 'too-many-connections',
    source: 'mail_server',
    stage: 'send',
    patterns: [/\bconcurrent connections? limit exceeded/],
  },
  {
    name: 'throttled',
    source: 'mail_server',
    stage: 'send',
    patterns: [
      /\bsender thread limit\b|\b4\.7\.500\b|\bsubmission ?quota ?exceeded\b/,
      /\bserver busy\b.{0,40}\btry again later/,
      /\b5\.1\.90\b|\b4\.7\.90\b|\b5\.2\.2(?:2)?\b.{0,40}\bquota\b/,
    ],
  },
  {
    name: 'too-many-connections',
    source: 'mail_server',
    stage: 'greeting',
    patterns: [/\bconnection limit (?:reached|exceeded)|\breason\W{1,4}too many connections/],
  },
  {
    name: 'policy-refusal',
    source: 'mail_server',
    stage: 'greeting',
    patterns: [
      /\bclient host (?:\S{1,60} )?blocked\b(?! using (?:barracuda|proofpoint))|\bremote access denied: 5\d\d\b/,
    ],
  },
  {
    name: 'unavailable',
    source: 'mail_server',
    stage: 'auth',
    patterns: [
      /\[sys\/temp\]/,
      /\btemporary (?:authentication failure(?!\. \[[\w.-]{1,60}:\d{4}-)|server error)/,
      /\[unavailable\] server is unavailable/,
    ],
  },
  {
    name: 'unavailable',
    source: 'mail_server',
    stage: 'greeting',
    patterns: [
      /(?<!smtp transient error: )\b(?:421|4\.3\.2) service not available/,
      /\b(?:response|responded|code|greeting|banner|rejected)\b.{0,20}\b421\b/,
      /\bnegative welcome\b|\binvalid greeting received from server: no\b/,
      /\bserver (?:has )?(?:unexpectedly )?(?:rejected|refused) (?:the )?connection/,
      /\bserver is not accepting \w{2,8} connections/,
    ],
  },
  {
    name: 'connection-closed',
    source: 'mail_server',
    stage: 'greeting',
    consequence: true,
    patterns: [/\* bye\b.{0,20}\bconnection is closed/],
  },
  {
    name: 'connection-closed',
    source: 'mail_server',
    stage: 'select',
    consequence: true,
    patterns: [/(?<!protocol error\. )\bconnection (?:is )?closed\. \d{1,3}\b/],
  },
  {
    name: 'unavailable',
    source: 'mail_server',
    stage: 'select',
    patterns: [/\b(?:no|bad|-err) server unavailable\. \d\d/],
  },
  {
    name: 'mailbox-unavailable',
    source: 'mail_server',
    stage: 'auth',
    patterns: [/\b550 mailbox cannot be accessed/],
  },
  {
    name: 'mailbox-unavailable',
    source: 'mail_server',
    stage: 'token_exchange',
    patterns: [/\bmailboxnotenabledforrestapi\b/],
  },
  {
    name: 'mailbox-unavailable',
    source: 'mail_server',
    stage: 'select',
    patterns: [
      /\bno \[b'\S{1,60} is not available/,
      /\bselect failed: mailbox (?:does not|doesn't) exist/,
    ],
  },
  {
    name: 'wrong-service',
    source: 'mail_server',
    stage: 'greeting',
    patterns: [/\bgreeting\b.{0,20}\* ok\b/],
  },
  {
    name: 'bad-command',
    source: 'mail_server',
    stage: 'greeting',
    patterns: [/\b5\.5\.4\b|\binvalid domain name\b/],
  },
  {
    name: 'starttls-not-offered',
    source: 'mail_server',
    stage: 'tls',
    patterns: [/\bstarttls\b.{0,30}\bfailed\b.{0,20}\b50[0-4]\b/],
  },
  {
    name: 'bad-command',
    source: 'mail_server',
    stage: 'auth',
    patterns: [
      /\bcommand (?:argument )?error\b\. 1\d|\bcommand argument error\b/,
      /\bbad invalid characters in atom/,
      /\bcommand received in invalid state/,
      /-err command is not valid/,
      /\bprotocol error\. \d{1,3}\b|\bprotocol error\. connection is closed/,
      /\bunrecogni[sz]ed command 'auth/,
      /\binvalid response in the authentication handshake/,
      /\b5\.5\.124\b|\binvalid xoauth2\b|\bcannot base64-decode\b/,
    ],
  },
  {
    name: 'sending-refused',
    source: 'mail_server',
    stage: 'send',
    patterns: [
      /\bstoredrv\b|\boutboundspamexception\b|\bbad outbound sender\b/,
      /\b5\.7\.(?:23[0-9]|50[0-9]|51[0-9]|6[0-4][0-9]|68|7[0-5][0-9])\b/,
      /\baccess denied, (?:banned|bad|tenant|traffic|message|ip)\b/,
      /\b5\.(?:1\.(?:[0-8]|10)|4\.1)\b.{0,60}\b(?:recipient|address|resolver|mailbox)/,
      /\b(?:mail|rcpt|data) failed: [45]\d\d\b/,
    ],
  },
  {
    name: 'login-refused',
    source: 'mail_server',
    stage: 'auth',
    // With a tag before it this is Dovecot's reply.
    patterns: [/(?<!\bno )\[authenticationfailed\] authentication failed/],
  },
  {
    name: 'bad-command',
    source: 'mail_server',
    stage: 'select',
    patterns: [/\bno (?:idle|select|examine|status|append|fetch|list) failed\b/],
  },
  {
    name: 'smtp-reply',
    source: 'mail_server',
    stage: 'send',
    patterns: [/\brequested (?:mail )?action (?:not taken|aborted)/],
  },
  {
    // Some reply of some server, if nothing says more.
    name: 'smtp-reply',
    source: 'mail_server',
    stage: 'greeting',
    consequence: true,
    patterns: [/\b421\b[ :,-]{1,3}4\.\d{1,3}\.\d{1,3}\b/],
  },
  {
    name: 'smtp-reply',
    source: 'mail_server',
    stage: 'auth',
    consequence: true,
    patterns: [/\b(?:432|454|50[0-4]|53[0-8])\b[ :,-]{1,3}\W{0,3}b?['"]?[245]\.\d{1,3}\.\d{1,3}\b/],
  },
  {
    name: 'smtp-reply',
    source: 'mail_server',
    stage: 'send',
    consequence: true,
    patterns: [/\b(?:45[0-2]|55[0-4])\b[ :,-]{1,3}\W{0,3}b?['"]?[245]\.\d{1,3}\.\d{1,3}\b/],
  },
] as const satisfies readonly Meaning[]
