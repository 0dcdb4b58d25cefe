/** TLS: mode, certificates, versions. */
import { questions } from '../../questions.ts'
import { and, anyOf, type Cause, type Condition, not, WEIGHT, where } from '../cause.ts'
import { ofReading } from '../conditions.ts'
import { docs } from '../docs.ts'
import { instead, onlyFor, unless } from '../fixes.ts'
import { isAtMicrosoft, portOf } from '../hosts.ts'
import * as by from '../indicators.ts'
import { onlyIf, saidBy } from '../proof.ts'
import {
  isClearOnImplicitPort,
  isImplicitOnClearPort,
  isLostAtUnknownServer,
  LOST,
  NOT_TLS,
  suitsPort,
  TIMED_OUT,
  TLS_FAILED,
} from './connection.ts'

const ANTIVIRUS = /avast|eset|proxy|antivirus|firewall|mail ?shield/

/** OpenSSL as a client, when the server chose a version that is too old for it. */
const SERVER_VERSION_REFUSED =
  /\bssl_choose_client_version\b|\bserver selected (?:an )?unsupported protocol version\b/

export const tlsModeMismatch: Cause = {
  slug: 'tls-mode-mismatch',
  title: 'The TLS mode does not match the port',
  explanation:
    'The program used implicit TLS on a port that starts in plaintext, or the other way round. TLS on port 587 ends in "wrong version number"; plaintext on port 993 waits for a greeting until it times out, or is cut off.',
  responsible: 'operator',
  fixes: [
    unless((parsed) => portOf(parsed) === 993, {
      first: (parsed) => portOf(parsed) === 587,
      text: 'Port 587: start in plaintext and switch with STARTTLS (nodemailer secure: false with requireTLS, MailKit StartTls, PHPMailer ENCRYPTION_STARTTLS, Java mail.smtp.starttls.enable).',
    }),
    unless(
      (parsed) => portOf(parsed) === 587,
      'Port 993: TLS from the first byte (secure: true, SslOnConnect, "SSL/TLS"). Microsoft does not offer port 465.',
    ),
  ],
  docs: [docs.smtpAuth],
  sources: ['program', 'system', 'tls', 'other_server', 'mail_server'],
  proof: [
    // If the mode suits the port, another service responds there. At port 443, it is most often a proxy.
    onlyIf(
      (parsed) =>
        !suitsPort(parsed) &&
        !/\bport=443\b|:443\b/.test(parsed.text) &&
        ['imap', 'smtp', 'network'].includes(parsed.protocol),
      saidBy('tls', [
        /\bssl3_get_record:wrong version number\b|\bssl routines:\w{0,40}:wrong version number\b/,
        /\bssl routines\b.{1,80}\bwrong version number\b|\[ssl: wrong_version_number\]|\berr_ssl_wrong_version_number\b/,
        /\bfirst record does not look like a tls handshake\b/,
        /\bhandshake failed due to an unexpected packet format\b/,
        /\bunrecognized ssl message, plaintext connection\?|\bunsupported or unrecognized ssl message\b/,
      ]),
    ),
    saidBy('mail_server', /\b530 5\.7\.0 must issue a starttls command first\b/),
  ],
  indicators: [
    by.meaning(WEIGHT.names, ...NOT_TLS),
    by.kind(WEIGHT.suggests, 'starttls_refused'),
    by.enhanced(1, '5.7.0'),
    by.text(WEIGHT.names, [
      /530 5\.7\.0 must issue/,
      /starttls is required/,
      /\bauthentication \w{5,12} needs tls\b/,
    ]),
    // Exchange's reply to a login before STARTTLS.
    by.text(3, /command received in invalid state/),
    // Before STARTTLS, Exchange offers no login.
    and(
      by.meaning(3, 'mechanism-not-offered'),
      ({ facts: { raw } }) => raw.security === 'none' || raw.port === 25,
    ),
    by.meaning(1.5, ...TLS_FAILED),
    by.kind(1.5, 'tls'),
    by.meaning(0.8, ...LOST, ...TIMED_OUT),
  ],
  modifiers: [
    where(3.5, isImplicitOnClearPort),
    // The server waits for TLS and the program for a greeting, so the error looks like that of a blocked network.
    where(WEIGHT.proves, isClearOnImplicitPort),
    where(-3, suitsPort),
    where(1, ({ facts: { raw } }) => [25, 143, 465].includes(raw.port ?? 0)),
    where(1.5, isLostAtUnknownServer),
    by.fact(-1.5, 'workedBefore', true),
  ],
  ask: [questions.settings],
}

export const tlsVerificationFailed: Cause = {
  slug: 'tls-verification-failed',
  title: "The server's certificate is not trusted by this machine",
  explanation:
    'The certificate could not be verified. An antivirus program or a company proxy presents its own, this machine lacks the root certificates or has the wrong time, or the certificate has expired or is for another host name.',
  responsible: 'operator',
  fixes: [
    {
      risk: 'Check who issued the certificate. An antivirus program or proxy: exclude the host there or install its root certificate. Microsoft or DigiCert: install or update the CA bundle (ca-certificates; PHP: openssl.cafile).',
      command: 'openssl s_client -showcerts -connect {server}',
    },
    unless(ofReading, {
      text: 'Port 587 shows its certificate only after STARTTLS.',
      command: 'openssl s_client -showcerts -starttls smtp -connect {smtpHost}:587',
    }),
    onlyFor(by.meaning(1, 'certificate-name'), [
      "The name does not match: use Microsoft's own host name, no alias or IP address. If you do, another server responds in Microsoft's place.",
    ]),
    onlyFor(by.meaning(1, 'certificate-date'), [
      "Expired or not yet valid: check this machine's date (date -u), then whether the certificate is Microsoft's, which renews its own in time.",
    ]),
    unless(isAtMicrosoft, [
      'If the mail server is your own, renew an expired certificate there, and send the intermediate certificates with it.',
    ]),
    'Do not turn verification off: the token would go to any server that responds.',
  ],
  docs: [
    'https://github.com/PHPMailer/PHPMailer/issues/776',
    'https://github.com/OrchardCMS/OrchardCore/issues/3556',
    'https://github.com/nodemailer/nodemailer/issues/330',
    'https://github.com/PHPMailer/PHPMailer/issues/797',
  ],
  proof: saidBy('tls', [
    /\bself[- ]signed certificate in (?:the )?certificate chain\b|\b(?:depth_zero_)?self_signed_cert(?:_in_chain)?\b/,
    /(?:\berror: |\bfailed(?:: | \()|\bproblem: |\bnum=\d{1,2}:|\btls - )self[- ]signed certificate\b(?: in (?:the )?certificate chain\b)?/,
    /\bunable[ _]to[ _](?:get[ _](?:local[ _])?issuer[ _]cert(?:ificate)?(?:[ _]locally)?|verify[ _](?:the[ _]first[ _]certificate|leaf[ _]signature))\b/,
    /\bcertificate_verify_failed\b|\bssl routines\b.{0,80}\bcertificate verify failed\b|\bcertificate verify failed(?:: [a-z]| \()/,
    /\bcert_has_expired\b|\bx509: certificate (?:has expired|signed by unknown authority|is (?:valid for|not valid))/,
    /\bpkix path (?:building|validation) failed\b|\bunable to find valid certification path to requested target\b/,
    /\bhostname\/ip does not match certificate's altnames\b|\berr_tls_cert_altname_invalid\b/,
    /\bremotecertificate(?:namemismatch|chainerrors)\b|\bthe remote certificate (?:is invalid according to the validation procedure|was rejected by the provided)/,
    /\bpeer certificate cn=.{1,100} did not match expected cn=/,
    /\bssl certificate problem: [a-z]/,
  ]),
  indicators: [
    by.meaning(WEIGHT.names, 'certificate-untrusted', 'certificate-name', 'certificate-date'),
    // The runtime without certificates of authorities comes first.
    by.meaning(3, 'ca-file-missing'),
    where(
      WEIGHT.names,
      ({ certificateIssuer, kind: failure }) => certificateIssuer !== null && failure === 'tls',
    ),
    and(by.text(WEIGHT.suggests, ANTIVIRUS), by.meaning(1, ...TLS_FAILED)),
    by.meaning(2.4, ...TLS_FAILED),
    by.kind(2.4, 'tls'),
  ],
  ask: [questions.issuer],
}

export const tlsServerTooWeak: Cause = {
  slug: 'tls-server-too-weak',
  title: "The server's certificate or encryption is too weak",
  explanation:
    'The server has an RSA key below 2048 bits, a certificate signed with MD5 or SHA-1, short Diffie-Hellman parameters, or only outdated TLS versions and ciphers. A token is not sent over such a connection.',
  responsible: 'operator',
  fixes: [
    {
      text: 'Ask the mail server\'s administrator for a stronger certificate (RSA with 2048 bits or more, or ECDSA; signed with SHA-256), and for TLS 1.2 or 1.3 with current ciphers. The validation\'s step "tls" shows the weakness.',
      command: 'openssl s_client -connect {server}',
    },
  ],
  docs: ['https://docs.openssl.org/3.5/man3/SSL_CTX_set_security_level/'],
  proof: saidBy('tls', [
    /\bssl routines\b.{0,60}\b(?:dh|ee|ca)[ _](?:key[ _]too[ _]small|md[ _]too[ _]weak)\b/,
  ]),
  indicators: [
    by.meaning(WEIGHT.overrides, 'weak-encryption'),
    // The checker supports TLS 1.2 and 1.3, so the outdated side is the server.
    and(by.meaning(WEIGHT.overrides, 'tls-version'), by.kind(1, 'tls')),
    and(by.text(WEIGHT.overrides, SERVER_VERSION_REFUSED), not(isAtMicrosoft)),
  ],
}

export const tlsCertificatePurpose: Cause = {
  slug: 'tls-certificate-purpose',
  title: "The certificate isn't valid for a TLS server",
  explanation:
    "The certificate was issued for another purpose, such as clients or signed mail, it is an authority's own certificate, or one of its issuers isn't allowed to issue certificates.",
  responsible: 'operator',
  fixes: [
    {
      text: "Ask the mail server's administrator for a certificate whose extended key usage contains serverAuth, issued by a certificate authority.",
      command: 'openssl s_client -showcerts -connect {server}',
    },
  ],
  docs: ['https://docs.openssl.org/3.5/man1/openssl-verification-options/'],
  proof: saidBy('tls', [
    /\bunsuitable certificate purpose\b|\bx509: certificate specifies an incompatible key usage\b/,
  ]),
  indicators: [by.meaning(WEIGHT.overrides, 'certificate-purpose')],
}

export const tlsCertificateIncomplete: Cause = {
  slug: 'tls-certificate-incomplete',
  title: "The server's certificate lacks a field that strict verification requires",
  explanation:
    "The certificate, or the authority that issued it, lacks an extension of RFC 5280, such as the authority key identifier. Python since 3.13 and programs with the flag X509_STRICT refuse it; others accept it. Certificates of private authorities and of proxies that inspect TLS often lack it. Microsoft's are complete.",
  responsible: 'operator',
  fixes: [
    {
      text: 'Show the chain. The authority needs a critical basicConstraints, keyUsage with keyCertSign, and a subjectKeyIdentifier; the certificate below it an authorityKeyIdentifier.',
      command: 'openssl s_client -showcerts -connect {server}',
    },
    {
      risk: 'Issue the certificate again with these extensions. For a proxy, exempt the mail and sign-in hosts from inspection, or replace its authority.',
    },
    {
      risk: 'Until then, your own Python program can clear this flag alone and still verify: context.verify_flags &= ~ssl.VERIFY_X509_STRICT. Do not turn verification off.',
    },
  ],
  docs: [
    'https://docs.python.org/3/whatsnew/3.13.html#ssl',
    'https://www.rfc-editor.org/rfc/rfc5280#section-4.2.1',
  ],
  proof: saidBy('tls', [
    /\bmissing (?:authority|subject) key identifier\b/,
    /\bbasic constraints of ca cert not marked critical\b/,
    /\bca cert does not include key usage extension\b/,
  ]),
  indicators: by.text(WEIGHT.overrides + 1.5, [
    /\bmissing (?:authority|subject) key identifier\b/,
    /\bbasic constraints of ca cert not marked critical\b/,
    /\bca cert does not include key usage extension\b/,
    /\b(?:authority|subject) key identifier marked critical\b/,
    /\bpath length (?:given without key usage keycertsign|invalid for non-ca cert)\b/,
    /\bempty subject alternative name extension\b/,
  ]),
  ask: [questions.issuer],
}

/** Matches the program by its stated name; many functions have the same. */
const SENDEMAIL: Condition = ({ facts: { raw } }) => /^sendemail\b/i.test(raw.library ?? '')

export const tlsVersionTooOld: Cause = {
  slug: 'tls-version-too-old',
  title: "The program's TLS version is too old for Microsoft",
  explanation:
    'It is the program that is out of date. Microsoft requires TLS 1.2 or newer, and an old operating system, runtime or device offers only TLS 1.0 or 1.1.',
  responsible: 'operator',
  fixes: [
    instead(SENDEMAIL, [
      "sendEmail is no longer developed. In its Perl script, remove SSL_version => 'SSLv3 TLSv1' from the call of start_SSL, and update IO::Socket::SSL and OpenSSL.",
      'Replace the .exe for Windows by another program, such as msmtp or swaks, or send through your own relay that supports TLS 1.2.',
    ]),
    'Let the runtime or OpenSSL use TLS 1.2 or 1.3, after an update if needed (.NET: SecurityProtocol or the system default; Java: mail.smtp.ssl.protocols=TLSv1.2; remove fixed TLSv1 settings). A device that cannot sends through your own relay that supports TLS 1.2.',
  ],
  docs: [
    'https://aka.ms/smtp_auth_tls',
    'https://learn.microsoft.com/en-us/exchange/clients-and-mobile-in-exchange-online/opt-in-exchange-online-endpoint-for-legacy-tls-using-pop3-or-imap4',
    'https://techcommunity.microsoft.com/t5/exchange-team-blog/deprecating-legacy-tls-and-endpoints-for-pop-and-imap-in/ba-p/4515201',
  ],
  // Exchange completes the handshake and refuses the session (421 4.7.66).
  sources: ['program', 'system', 'tls', 'other_server', 'mail_server'],
  proof: [
    saidBy('mail_server', /\b421 4\.7\.66 tls 1\.0 and 1\.1 are not supported\b/),
    // The alert is the server's, and Microsoft's servers have TLS 1.2 and 1.3.
    onlyIf(
      isAtMicrosoft,
      saidBy('tls', /\btlsv1 alert protocol version\b|\bssl alert number 70\b/),
    ),
  ],
  indicators: [
    and(
      by.meaning(WEIGHT.names - 0.5, 'tls-version'),
      anyOf(isAtMicrosoft, not(by.text(1, SERVER_VERSION_REFUSED))),
    ),
    by.meaning(3, 'tls-version'),
    by.meaning(1, ...TLS_FAILED),
    by.kind(0.5, 'tls'),
    by.enhanced(WEIGHT.names, '4.7.66'),
  ],
  modifiers: [by.fact(1, 'workedBefore', true)],
  ask: [questions.settings, questions.otherClient],
}
