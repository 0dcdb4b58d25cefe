/** Meanings of texts of proxies and other servers that respond in Microsoft's place. */
import { meaningsOf } from './meaning.ts'

const otherServer = meaningsOf('other_server')

export const otherServerMeanings = [
  otherServer('proxy-refused', 'connect', [
    /proxy authentication required|\bproxy\b.{0,120}\b40[37]\b|\b407\b.{0,60}\bproxy\b|status code '?407\b|returned an error: \(407\)/,
    /err_tunnel_connection_failed|from proxy after connect|connect tunnel failed, response|tunnel (?:connection )?(?:failed|through proxy)|proxy tunnel request/,
    /through proxy .{1,120} failed: http|failed to connect to .{1,100}: http\/1\.[01] \d{3}/,
    /\bsocks ?v?(?:\d[a-z]?)?\b.{0,60}(?:refused|not allowed)|\b(?:refused|not allowed|denied|rejected) by (?:the )?socks|\b(?:response|status)(?: code)? (?:for|to) connect\b|reply from socks|eidsocks\w{0,40}error/,
    /proxy server could not connect|proxy (?:returns|returned|replied|answered|denied)|proxyerror\('cannot connect to proxy\.', \w{0,30}error\('(?:tunnel|proxy)/,
  ]),
  otherServer(
    'web-page-in-place',
    { stage: 'token_exchange', anyStage: ['refresh', 'client_credentials', 'token_exchange'] },
    [
      /\b(?:web|url|content|dns) ?filter(?:ing|ed)?\b|web ?page blocked|(?:fortiguard|zscaler|blue ?coat|cisco umbrella|sophos|barracuda|websense|forcepoint)\b.{0,80}\b(?:block|den|not allowed)|captive portal/,
      /http body: access denied|access denied (?:by|-) (?:your |the |our )?(?:web|proxy|network|firewall|security gateway)/,
      /invalid response: 40[34] |blocked by (?:the |your )?(?:firewall|antivirus|proxy|isp)|administratively prohibited/,
    ],
  ),
  otherServer('not-a-mail-server', 'greeting', [
    /(?:greeting|response|reply|line|unexpected|error_proto|banner)\b.{0,60}http\/1\.[01]\b/,
    /\(-1, b'\/1\.[01] \d{3}/,
    /\bappears? (?:that )?(?:you are |to be )(?:connecting to )?an? (?:pop3?|smtp|imap|web|http) server/,
    /not a status response|\bnot an? (?:imap|smtp|pop3) server|\bserver is not (?:an? )?(?:imap|smtp|pop3?)\b/,
    /\+ok .{0,60}pop3|pop3? (?:server|service) (?:is )?ready/,
  ]),
  otherServer('other-mail-server', 'auth', [
    // Google
    /\bgimap\b|\bgsmtp\b|5\.7\.8 username and password not accepted|badcredentials|\[authenticationfailed\] (?:login )?invalid credentials|application-specific password|5\.7\.9 |webloginrequired|support\.google\.com/,
    // Dovecot
    /no \[(?:authenticationfailed|auth)\] authentication failed|mail_max_userip_connections|\[unavailable\] temporary authentication failure|introspection failed|oauth2 failed:/,
    /(?:clear|plain) ?text authentication (?:is )?(?:disallowed|not allowed) (?!on insecure)|authentication disallowed on non-secure/,
    /error in imap command received by server|too many invalid imap commands|\bno unsupported authentication (?:mechanism|method)/,
    // Postfix, hMailServer, Exim, Courier, Zimbra, Yahoo, Apple
    /5\.7\.8 error: authentication failed|535 authentication failed\. restarting|535 incorrect authentication data|\bzimbra\b.{0,60}(?:ready|fail|invalid)|courier-imap|\b(?:yahoo|aol)\b.{0,40}(?:imap|smtp|ready)|imap\.mail\.me\.com/,
    // DavMail
    /535 authentication failed authentication failed|451 error : unknown authentication type|\b530 authentication required/,
    // Proton's and other bridges on the same machine
    /proton ?mail bridge|email-oauth2-proxy\b.{0,80}(?:no |fail)/,
  ]),
  otherServer('gateway-refused', 'send', [
    // Gateways in front of a mail server, which Microsoft's servers never mention.
    /\b[45]\d\d\b.{0,160}\b(?:mimecast|barracuda|proofpoint|ironport|messagelabs|fortimail|sophos|trend ?micro)/,
    /\b[45]\d\d\b.{0,120}\bblack-? ?listed\b|\badministrative(?:ly)? prohibit(?:ion|ed)\b/,
  ]),
  otherServer('relay-refused', 'send', [
    /(?<!attribution; )relay access denied|relay(?:ing)? (?:not permitted|denied|is not allowed)|we do not relay|sender verify failed/,
  ]),
  otherServer('other-mail-server', 'greeting', [
    /\bdovecot\b.{0,20}ready|\bdavmail\b.{0,20}(?:ready|esmtp|gateway)/,
    /\b220[- ][^ ]{1,80} esmtp (?:exim|postfix|sendmail|haraka|opensmtpd)|\besmtp (?:exim|postfix|sendmail)\b|220[- ].{0,60}(?:mailhog|mailpit|hmailserver|mdaemon)/,
  ]),
  // Servers built with go-smtp.
  otherServer('other-mail-server', 'send', [/\b5\.0\.0 error: transaction failed/]),
  // A server that claims to be logged in already is not Microsoft's, or someone intercepts the connection.
  otherServer('preauth-greeting', 'greeting', [
    /preauth .{0,30}unencrypted|\bgreet\w{0,4} [^.;]{0,20}\bpreauth\b/,
  ]),
  // Microsoft's replies have an enhanced status code after the number.
  otherServer('bare-smtp-reply', { stage: 'auth', consequence: true }, [
    /^(?:454|50[1-4]|53[0-8])[ -](?!\d\.|bad gateway|service (?:temporarily )?unavailable|gateway|not implemented|server error|http|internal server)[a-z]/,
  ]),
  otherServer('bare-smtp-reply', { stage: 'send', consequence: true }, [
    /^(?:45[0-2]|55[0-4])[ -](?!\d\.)[a-z]/,
  ]),
  otherServer('bare-smtp-reply', { stage: 'greeting', consequence: true }, [
    /^421[ -](?!\d\.|service (?:temporarily )?unavailable|gateway|server error|http)[a-z]/,
  ]),
  otherServer('connection-refused-by-policy', 'greeting', [/connection refused by policy/]),
]
