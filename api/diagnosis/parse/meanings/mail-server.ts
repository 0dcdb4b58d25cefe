/** Meanings of replies of Microsoft's mail servers, in all forms of quotation. */
import { meaningsOf } from './meaning.ts'

const mailServer = meaningsOf('mail_server')

export const mailServerMeanings = [
  mailServer('authenticated-not-connected', 'select', [
    /\bauth[a-z]{3,14}d,? but (?:is )?not (?:yet )?connected/,
  ]),
  mailServer('throttled', 'select', [/\brequest is throttled|suggested backoff time/]),
  mailServer('session-expired', 'select', [/\bsession invalidated\b|\baccesstokenexpired\b/]),
  mailServer('password-login-disabled', 'auth', [/\bbasic auth(?:entication)? is disabled/]),
  mailServer('mechanism-disabled', 'auth', [
    /\bsmtpclientauth(?:entication)? is disabled/,
    /\b5\.7\.4\b|\bunrecogni[sz]ed authentication type/,
  ]),
  mailServer('tls-version', 'tls', [
    /\b4\.7\.66\b/,
    /\btls ?1\.0 (?:and|or) (?:tls ?)?1\.1 (?:are|is) (?:not|no longer) supported/,
  ]),
  mailServer('policy-refusal', 'auth', [
    /\blocked by your organi[sz]ation's security defaults/,
    /\bdid not meet the criteria to be authenticated/,
    /\b5\.7\.139\b.{0,80}\bconditional access/,
  ]),
  mailServer('login-refused', 'auth', [
    // Exchange writes the command's name. Programs that report a failure write "authentication failed".
    /(?<!retrying |the |xoauth2 )\bauthenticate failed\b/,
    // The full stop distinguishes Exchange's "LOGIN failed." from a program's "Login failed".
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
  ]),
  mailServer('sender-refused', 'send', [
    /sendasdenied|\bnot allowed to send as\b/,
    /\b(?:does not|doesn't) have permissions? to send as (?:this|the) sender/,
    /\b5\.7\.60\b|\b5\.2\.252\b/,
  ]),
  mailServer('recipient-refused', 'send', [
    /\bunable to relay\b|\brelay access denied\b|\btenantattribution\b|\b5\.7\.54\b/,
    /\brecipients? (?:failed|rejected|refused)\b.{0,120}\b5\.\d\.\d{1,3}\b/,
    /\b(?:rcpt|recipients?)\b(?: to)?(?: command)? (?:failed|rejected|refused)\W{1,4}[45]\d\d\b/,
  ]),
  // Said about the sender. What is missing is the step before.
  mailServer('auth-required', 'auth', [
    /\bclient (?:was |is )?not authenticated\b/,
    /\b5\.7\.57\b/,
    /\bserver requires authentication\b/,
  ]),
  mailServer('auth-required', 'tls', [/\bstarttls is required to send mail/]),
  mailServer('size-limit', 'send', [
    /\bmessage size exceeds\b(?! (?:the )?server(?:'s)? limit)|\bmaximum size of appendable message\b|\b5\.3\.4\b/,
    /\b552\b.{0,60}\bmessage\b.{0,20}\bsize\b/,
  ]),
  mailServer('too-many-connections', 'send', [/\bconcurrent connections? limit exceeded/]),
  mailServer('throttled', 'send', [
    /\bsender thread limit\b|\b4\.7\.500\b|\bsubmission ?quota ?exceeded\b/,
    /\bserver busy\b.{0,40}\btry again later/,
    /\b5\.1\.90\b|\b4\.7\.90\b|\b5\.2\.2(?:2)?\b.{0,40}\bquota\b/,
  ]),
  mailServer('too-many-connections', 'greeting', [
    /\bconnection limit (?:reached|exceeded)|\breason\W{1,4}too many connections/,
  ]),
  mailServer('policy-refusal', 'greeting', [
    /\bclient host (?:\S{1,60} )?blocked\b(?! using (?:barracuda|proofpoint))|\bremote access denied: 5\d\d\b/,
  ]),
  mailServer('unavailable', 'auth', [
    /\[sys\/temp\]/,
    /\btemporary (?:authentication failure(?!\. \[[\w.-]{1,60}:\d{4}-)|server error)/,
    /\[unavailable\] server is unavailable/,
  ]),
  mailServer('unavailable', 'greeting', [
    /(?<!smtp transient error: )\b(?:421|4\.3\.2) service not available/,
    /\b(?:response|responded|code|greeting|banner|rejected)\b.{0,20}\b421\b/,
    /\bnegative welcome\b|\binvalid greeting received from server: no\b/,
    /\bserver (?:has )?(?:unexpectedly )?(?:rejected|refused) (?:the )?connection/,
    /\bserver is not accepting \w{2,8} connections/,
  ]),
  mailServer('connection-closed', { stage: 'greeting', consequence: true }, [
    /\* bye\b.{0,20}\bconnection is closed/,
  ]),
  mailServer('connection-closed', { stage: 'select', consequence: true }, [
    /(?<!protocol error\. )\bconnection (?:is )?closed\. \d{1,3}\b/,
  ]),
  mailServer('unavailable', 'select', [/\b(?:no|bad|-err) server unavailable\. \d\d/]),
  mailServer('mailbox-unavailable', 'auth', [/\b550 mailbox cannot be accessed/]),
  mailServer('mailbox-unavailable', 'select', [
    /\bno \[b'\S{1,60} is not available/,
    /\bselect failed: mailbox (?:does not|doesn't) exist/,
  ]),
  mailServer('wrong-service', 'greeting', [/\bgreeting\b.{0,20}\* ok\b/]),
  mailServer('bad-command', 'greeting', [/\b5\.5\.4\b|\binvalid domain name\b/]),
  mailServer('starttls-not-offered', 'tls', [/\bstarttls\b.{0,30}\bfailed\b.{0,20}\b50[0-4]\b/]),
  mailServer('bad-command', 'auth', [
    /\bcommand (?:argument )?error\b\. 1\d|\bcommand argument error\b/,
    /\bbad invalid characters in atom/,
    /\bcommand received in invalid state/,
    /-err command is not valid/,
    /\bprotocol error\. \d{1,3}\b|\bprotocol error\. connection is closed/,
    /\bunrecogni[sz]ed command 'auth/,
    /\binvalid response in the authentication handshake/,
    /\b5\.5\.12[1-6]\b|\binvalid xoauth2\b|\bcannot base64-decode\b/,
  ]),
  mailServer('sending-refused', 'send', [
    /\bstoredrv\b|\boutboundspamexception\b|\bbad outbound sender\b/,
    /\b5\.7\.(?:23[0-9]|240|50[0-9]|51[0-9]|6[0-4][0-9]|68|7[0-5][0-9])\b/,
    /\baccess denied, (?:banned|bad|tenant|traffic|message|ip)\b/,
    /\b5\.(?:1\.(?:[0-8]|10)|4\.1)\b.{0,60}\b(?:recipient|address|resolver|mailbox)/,
    /\b(?:mail|rcpt|data) failed: [45]\d\d\b/,
  ]),
  // With a tag before it this is Dovecot's reply.
  mailServer('login-refused', 'auth', [/(?<!\bno )\[authenticationfailed\] authentication failed/]),
  mailServer('bad-command', 'select', [
    /\bno (?:idle|select|examine|status|append|fetch|list) failed\b/,
  ]),
  mailServer('smtp-reply', 'send', [/\brequested (?:mail )?action (?:not taken|aborted)/]),
  // Any SMTP reply, if nothing more specific was found.
  mailServer('smtp-reply', { stage: 'greeting', consequence: true }, [
    /\b421\b[ :,-]{1,3}4\.\d{1,3}\.\d{1,3}\b/,
  ]),
  mailServer('smtp-reply', { stage: 'auth', consequence: true }, [
    /\b(?:432|454|50[0-4]|53[0-8])\b[ :,-]{1,3}\W{0,3}b?['"]?[245]\.\d{1,3}\.\d{1,3}\b/,
  ]),
  mailServer('smtp-reply', { stage: 'send', consequence: true }, [
    /\b(?:45[0-2]|55[0-4])\b[ :,-]{1,3}\W{0,3}b?['"]?[245]\.\d{1,3}\.\d{1,3}\b/,
  ]),
]
