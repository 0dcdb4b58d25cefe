/** Meanings of errors of TLS libraries, and of errors about STARTTLS. */

import { meaningsOf } from './meaning.ts'
import { curl, urlLoading } from './system.ts'

const tls = meaningsOf('tls')

export const tlsMeanings = [
  tls('certificate-name', 'tls', [
    /altname|namemismatch/,
    /\b(?:cert(?:ificate)?s?|host ?name|host|identity|owner|common ?name|ip address|domain name)\b.{0,100}?(?:(?<!\be-?mail )mis-?match|(?:not|n't) match(?! expected one of:? \d))/,
    /(?:no|not|n't) .{0,40}(?:match|alternative).{0,60}(?:host ?name|name|ip address|certificate)/,
    /no name matching .{1,80} found/,
    /certificate (?:is )?(?:only |not )?valid (?:only )?for\b/,
    /verify identity of server:|no certificate for the requested dns/,
    /\b(?:subject|server|peer|host|domain) ?name mismatch|hostname_check_failed/,
  ]),
  tls('certificate-date', 'tls', [
    /\bcert(?:ificate)?\b[^.]{0,30}\b(?:has |have )?(?:expired|not (?:yet )?valid (?:yet|before|after))/,
    /certificate(?:expired|notyetvalid)|cert_(?:has_expired|expired|date_invalid|not_yet_valid)/,
    /\bdate error\b/,
    /0x80090324/,
    urlLoading(1201, 1204),
  ]),
  tls('certificate-purpose', 'tls', [
    /(?:unsuitable|inappropriate|unsupported|invalid)[ _](?:certificate )?purpose/,
    /incompatible (?:extended )?key usage|invalid ca certificate/,
  ]),
  tls('weak-encryption', 'tls', [
    /\b(?:ee|ca)[ _](?:certificate )?key[ _]too[ _](?:small|weak)/,
    /\bca[ _](?:md|signature digest algorithm)[ _]too[ _]weak/,
    /\bdh[ _]key[ _]too[ _]small/,
    /insecure algorithm (?:md5|sha1)/,
  ]),
  tls('ca-file-missing', 'tls', [
    /setting certificate (?:verify locations|file)|no ca chain is set/,
    /(?:\b|_)(?:ca|root|trust)[ _-]?(?:certs?|certificates?|bundle|file|path|store|roots?|anchors?|certificate bundle)\b.{0,80}(?:not (?:be )?found|does not exist|no such file|can't be used|could not be found|invalid path|permission denied)/,
    /\bno (?:system |root )?ca (?:bundle|certificates?|file)\b.{0,200}|keystore was tampered|\bca_?cert\w{0,10}\b.{0,20} (?:is |are )(?:missing|not set|required)/,
    /trustanchors parameter must be non-empty/,
    /(?:extra|ca) certs?\b.{0,60}load failed|error while reading file/,
    curl(77),
  ]),
  tls('certificate-untrusted', 'tls', [
    /self[- _]signed|unknown[ _]?(?:ca|issuer|authority|certificate authority)\b|unknown_issuer|cert_untrusted/,
    /unable[ _]to[ _](?:get|verify|find)[ _](?:local|the first|leaf|issuer|valid cert)|pkix path|certification path/,
    /certificate[ _](?:chain )?validation[ _]?.{0,20}(?:fail|error)|\bissuer certificate\b.{0,60}\bnot (?:be )?found|certificate pin\w{0,6} fail|\berrors?\b.{0,40}\b(?:ssl|tls|\(ssl\)|server|peer)['s]{0,2} certificate\b/,
    /certificate[ _]verif(?:y|ication)[ _:]?.{0,20}(?:fail|error)|certificate_verify_failed|(?<!(?:signature|key|e-?mail|address|token|code|jwt|dkim|user|credentials?|account|login|password) )verif(?:y|ication) (?:of .{0,40}certificate )?(?:error|failed)/,
    /\b(?:certificate|issuer|certificate authority|cert|chain|signer)\b.{0,60}(?:\bnot trusted|untrusted|not (?:recogni[sz]ed|verified|known|valid)|unknown|n't valid|rejected|revoked|not be (?:verified|validated))/,
    /(?:cannot|can't|could not|couldn't|unable to) (?:locally )?verify\b.{0,80}(?:certificate|issuer)/,
    /fingerprints?\b.{0,20}mismatch/,
    /(?:host ?name|host|site|server) [^ ]{1,80} not verified: ?certificate/,
    /unknown error (?:occurred )?while processing the certificate/,
    /untrusted (?:server |root |peer )?(?:root|cert|issuer|ca\b)|identity of the server|does not recognize and trust|hasn't got a known issuer/,
    /remote certificate (?:is invalid|was rejected)|remotecertificate|(?:certificate|cert) (?:for [^ ]{1,30} )?(?:server )?(?:is )?(?:invalid|not valid|error|issue|failure)|invalid (?:peer |security |server )?certificate/,
    /error in the certificate verification|x509:|certificate chain was issued|403 4\.7\.0 server not auth|server is not trusted|isn't able to verify/,
    urlLoading(1202, 1203),
    curl(51, 60),
  ]),
  tls('starttls-not-offered', 'tls', [
    /\b(?:starttls|stls|start tls)\b.{0,60}(?:not (?:supported|offered|available|advertised|found)|n't (?:support|advertise|offer)|unavailable|denied|rejected|failed|refused)/,
    /(?:not|n't|never) (?:support|offer|advertise|allow|provide)(?:ed)?\b[^.]{0,50}(?:\bstarttls|\bstls|\btls\b|\bssl\b(?!:)|secure connection)/,
    /(?:not|n't) (?:find|start) (?:a )?starttls|\bstarttls\b[^.;]{0,50} not support it\b/,
    /\btls (?:is )?(?:not (?:available|supported|offered)|unavailable)|(?:tls|ssl)(?: is)? (?:required|mandatory).{0,40}(?:not|refused)/,
    /\b(?:tls|ssl) is not (?:available|supported|offered) (?:on|by|with) /,
    /encrypted connection unavailable|missing (?:server )?capability.{0,60}starttls/,
    /must issue a starttls/,
    curl(64),
  ]),
  tls('not-tls', 'tls', [
    /wrong[ _]version[ _]number|oversized record/,
    /first record does not look like|(?:un)?recogni[sz]ed ssl message|plaintext connection\?|unexpected (?:tls )?packet|invalid (?:tls|ssl) record|corrupt(?:ed)? (?:message(?! content)|frame)/,
    /unknown[ _](?:ssl )?protocol|ssl23_get_server_hello(?!:sslv3)|received record with version|gave http response to https|not an ssl/,
    /token supplied to the function is invalid/,
    /(?:ssl|tls):\/\/[^ :]{1,60}:?(?: port=)?(?:587|143|25|110)\b.{0,30}(?:\(\)|\(0\)|unknown error|fsockopen|ssl operation failed)|fsockopen host=ssl:\/\/[^ ]{1,60} port=(?:587|143|25)/,
  ]),
  tls('tls-version', 'tls', [
    /protocol[ _]?version(?! of)|(?:ssl|tls)\b[^.]{0,80}unsupported (?:protocol|version)|no appropriate protocol/,
    /(?:ssl|tls) version [^ ]{1,12} (?:is )?not supported/,
    /available protocols for tls|doesnotsupporttls|tls ?1\.[01]\b|4\.7\.66/,
    /illegal or unsupported version/,
  ]),
  tls('no-common-cipher', 'tls', [
    /common algorithm|cipher ?suites? (?:in common|have been found)|unconfigured cipher|supported cipher suite/,
  ]),
  tls('tls-timeout', 'tls', [
    /\bssl: (?:connection timeout|handshake timed out)/,
    /\b(?:tls|ssl|handshake|upgrad\w{1,4}|starttls)\b(?!:(?!\w)|:\/\/|:[dnt])[^?{]{0,30}(?:timed[- ]?out|timeout)|(?:timed out|in required time)[^.]{0,20}(?:upgrad|handshak|tls)/,
  ]),
  tls('tls-closed', 'tls', [
    /(?:closed|terminated|reset|eof|lost|interrupted|disconnected|shut down|aborted)\b.{0,40}\b(?:during|before|in|while|upon)\b .{0,30}(?:handshake|tls|ssl|upgrad|starttls)/,
    /handshake (?:eof|interrupted|aborted|was interrupted)|close_notify|non-properly terminated|closed the transport stream|0 bytes from the transport/,
    /ssl peer (?:shut down|has closed)/,
    /\bssl\b.{0,30}(?:indicated an eof|read error|write error|fatal protocol error)|context has expired and can no longer/,
    /secure (?:tls |ssl )?connection was established.{0,40}|ssl - the peer notified us/,
    /connection closed unexpectedly.{0,20}\betls\b/,
    /\b(?:tls|ssl) (?:connection|session|stream) (?:was |is |has been )?(?:unexpectedly |prematurely )?(?:closed|terminated|aborted|truncated)|\bstream truncated\b/,
  ]),
  tls('handshake-failed', 'tls', [
    /handshake[ _]?(?:has )?(?:fail|error|problem|not)|sslhandshake|\bhandshake\b.{0,20}fail/,
    /\b(?:ssl|tls|starttls|crypto)\b(?!:| initiali[sz]ation failed)(?: [a-z]{2,14}){0,3}:? (?:failed|failure|error|exception|problem)\b|\b(?:ssl|tls|exit_tls)[ _-](?:error|failure)/,
    /(?:fail\w{0,20}|unable|couldn't|could not|cannot|can't|error)(?: in)?(?: to)? (?:establish|negotiat|connect|enabl|initiat|upgrad|set(?:ting)? up|complet|go to|creat)\w{0,20}\b[^.,]{0,40}\b(?:ssl|tls|starttls|crypto)\b(?!:)/,
    /\b(?:ssl|tls)\b[^.;]{0,20} (?:could not|cannot|can't) be (?:established|negotiated|started|enabled)/,
    /(?:cannot|can't|could not|couldn't|unable to|failed to) (?:start|begin|perform|do|make) (?:an? |the )?(?:ssl|tls) (?:session|connection|handshake|negotiation|layer)/,
    /connection could not be established with host [^ ]{1,60} \[ ?#0\]|handshake process was interrupted/,
    /(?:remote|local) error: tls: |\bundefined ssl object/,
    /ssl routines|ssl_connect|sslerror\b|(?:ssl|tls)exception\b|schannel|openssl error/,
    /\balert (?:(?:ssl|tls) )?record\b|\btls_?alert|tls ?fatal ?alert|:(?:tls|ssl)_failed\b|\bfatal\b.{0,12}\balert\b|\balert:? fatal\b|\b(?:mozilla_pkix|sec|ssl)_error_[a-z]|secure_(?:failure|channel_error)/,
    /fatal alert|server hello|downgrade attempt|no peer certificate|message received was unexpected or badly/,
    /(?:fail|unable|could not|cannot|can't|error).{0,60}(?<!lack of a )\bsecure (?:tls |ssl )?(?:connection|link)\b(?: to the server cannot be made)?|security error|enable_crypto|no credentials are available in the security package/,
    /0x80090330|0x800ccc1a\b|0x80072f8f/,
    curl(35),
    urlLoading(1200),
  ]),
]
