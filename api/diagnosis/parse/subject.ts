/**
 * Detects texts of systems that have nothing to do with mail at Microsoft. Their words ("authentication
 * failed", "invalid_grant") are the same, so that only the names in the text tell them apart.
 */
import { joinPatterns } from './join-patterns.ts'

/**
 * `other provider`: mail or sign-in of another provider, where the same things go wrong. `unknown`: no name, no
 * protocol and no error number shows which system the text is about.
 */
export type Subject = 'microsoft mail' | 'unknown' | 'other provider' | 'other system'

/** Mail and sign-in services of other providers, whose protocols are the same as Microsoft's. */
const OTHER_PROVIDER =
  /\bgsmtp\b|(?<!getmail-)\bgmail\b|googlemail|google(?:apis|usercontent)?\.(?:com|auth)|\bgoogle\b|\byahoo(?:\.com|dns)?\b|\bicloud\b|\bmail\.me\.com|appleid\.|\bzoho\b|smtppro|fastmail|\bgmx\.(?:net|de|com)|\bweb\.de\b|\bt-online\.de|\baol\.com|\byandex\.|\bmail\.ru\b|\bprotonmail|\bionos\.|\bovh\.net|amazonses|email-smtp\.|\bmailgun\b|\bsendgrid\b|postmarkapp|\bsparkpost|mandrillapp|\bbrevo\b|mailjet|\bspamhaus\b|\brspamd\b|\bdoveadm\b|\bdovecot: |\bdovecot\[|postfix\/smtpd\b/

/** Programs, formats and services that neither read nor send mail, nor sign users in at Microsoft. */
const OTHER_SYSTEM = joinPatterns([
  // Databases and queues
  /\bpostgres|\bpsql\b|\bpg_hba|sqlstate|\bmysql|\bmariadb|\(using password: |\bora-\d{5}|\btns:|\boracle\.jdbc|sqlclient|\bmssql|sql server|\bmongo|\bredis\b|ioredis|\bnoauth authentication|\bwrongpass\b|elasticsearch|\[elastic\]|opensearch|rabbitmq|\bamqp|access_refused|\bkafka|\bmqtt\b|cassandra|sqlite3?[._]|clickhouse|\bport (?:22|389|636|1433|1521|3306|5432|6379|9200|27017)\b|:(?:1433|1521|3306|5432|6379|9200|27017)\b/,
  // Source code, packages, containers, clouds
  /\bgit(?:hub|lab|ea)?(?:@|\.com|\.io)|\bfatal: unable to access|\.git\b|bitbucket|\bghcr\.io|publickey|\bssh:|\bsshd?\b|\bkex_exchange|host key verification|paramiko|\bsftp\b|\bnpm err|npmjs|\bpypi\b|\/simple\/|\bmaven\b|rubygems|\bdocker\b|kubelet|kubernetes|\bkubectl|\bhelm\b|terraform|\bansible\b|\baws\b|amazonaws|botocore|invalidclienttokenid|\bgcloud\b|\bjenkins\b|acme:error|let's encrypt/,
  // Directories and sign-in elsewhere
  /\bldap|javax\.naming|\bsimple bind\b|kerberos|\bkinit\b|krb5|krb_ap|\bkrbtgt\b|\bradius\b|\bprimary domain\b|\bdomain controller\b|ms-chap|\bsaml2?\b|urn:oasis|keycloak|\/realms\/|\bokta\b|\bauth0\b|cognito|shibboleth/,
  // Services with sign-ins of their own
  /stripe|paypal|\bslack\b|"ok":false|salesforce|\bxero\b|twitter|facebook|\bshopify|\bdropbox|\btwilio|\bhubspot|atlassian\.net/,
  // Other protocols, devices, and pages
  /\bsip\/2\.0|chan_sip|asterisk|openvpn|\bikev[12]\b|strongswan|wireguard|\bsmb(?:client)?\b|nt_status_|\bnfs\b|\bftp>|vsftpd|proftpd|\bpassive mode\b|\bnntp\b|\bnews\.|urn:ietf:params:xml:ns:xmpp|\bxmpp\b|managesieve|caldav|carddav|webdav|nextcloud|bluez|wlan\d|dnssec|unbound|\bhost -t |\bdig @?|nslookup|named\[|cors policy|csrf (?:token|verification)|wordpress|phpmyadmin|paper jam|\br=dnslookup t=/,
])

/** Names of Microsoft's mail and sign-in, misspelt hosts included. */
const MICROSOFT =
  /microsoft(?!\.data\b| sql)|aadsts|tenantidorname|\bcommon endpoint|\bentra\b|azure|office ?365|\bo365\b|\bm365\b|offi?ce\.com|outlo?o?k|hotmail|\blive\.(?:com|net)|\bmsn\.com|\bexchange|\bmsal|\baka\.ms|windows\.net/

/** Words of mail programs. With these, another system is a bystander in a log. */
const MAIL =
  /\bimap|\bsmtp|\bpop3|curl: \(67\)|\binvalid response code received from server\b|xoauth|\bmailbox|e-?mail account|\bmailer\b|javax?\.mail|jakarta\.mail|(?:access|refresh)_token/

/** Reads the names in a clean text and in the host beside it. `hasProtocol`: given, or found in the text. */
export function subjectOf(text: string, host: string, hasProtocol: boolean): Subject {
  const named = `${text} ${host}`
  if (MICROSOFT.test(named)) return 'microsoft mail'
  if (OTHER_PROVIDER.test(named)) return 'other provider'
  if (MAIL.test(text)) return 'microsoft mail'
  if (OTHER_SYSTEM.test(text)) return 'other system'
  return hasProtocol ? 'microsoft mail' : 'unknown'
}
