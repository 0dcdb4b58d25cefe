/**
 * What different systems call the same trouble on the way to a server: Node, OpenSSL, libc, Java, .NET,
 * Python, PHP, Go, Windows. A new wording is one line here; what it means is said in the catalogue.
 */

export type Trouble =
  | 'dns'
  | 'connection refused'
  | 'connection timeout'
  | 'no route'
  | 'no connection'
  | 'connection lost'
  | 'not tls'
  | 'certificate untrusted'
  | 'certificate name'
  | 'certificate date'
  | 'tls version'
  | 'tls failed'

/** The text is in lower case. */
const wordings: readonly (readonly [Trouble, RegExp])[] = [
  ['dns', /\benotfound\b|eai_again|eai_noname|getaddrinfo|gethostbyname|gaierror/],
  ['dns', /name or service not known|nodename nor servname|temporary failure in name resolution/],
  [
    'dns',
    /no such host|host (?:name )?(?:is )?(?:not found|unknown)|unknown ?host(?:exception)?\b/,
  ],
  [
    'dns',
    /(?:could|can|unable to|failed to|cannot|can't)(?: not)? (?:resolve|look ?up|find) (?:the )?(?:host|server|remote|address|name|proxy|['"]?(?:outlook|smtp|login)\.)/,
  ],
  [
    'dns',
    /remote name could not be resolved|name resolution (?:failed|error|failure)|dns (?:error|failure|lookup|resolution|name)|nxdomain|servfail|server misbehaving/,
  ],
  [
    'dns',
    /name does not resolve|no address associated|non-recoverable failure in name|dns_probe|nameresolutionerror|wsahost_not_found|\b11001\b|curl error 6\b/,
  ],

  [
    'connection refused',
    /econnrefused|connection ?refused|actively refused|\b10061\b|connect refused/,
  ],
  [
    'connection timeout',
    /etimedout|econnaborted|connection ?time[d-]?\s?-?out|connect(?:ion)? attempt failed|\b10060\b|connecttimeout|timed out (?:while |when )?(?:trying to )?connect|timeout (?:while |when )?connect/,
  ],
  [
    'connection timeout',
    /i\/o timeout|operation timed out|connect(?:ion)?(?: to [^ ]{1,80})? (?:has )?timed out|sockettimeoutexception|greeting never received|timed? ?out (?:waiting|reading|while waiting) .{0,40}(?:greeting|banner|initial)|curl error 28\b|errno 110\b|und_err_connect_timeout|timeout-conn/,
  ],
  [
    'no route',
    /ehostunreach|enetunreach|no route to host|network is unreachable|host is unreachable|destination unreachable|eacces.{0,20}connect|\b10013\b|\b10051\b|\b10065\b/,
  ],
  [
    'no connection',
    /(?:unable|could not|couldn't|cannot|can't|can not|failed|failure)(?: to)? (?:establish |open )?(?:a )?connect(?:ion)?\b|connect\(\) failed|connection (?:could not be|cannot be) established|no connection could be made|connection failed|smtp connect\(\)/,
  ],
  [
    'connection lost',
    /econnreset|epipe\b|connection (?:was |has been )?(?:reset|closed|broken|dropped|lost|aborted|terminated)|forcibly closed|socket hang up|unexpected(?:ly)? (?:end of file|eof|closed|socket close|disconnect)|connection unexpectedly closed|broken pipe|\b10054\b|\b10053\b|eof occurred|premature eof|server disconnected|closed the connection/,
  ],

  [
    'not tls',
    /wrong[ _]version[ _]number|unknown[ _]protocol|packet length too long|record layer failure|http request|unexpected packet format|plaintext connection\?|unrecognized ssl message|first record does not look like|record overflow|invalid tls record|unexpected message|ssl23_get_server_hello|ssl_error_rx_record_too_long|not an ssl|frame size.{0,30}(?:too large|corrupted)/,
  ],
  [
    'not tls',
    /must issue a starttls|starttls (?:is )?(?:required|first|not (?:supported|offered|available|advertised))|server does not support (?:the )?(?:starttls|ssl|tls|secure)|does not support secure connections|could not convert socket to tls|encryption required|doesn't support starttls|starttls extension not supported/,
  ],
  [
    'certificate untrusted',
    /self[- _]signed|unable to (?:get|verify) (?:local|the first|leaf|issuer)|unable_to_(?:get|verify)|certificate verif(?:y|ication) (?:failed|error)|certificate_verify_failed|unknown authority|pkix path|unable to find valid certification|untrusted|not trusted|certificate chain|partialchain|partial chain/,
  ],
  [
    'certificate untrusted',
    /remotecertificate|remote certificate (?:is invalid|was rejected)|certificate (?:is )?(?:not valid|invalid)|invalid certificate|certificate failure|unknown[ _]ca\b|cert_authority_invalid|cert_untrusted|peer certificate cannot be|curl error 60\b|invalid security certificate|verify error|issuer (?:is )?(?:unknown|not recognized|certificate)|sec_error_unknown_issuer|root certificate/,
  ],
  [
    'certificate name',
    /altname|(?:certificate|host ?name|cert)[^.]{0,60}(?:doesn't|does not|do not|didn't|not|mis) ?match|(?:no subject alternative|ip address mismatch|hostname mismatch|name mismatch|common_name_invalid|remotecertificatenamemismatch)|certificate is (?:only )?valid for\b|not valid for (?:the )?(?:name|host)|ssl_error_bad_cert_domain/,
  ],
  [
    'certificate date',
    /cert(?:ificate)?[ _](?:has )?expired|certificate is not yet valid|cert_not_yet_valid|not yet valid|expired certificate|cert_date_invalid/,
  ],
  [
    'tls version',
    /tlsv1 alert protocol version|unsupported[ _]protocol|alert protocol version|protocol_version|no protocols available|tls 1\.0|tls 1\.1|tlsv1\.[01]\b|version too low|inappropriate_fallback|4\.7\.66|no appropriate protocol/,
  ],
  [
    'tls failed',
    /(?:ssl|tls)[ _]?(?:handshake|negotiation|connection)[^.]{0,30}(?:fail|error|exception)|handshake[ _]failure|sslhandshakeexception|ssl(?:error|exception)\b|ssl routines|eproto\b|schannel|starttls (?:failed|error)|enable_crypto|alert handshake|tls error|ssl error|establish an? (?:ssl|tls|secure)/,
  ],
]

/** Node's codes as they are. OpenSSL's verify results come under its own names. */
const codes: Readonly<Record<string, Trouble>> = {
  ENOTFOUND: 'dns',
  EAI_AGAIN: 'dns',
  ECONNREFUSED: 'connection refused',
  ETIMEDOUT: 'connection timeout',
  EHOSTUNREACH: 'no route',
  ENETUNREACH: 'no route',
  ECONNRESET: 'connection lost',
  EPIPE: 'connection lost',
  ERR_SSL_WRONG_VERSION_NUMBER: 'not tls',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'not tls',
  EPROTO: 'not tls',
  ERR_TLS_CERT_ALTNAME_INVALID: 'certificate name',
  CERT_HAS_EXPIRED: 'certificate date',
  CERT_NOT_YET_VALID: 'certificate date',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'certificate untrusted',
  SELF_SIGNED_CERT_IN_CHAIN: 'certificate untrusted',
  UNABLE_TO_GET_ISSUER_CERT: 'certificate untrusted',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'certificate untrusted',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'certificate untrusted',
  ERR_SSL_UNSUPPORTED_PROTOCOL: 'tls version',
  ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION: 'tls version',
}

export function troubles(text: string, code: string | null): Set<Trouble> {
  const found = new Set<Trouble>()
  for (const [trouble, wording] of wordings) if (wording.test(text)) found.add(trouble)
  const named = code !== null && Object.hasOwn(codes, code) ? codes[code] : undefined
  if (named) found.add(named)
  return found
}
