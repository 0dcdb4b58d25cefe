/** Meanings of errors of the operating system, the resolver and sockets. */
import { meaningsOf } from './meaning.ts'

const system = meaningsOf('system')

/** Matches a number of Winsock or of a Windows function: `[WinError 10061]`, `SocketException (10061)`, `0x8007274D`. */
const winsock = (...numbers: readonly number[]): RegExp => {
  const hex = numbers.map((number) => number.toString(16))
  return new RegExp(
    `(?:err(?:no|or)?|exception|code|winsock|wsa\\w{0,20})[ :#=("'[]{0,4}(?:${numbers.join('|')})\\b|\\b0x(?:8007|0{0,4})(?:${hex.join('|')})\\b`,
  )
}

/** Matches a number of Linux, or of getaddrinfo if negative: `[Errno 111]`, `(os error 111)`, `errno=32`. */
const errno = (...numbers: readonly number[]): RegExp =>
  new RegExp(
    `(?:errno|os error|socket ?error|socketexception|error(?= ?\\[)|code(?=: -?\\d+, kind))[ :#=("'[]{0,4}(?:${numbers.flatMap((number) => (number > 0 ? [number, -number] : [number])).join('|')})\\b`,
  )

/** Matches a number of curl: `curl: (7)`, `cURL error 7`. */
export const curl = (...numbers: readonly number[]): RegExp =>
  new RegExp(
    `\\bcurl(?: err(?:or|no)(?: code)?[ :#=]{0,3}\\(?|: \\()(?:${numbers.join('|')})\\b(?!\\.)`,
  )

/** Matches a number of Apple's URL loading: `NSURLErrorDomain Code=-1003`. */
export const urlLoading = (...numbers: readonly number[]): RegExp =>
  new RegExp(`(?:nsurlerror|cfnetwork)[^\\n]{0,40}-(?:${numbers.join('|')})\\b`)

export const systemMeanings = [
  system('proxy-failed', 'connect', [
    /(?:resolve|reach|connect(?:ing)? to|find) (?:the )?(?:http |socks |web )?proxy/,
    /proxy(?:connect|error|connectionerror)\b|\beproxy\b/,
    /proxy (?:socket|connection|server|tunnel)?\b ?(?:closed|fail|refused|error|timed out|could not|cannot)/,
    curl(5, 97),
  ]),
  system('name-lookup-temporary', 'dns', [
    /eai_again|server misbehaving/,
    /temporary failure in (?:name|mx|dns)/,
    /temporary error during host ?name resolution/,
    winsock(11002, 11003),
    errno(-3),
  ]),
  system('name-not-found', 'dns', [
    /\b(?:enotfound|eai_[a-z]{1,20}|edns|nxdomain|nosuchrecord|wsahost_not_found|wsano_data|err_name_not_resolved|dns_probe[a-z_]{0,40})\b/,
    /gaierror|getaddrinfo/,
    /name or service not known|no such host|no address associated|domain does not exist|non-?recoverable (?:failure|error)/,
    /\b(?:smtp|imap4?|pop3?|mail) server (?:was |could )?not (?:be )?found\b|non-?existing domain/,
    /unknown ?host(?:exception|error)?\b|unknown [a-z0-9]{3,5} host\b|bad host ?name/,
    /\bhost(?: ?name)?s?\b[^.:;,]{0,30}(?:not |n't )(?:be )?(?:found|resolved|determined|known)/,
    /(?:remote|domain) name (?:was |is |could )?not (?:be )?(?:found|resolved|known)/,
    /(?:server|host) [^ ]{0,20} ?[^ ]{1,60} is unknown/,
    /(?:\bnot|n't|unable to|fail(?:ed|ure)? (?:to|in)|cannot|can not|error) (?:be )?(?:resolv(?:e|ing)|look(?:ing)? ?up)\b.{0,40}(?:host|server|name|address|domain|dns|\.(?:com|net|org|us|cn|local)\b)/,
    /(?:\bnot|n't|unable to|failed to|cannot) (?:find|locate) (?:the |a )?(?:e-?mail |mail |smtp |imap |remote )?(?:host|server)\b(?! (?:certificate|name in|config))/,
    /(?<!r=)\b(?:dns|name|host ?name|host|mx|address)[ _]?(?:look ?up|resolution|query)\b.{0,80}(?:fail|error)/,
    /\bno (?:ip )?address(?:es)? found\b/,
    /offline or (?:is )?an? invalid host/,
    /\b(?:host|domain) [^ ]{1,80} (?:was |is |could |cannot )?(?:not )?(?:be )?not (?:be )?(?:found|resolved|known)\b|\bname(?: or address)?[ _](?:(?:could|can|was|is)[ _])?not[ _](?:be[ _])?resolved/,
    /(?:not|n't) have (?:any )?associated (?:address )?data\b/,
    /trouble finding (?:that|the|this) (?:site|server|host)/,
    /unable to connect to [^ ]{1,80}: invalid argument/,
    winsock(11001, 11004, 12007),
    errno(-2, -5),
    curl(6),
    urlLoading(1003),
  ]),
  system('setting-invalid', 'dns', [/unrecognized (?:service|address family)/]),
  system('setting-invalid', 'connect', [
    /requested address is not valid in its context/,
    winsock(10049),
  ]),
  system('port-in-use', 'callback', [
    /address already in use|only one usage of each socket address/,
    winsock(10048),
    errno(98),
  ]),
  system('port-in-use', null, [
    /(?:unable|cannot|could not|failed) (?:to )?bind (?:server |to |a )?(?:socket|port|address)/,
  ]),
  system('local-permission', 'connect', [
    /forbidden by its access permissions|connect eacces/,
    /(?:connect|socket|dial|tcp)\b.{0,80}(?:operation not permitted|permission denied|access denied)/,
    /permission denied: connect/,
    /lacked sufficient buffer space/,
    winsock(10013, 10055),
  ]),
  system('no-route', 'connect', [
    /ehostunreach|enetunreach/,
    /no (?:valid )?route to (?:the )?(?:host|destination)/,
    /\b(?:network|host|destination)(?: is)? (?:unreachable|down)\b/,
    /no network connectivity|no[ _]internet/,
    /cannot assign requested address|address family not supported|no working address found/,
    winsock(10050, 10051, 10064, 10065),
    errno(99, 100, 101, 112, 113),
    urlLoading(1009),
  ]),
  system('connection-refused', 'connect', [
    /econnrefused|err_connection_refused/,
    /connection ?(?:was |has been |attempt )?(?:actively )?refused(?! by policy)|connection (?:to|with|for) .{1,160}? was refused\b/,
    /is refusing [a-z]{3,4} connections/,
    winsock(10061),
    errno(61, 111),
  ]),
  system('connection-timeout', 'connect', [
    /connect(?:ion)?_?timeout(?:error|exception)?\b|opentimeout|sockettimeoutexception: connect/,
    /(?<!\bread (?:error|failed)[ :(]{1,3}|after initial (?:connection: )?)\bconnect(?:ion|ing)?\b[^.,;]{0,30}(?:timed?[- ]?out|time-?out)\b/,
    /\bconnect(?:ion|ing)? (?:to|with) [^ ]{1,80}.{0,50}?(?:timed[- ]?out|time-?out)/,
    /connect(?:ion)? attempt failed/,
    /\b(?:system|host|computer|server|machine|peer)(?: [^ ]{1,80})? (?:is |was )?(?:not|no longer) (?:responding|answering)\b(?! with\b)|\bpartner [^ ]{1,80} not reached/,
    /\bdial\b.{0,80}(?:i\/o|operation) time(?:d )?-?out/,
    /httpclient\.timeout/,
    /connect\b.{0,20}etimedout|etimedout \d/,
    /(?:remote|server|host)(?: [^ ]{1,80})? (?:does not|did not) (?:answer|respond)|^host not reachable/,
    /cannot be contacted/,
    // In people's own words.
    /\b(?:connect(?:s|ing|ion)?|telnet|s_client|test-netconnection|tcp|port \d{2,5})\b(?:(?!\b(?:then|but|after|established|succe\w{0,6}|fine|ok|log|login|auth\w{0,12}|send\w{0,3}|sign)\b)[^;]){0,60}\b(?:hangs?|hanging|freezes|stalls?|never (?:answers?|connects?|completes?|returns?))\b/,
    winsock(10060, 12002),
    errno(60, 110),
    /0x80042108\b/,
    curl(28),
    urlLoading(1001),
  ]),
  system('read-timeout', 'greeting', [
    /greeting never received|exception reading response|^short response/,
    /greeting_timeout/,
  ]),
  system('read-timeout', 'auth', [/timed?[- ]?out .{0,30}authenticat|timeout-auth|commandtimeout/]),
  system('read-timeout', 'token_exchange', [/client request timeout/]),
  // Timeouts that do not mention what was awaited.
  system('read-timeout', { stage: null, anyStage: true, consequence: true }, [
    /read ?-?(?:operation )?(?:timed?[- ]?out|timeout)|\btimeouterror|timeoutexception/,
    /\b(?:took|taking|takes) too long (?:to (?:respond|answer|reply)|responding)/,
    /\betimedout|\betimeout\b|resource temporarily unavailable/,
    /\btimed[- ]?out\b/,
    /\btimeout (?:after|waiting|exceeded|error|expired|occurred|while|reading)|(?:socket|response|network|server|io|i\/o|operation|(?:error|exception|connect|reason|\d\)): ?:?|\]|poll|select|\{error,) ?time-?out\b(?!s|[=:]? ?\d)/,
  ]),
  system('connection-reset', { stage: null, anyStage: true }, [
    /econnreset/,
    /\bconnection (?:was |has been )?(?:reset|aborted\b)|connection to (?:server )?[^ ]{1,80} was (?:reset|aborted)|reset by (?:peer|server|remote)/,
    /software caused connection abort|(?:stream|request) (?:has been |was )?aborted(?!: could not create)/,
    /error in the (?:push|pull) function/,
    winsock(10052, 10053, 10054),
    errno(54, 103, 104),
  ]),
  system('connection-closed', 'greeting', [
    /failed to read greeting/,
    /\b(?:empty|blank) (?:\w{1,10} )?(?:greeting|banner)\b|response: -1\b|connection setup failed: no response/,
    curl(52),
  ]),
  system('connection-closed', 'token_exchange', [
    /^typeerror: terminated$|response ended prematurely|header parser received no bytes/,
  ]),
  system('connection-closed', { stage: null, anyStage: true, consequence: true }, [
    /\bconnection (?:to (?:the )?(?:server )?[^ ]{1,80} )?(?:was |is |has been |with [^ ]{1,80} )?(?:unexpectedly )?(?:closed|lost|broken|dropped|interrupted|severed|cut|shut ?down|terminated|disconnected)\b(?!\. \d)/,
    /\b(?:closed?|lost|closing|dropped|cut|severed|shut ?down|terminated) (?:the |its )?connection\b/,
    /(?:server|host|peer|imap|smtp|pop3?|socket|stream|session)[^.:;]{0,60}? (?:has |was |is |unexpectedly |gracefully |already ){0,3}(?:disconnected|closed|hung up|hang up)\b(?!\. \d)/,
    /server [^ ]{1,80} has disconnected|connection to .{0,60} was lost/,
    /serverdisconnected|: server not connected\b/,
    /broken pipe|\bepipe\b/,
    /(?:unexpected|premature(?:ly)?) (?:eof|closed?\b|end of (?:file|stream|input)|close|socket close|disconnect)|end of (?:file|stream)\b|\beof (?:on|error|received|caught|reached)|\[eof\]|[:=] ?eof$|^eof$|-err eof/,
    /(?:empty|no) (?:response|reply|data)\b(?!:).{0,20}(?:received|from|$)|empty code|get mail server response codes/,
    /(?:read|write|stream|socket|network) (?:error|failed|failure)\b|(?:failed|cannot|could not|unable) (?:to )?(?:read|write)(?: data)? (?:from|to) (?:the )?(?:server|socket|stream|smtp|imap|[^ ]{1,60}\.com|transport connection)/,
    /\b(?:incomplete|truncated|partial|unterminated) (?:\w{1,10} )?(?:response|reply)\b|\bsocket(?:read|write|send|receive|closed)(?:exception|error)/,
    /bytes remaining in stream|query status=2|\bconnection not available/,
    /lost [^ ]{1,80} \(will attempt to reconnect/,
    /(?:failed to|unable to|could not|couldn't|cannot|can't) send (?!mail |e-?mail )(?:the |an? )?(?:\w{1,14} ){0,3}command\b|\bplease run connect\(\) first/,
    /\bconnection (?:with|to|from) [^.;]{1,40} (?:was|is|has been) (?:abnormally |unexpectedly |prematurely )?(?:closed|terminated|aborted|dropped|lost)\b(?!\. \d)/,
    /\b(?:error|fail(?:ed|ure)?) (?:while |when )?(?:receiving|reading|sending|writing) (?:the |a |any )?(?:response|reply|data|request|bytes)\b/,
    /\bfail(?:ed|s) to respond\b/,
    /\berr_(?:empty_response|connection_(?:closed|aborted)|socket_not_connected)\b/,
    /\b(?:reason|error)[:,=] ?:?closed\b|\.\w{1,5}:\d{1,5}: closed\b|\b(?:on|to|from) an? (?:already )?closed (?:socket|connection|channel|stream)\b/,
    /request to send or receive data was disallowed.{0,160}/,
    winsock(10057, 10058, 12030, 12152),
    errno(32),
    curl(56),
    urlLoading(1005),
  ]),
  system('connect-failed', 'connect', [
    /failed to establish (?:a |an? new |tcp )?(?:new )?connection|all connection attempts failed/,
    /max retries exceeded|network request failed|request failed!? \(code: 0\)|: fetch failed/,
    /\bconnect (?:function|call|system call) failed|\b\w{2,12}connectionerror\(/,
    /(?:failed to|cannot|unable to|could not|n't) (?:connect|establish a connection) to (?:the server at )?[^ ]{1,80}:\d{2,5}\b(?!:)/,
    /error_(?:internet|winhttp)_(?:cannot_connect|connection_error)/,
    /(?:unable to|cannot|could not|n't) (?:connect to the remote (?:server|host)|establish a connection to the server at)\b/,
    /smtp transient error: 421 service not available/,
    /stable connection/,
    /n't connect to https:/,
    /(?:failed to|can't|n't) connect to (?:server|[a-z0-9]{3,4} server:) [^ ]{1,60}$|connection error (?:calling|sending)|oauth2 connection error|i\/o error on (?:post|get) request/,
    winsock(12029),
    curl(7),
    urlLoading(1004),
    /0x800ccc0e\b/,
  ]),
  system('login-refused', 'auth', [/0x8009030c\b|0x80090311\b/]),
]
