/** Meanings: what TLS libraries say, and what is said of STARTTLS. */
import { curl, urlLoading } from './error-numbers.ts'
import type { Meaning } from './meaning.ts'

const tls = (name: string, patterns: readonly RegExp[]): Meaning => ({
  name,
  speaker: 'tls',
  stage: 'tls',
  patterns,
})

export const tlsMeanings: readonly Meaning[] = [
  tls('certificate-name', [
    /altname|namemismatch|notvalidforname|bad_cert_domain|wrong_principal|0x80090322|common_name_invalid|jdkhostnamechecker|badcertdomain/,
    /\b(?:cert(?:ificate)?s?|host ?name|host|identity|owner|common ?name|ip address|domain name)\b.{0,100}?(?:mis-?match|(?:not|n't) match(?! expected one of:? \d))/,
    /(?:no|not|n't) .{0,40}(?:match|alternative).{0,60}(?:host ?name|name|ip address|certificate)/,
    /no (?:subject )?alternative .{0,80}(?:found|present|match)|no name matching .{1,80} found/,
    /certificate (?:is )?(?:only |not )?valid (?:only )?for\b|not valid for (?:any |the )?(?:name|host|')/,
    /\bip sans\b|use sans instead|not present in (?:the )?(?:server )?certificate|host ?name verif\w{0,20} fail/,
    /target principal name is incorrect|verify identity of server:|no certificate for the requested dns/,
    /invalid certificate content|0x800ccc01\b/,
  ]),
  tls('certificate-date', [
    /\bcert(?:ificate)?\b[^.]{0,30}\b(?:has |have )?(?:expired|not (?:yet )?valid (?:yet|before|after))|certificate[ _](?:is )?not[ _]yet[ _]valid|uses (?:not yet valid|expired) certificate/,
    /expired[ _](?:server |issuer |ca )?cert|certificate(?:expired|notyetvalid)|cert_(?:has_expired|expired|date_invalid|not_yet_valid)|certdateinvalid/,
    /validity check failed|peer certificate: expired|invalid certificate date|0x800ccc02\b|0x80090328/,
    /clocks? on the (?:client|server)|time_?skew|0x80090324/,
    urlLoading(1201, 1204),
  ]),
  tls('certificate-purpose', [
    /(?:unsuitable|inappropriate|unsupported|invalid)[ _](?:certificate )?purpose/,
    /(?:extended )?key ?usage (?:does not|doesn't|not) (?:permit|allow|include|contain)/,
    /incompatible (?:extended )?key usage|invalid ca certificate/,
  ]),
  tls('weak-encryption', [
    /\b(?:ee|ca)[ _](?:certificate )?key[ _]too[ _](?:small|weak)/,
    /\bca[ _](?:md|signature digest algorithm)[ _]too[ _]weak/,
    /\bdh[ _]key[ _]too[ _]small/,
    /certificate (?:is )?signed (?:using|with) (?:an? )?(?:weak|insecure|outdated) algorithm/,
    /insecure algorithm (?:md5|sha1)/,
  ]),
  tls('ca-file-missing', [
    /setting certificate (?:verify locations|file)|problem with the ssl ca cert|no ca chain is set/,
    /trustanchors parameter must be non-empty|failed to load system roots|adding trust anchors/,
    /(?:extra|ca) certs?\b.{0,60}load failed|error while reading file/,
    curl(77),
  ]),
  tls('certificate-revocation', [/revocation (?:function|server)|crypt_e_(?:no_)?revocation/]),
  tls('certificate-untrusted', [
    /self[- _]signed|unknown[ _]?(?:ca|issuer|authority|certificate authority)\b|unknown_issuer|untrusted_?root|partial_?chain|cert_authority_invalid|cert_untrusted/,
    /unable[ _]to[ _](?:get|verify|find)[ _](?:local|the first|leaf|issuer|valid cert)|pkix path|certification path/,
    /certificate[ _]verif(?:y|ication)[ _:]?.{0,20}(?:fail|error)|certificate_verify_failed|(?<!(?:signature|key|e-?mail|address|token|code|jwt|dkim|user) )verif(?:y|ication) (?:of .{0,40}certificate )?(?:error|failed)/,
    /\b(?:certificate|issuer|certificate authority|cert|chain|signer)\b.{0,60}(?:\bnot trusted|untrusted|not (?:recogni[sz]ed|verified|known|valid)|unknown|n't valid|rejected|revoked|not be (?:verified|validated))/,
    /unknown error (?:occurred )?while processing the certificate/,
    /untrusted (?:server |root |peer )?(?:root|cert|issuer|ca\b)|establish (?:a )?trust relationship|identity of the server|does not recognize and trust|hasn't got a known issuer/,
    /remote certificate (?:is invalid|was rejected)|remotecertificate|(?:certificate|cert) (?:for [^ ]{1,30} )?(?:server )?(?:is )?(?:invalid|not valid|error|issue|failure)|invalid (?:peer |security |server )?certificate|user rejected certificate/,
    /error in the certificate verification|x509:|certificate chain was issued|0x80090325|403 4\.7\.0 server not auth|server is not trusted|isn't able to verify/,
    /peer certificate cannot be|cannot verify (?:the )?(?:server|identity)|mbedtls: \(-0x2700\)/,
    urlLoading(1202, 1203),
    curl(51, 60),
  ]),
  tls('starttls-not-offered', [
    /\b(?:starttls|stls|start tls)\b.{0,60}(?:not (?:supported|offered|available|advertised|found)|n't (?:support|advertise|offer)|unavailable|denied|rejected|failed|refused)/,
    /(?:not|n't|never) (?:support|offer|advertise|allow|provide)(?:ed)?\b[^.]{0,50}(?:\bstarttls|\bstls|\btls\b|\bssl\b(?!:)|secure connection)/,
    /(?:not|n't) (?:find|start) (?:a )?starttls/,
    /\btls (?:is )?(?:not (?:available|supported|offered)|unavailable)|(?:tls|ssl)(?: is)? (?:required|mandatory).{0,40}(?:not|refused)/,
    /negotiate tls with this server|encrypted connection unavailable|cannot enable tls|missing (?:server )?capability.{0,60}starttls/,
    /server missing starttls|must issue a starttls|encryption required for requested authentication/,
    curl(64),
  ]),
  tls('not-tls', [
    /wrong[ _]version[ _]number|packet length too long|record[ _]layer[ _]failure|record[ _](?:too[ _]long|overflow)|rx_record_too_long|oversized record/,
    /first record does not look like|(?:un)?recogni[sz]ed ssl message|plaintext connection\?|unexpected (?:tls )?packet|invalid (?:tls|ssl) record|frame size|corrupt(?:ed)? (?:message|frame)/,
    /unknown[ _](?:ssl )?protocol|ssl23_get_server_hello(?!:sslv3)|received record with version|gave http response to https|ssl[^.]{0,60}:http request|not an ssl/,
    /sec_e_invalid_token|token supplied to the function is invalid/,
    /(?:implicit|explicit) (?:ssl|tls)|typically reserved for plain-?text|check connection security type/,
    /(?:ssl|tls):\/\/[^ :]{1,60}:?(?: port=)?(?:587|143|25|110)\b.{0,30}(?:\(\)|\(0\)|unknown error|fsockopen|ssl operation failed)|fsockopen host=ssl:\/\/[^ ]{1,60} port=(?:587|143|25)/,
    /must use (?:ssl|tls)|0x800ccc7d\b/,
  ]),
  tls('tls-version', [
    /protocol[ _]?version(?! of)|unsupported_(?:protocol|version)|(?:ssl|tls)\b[^.]{0,80}unsupported (?:protocol|version)|unsupported (?:ssl|tls) (?:protocol|version)|no protocols available|version[ _]too[ _](?:low|high)|inappropriate_fallback|no appropriate protocol|unsupported_version/,
    /could not create ssl\/tls secure channel|available protocols for tls|suitable tls version|doesnotsupporttls|tls ?1\.[01]\b|tlsv1\.[01]\b|4\.7\.66/,
    /illegal or unsupported version|fatal alert code is 70|schannel 36871/,
  ]),
  tls('no-common-cipher', [
    /no[ _](?:shared|common)[ _](?:cipher|encryption|algorithm)|common algorithm|cipher ?suites? (?:in common|have been found)|no[ _]ciphers?[ _](?:available|overlap)|no_cypher_overlap|unconfigured cipher|supported cipher suite|insufficient security/,
  ]),
  tls('tls-timeout', [
    /\b(?:tls|ssl|handshake|upgrad\w{1,4}|starttls)\b(?!:(?!\w)|:\/\/|:[dnt]).{0,30}(?:timed[- ]?out|timeout)|(?:timed out|in required time).{0,20}(?:upgrad|handshak|tls)|upgrade connection in required time/,
  ]),
  tls('tls-closed', [
    /(?:closed|terminated|reset|eof|lost|interrupted|disconnected|shut down|aborted)\b.{0,40}\b(?:during|before|in|while|upon)\b .{0,30}(?:handshake|tls|ssl|upgrad|starttls)/,
    /handshake (?:eof|interrupted|aborted|was interrupted)|terminated the handshake|close_notify|non-properly terminated|closed the transport stream|0 bytes from the transport/,
    /unexpected[ _]eof[ _]while[ _]reading|eof (?:occurred|was observed).{0,20}violat|ssl peer (?:shut down|has closed)|ssleoferror|sslzeroreturn|\(eof\) \(_ssl/,
    /\bssl\b.{0,30}(?:indicated an eof|read error|write error|fatal protocol error)|ssl_connect syscall|ssl_error_syscall returned=5|context has expired and can no longer/,
    /secure (?:tls |ssl )?connection was established|ssl - the peer notified us/,
    /connection closed unexpectedly.{0,20}\betls\b/,
  ]),
  tls('handshake-failed', [
    /handshake[ _]?(?:has )?(?:fail|error|problem|not)|handshake_failure|handshakefailure|sslhandshake|\bhandshake\b.{0,20}fail/,
    /\b(?:ssl|tls|starttls|crypto)\b(?!:)(?: [a-z]{2,14}){0,3}:? (?:failed|failure|error|exception|problem)\b|\b(?:ssl|tls|exit_tls)[ _-](?:error|failure)/,
    /(?:fail\w{0,20}|unable|couldn't|could not|cannot|can't|error)(?: in)?(?: to)? (?:establish|negotiat|connect|enabl|initiat|upgrad|set(?:ting)? up|complet|go to|creat)\w{0,20}\b[^.,]{0,40}\b(?:ssl|tls|starttls|crypto)\b(?!:)/,
    /connection could not be established with host [^ ]{1,60} \[ ?#0\]|handshake process was interrupted/,
    /ssl routines|ssl_connect|sslerror\b|sslexception\b|\beproto\b|schannel|sec_e_(?:illegal|decrypt|internal)|openssl error|ssl negotiation/,
    /fatal alert|alert number|alert handshake|set of security parameters|server hello|unsafe legacy renegotiation|downgrade attempt|no peer certificate|call to sspi failed|message received was unexpected or badly/,
    /(?:fail|unable|could not|cannot|can't|error).{0,60}\bsecure (?:tls |ssl )?(?:connection|link)|secure connection to the server cannot|security error|encryption type you have specified|enable_crypto|creating ssl context|no credentials are available in the security package/,
    /0x80090326|0x80090330|0x800ccc1a\b|0x80072f8f|0x8009030e/,
    curl(35),
    urlLoading(1200),
  ]),
]
