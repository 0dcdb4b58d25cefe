/**
 * Meanings of programs' own errors, before or without contact to the server: settings, missing parts, mechanisms, missing tokens, wrong use of a library.
 *
 * Patterns combine a thing (a setting, a mechanism, a token) with a verb for its absence or fault, so that they fit unknown programs, too. The stage is null where a program need not have begun to connect.
 */
import { meaningsOf } from './meaning.ts'

const program = meaningsOf('program')

export const programMeanings = [
  program('no-refresh-token', 'refresh', [
    /\b(?:no|missing|without|nothing as|has no|valid)(?: \w{1,12}){0,2} '?refresh[ _]?token\b/,
    /\brefresh[ _-]?token'?"?\b[^.;]{0,60}(?:not (?:provided|set|available|found|present|passed|received)|missing|must be provided|cannot be null|(?:null|empty)\b|has expired \(or)/,
    /can't create new access token|does not provide a refresh token/,
  ]),
  program('capability-not-offered', 'select', [
    /(?:has not|not support|without) idle|error to idle/,
  ]),
  program('capability-not-offered', 'send', [/\bsmtputf8 not supported/]),
  program('capability-not-offered', 'greeting', [
    /\b(?:e?smtp|imap4?) (?:extension|feature)\b[^.;]{0,30} not (?:available|supported|offered)/,
    /\bnot support imap4(?:rev1)?|capabilities are missing|not imap4 compliant/,
  ]),
  program('size-limit', 'send', [
    /\btoo long a line\b|\blarger than allowed\b|\bexceeds (?:the )?server(?:'s)? limit\b/,
  ]),
  program('size-limit', null, [/\bline too long\b|\bgot more than \d{1,9} bytes/]),
  program('discovery-failed', 'authorize', [
    /\b(?:issuer|endpoint)\b[^;]{0,140} (?:not found in|did not match|does not match) the (?:openid|requested)|\bresolve configuration with the provided issuer/,
  ]),
  program('too-many-connections', 'connect', [
    /(?<!may have )\bexceed\w{0,4} (?:the )?(?:maximum |allowed )?(?:number|limit) of connections/,
  ]),
  program('throttled', 'auth', [/\btoo many auth attempts\b/]),
  program('throttled', 'send', [/\bthrottling limit exceeded/]),
  program('read-timeout', null, [/\bmaximum execution time\b/]),
  program('interaction-required', 'refresh', [/\bacquire (?:a )?token silently/]),
  program('mechanism-not-offered', 'auth', [
    // "the server does not support authentication", "smtp.office365.com does not advertise AUTH"
    /(?:does ?n[o']t|does not|do not|did not|didn't|not) (?:seem to )?(?:support|allow|advertise|offer)(?!ed)[^.;]{0,40}(?:auth(?!ori[sz])|login|password|mechanism|sasl)/,
    // "no matching authentication method", "none of the authentication methods"
    /\b(?:unable to|cannot|could not|failed to) (?:suggest|select|choose|negotiate|determine) (?:an? |any )?(?:\w{1,12} )?(?:sasl|auth\w{0,12}) (?:mechanism|method)/,
    /\b(?:no|none of the|any of the|find (?:a|an)) (?:[a-z0-9/-]{1,14} ){0,4}(?:auth|sasl|login|mech)[^.;:]{0,60} (?:found|available|supported|offered|advertised)\b/,
    /\b(?:no|find an?|without a) (?:worthy|matching|compatible|common|supported|usable|suitable|acceptable|recognized|recognised) (?:\w{1,12} )?(?:auth|login|sasl|mech)/,
    // "AUTH extension not supported by server", "authentication mode XOAUTH2 is not supported by the server"
    /\b(?:auth|authentication|login|xoauth2|sasl|apop|capa|connections)\b[^.;:]{0,45} not (?:be )?(?:support(?:ed)?|available|offered|advertised|allowed)\b(?! (?:in (?!the server|server)|locally))/,
    // "none of the supported authentication methods", "neither OAUTHBEARER nor XOAUTH2"
    /\b(?:neither|none of)\b[^.;]{1,60}\b(?:auth\w{0,12}|sasl|login) (?:method|mechanism|type)/,
    /\b(?:log[ -]?ins?|logging in|plain ?text|plain)(?: \w{1,15})? (?:is |has been |was |are )?(?:disabled|not allowed|disallowed)/,
    /\b(?:disables|disabled|disallows) (?:the )?login\b/,
    /no capability for auth/,
    /mechanisms?\b[^;]{0,40} do not fulfill/,
    /\bmissing capability: auth/,
    /run out of (?:allowed )?authenticators|using 0 possible authenticators/,
    /can't (?:do secure authentication|do \/authuser|login) (?:with|to) this server/,
    /cannot (?:use|find) an? (?:secure |usable )?authentication method/,
    /command unknown: 'auth'|post-login capability|\(not offered by|not able to detect a supported auth|unsupported sasl authentication mechanism$|is only supported with ssl|not using login because/,
    /unterst.{1,3}tzt die gew.{1,3}hlte authentifizierung|ne g.{1,2}re pas la m.{1,2}thode d'authentification/,
  ]),
  program('mechanism-unknown-to-program', null, [
    /\b(?:unsupported|unknown|invalid|incorrect|wrong)[ _]?(?:auth(?:entication)?|sasl)[ _]?(?:mechanism|method|service|backend|type)\b/,
    /\b(?:unknown|unsupported|unrecogni[sz]ed|wrong|invalid)(?: or \w{1,12})? (?:smtp |imap |oauth2? )?(?:(?:auth\w{0,10}|sasl) (?:method|mech\w{0,20}|type|mode)|mechanism)\b/,
    /\bmechanism\b[^.;]{0,30} (?:too weak|not available|unknown)/,
    /\bauth\w{0,20}(?: method| mechanism| type| mode) \S{1,20} (?:is |was )?(?:not (?:a )?(?:recogni[sz]ed|supported|valid|known)|invalid|unknown)/,
    /\bno such (?:sasl|auth\w{0,12}) mechanism|\bis not a (?:recogni[sz]ed|valid|known|supported) auth/,
    /\bno support for \w{1,20} authentication/,
    /\bno (?:authenticator for|advertised types|auth types|sasl mechanism found)/,
    /not available in library/,
    /sasl mechanism\(s\) not available/,
    /oauth 2\.0 is (?:currently )?not supported/,
  ]),
  program('component-missing', null, [
    /\b(?:undefined function|class not found|noclassdeffound|classnotfound|modulenotfound|importerror|loaderror|cannot find module|no module named|can't locate \S{1,80} in @inc)/,
    /\b(?:class|module|extension '|driver|strategy|bridge|library|gem|package|plug-?in|dependency|bean)\b[^;]{0,90}\b(?:not (?:be )?(?:found|installed|loaded|enabled|available|supported)|(?:is|was) missing|missing|does not exist)/,
    /\bextension (?:missing|required|not (?:loaded|installed|enabled))|\b(?:missing|requires? the|requires?) (?:\w{1,12} ){0,3}(?:extension|module|library|dependenc)/,
    /\bextension must be enabled|\bfunctions not available|\bssl (?:isn't|is not|not) supported\b(?! (?:by|on|with))/,
    /\b(?:package|extension|module|library|driver) (?:is )?required\b|\b(?:ssl|tls) (?:method|initiali[sz]ation) (?:is )?(?:not available|unavailable|failed)|\b(?:does not|doesn't) have (?:ssl|tls) support/,
    /\b(?:is |are |were )?not compiled in\b|no tls features are enabled/,
    /\b(?:(?:ssl|tls|sasl) support (?:is )?(?:not available|missing)|^ssl is unavailable)|\bno ssl support|tls engine is unavailable/,
    /\blocally unavailable|not supported locally/,
    /\bnot installed\b/,
    /\b(?:please install|install \S{1,40} to use|need to install|to use ssl please)/,
    /\b(?:un|not )able to (?:find|load)[^.;]{0,40}(?:callback|transport|wrapper|librar|javafx|'?io::)/,
    /\b(?:could not|couldn't|failed to|cannot|unable to) (?:load|initiali[sz]e)[^.;]{0,30}(?:library|\.dll|\.so\b|sasl)/,
    /\bno worthy mechs|\bno mechanism available|sasl\(-(?:1|4|23)\)/,
    /\bversion mismatch\b/,
    /\brequires sasl\b|\bneed mime::base64/,
    /\b(?:unable|failed) to open (?:a |the )?(?:web page|default system browser|browser)|couldn't find a browser/,
    /\bprotocol "\w{1,12}" not supported or disabled/,
    /requires session support/,
    /\bdoes not seem to be set up for/,
    /\bauthentication did not load/,
    /\bauthenticator not running/,
  ]),
  program('runtime-cannot-call-out', null, [
    /\bnetwork access denied by access control|\b(?:has been )?disabled for security reasons|allow_url_fopen|unsupported operation: \w{0,12}socket|popup_window_error|cors error/,
  ]),
  program('setting-missing', null, [
    /\byou (?:must|did not|didn't|need to|have to) (?:specify|assign|include|provide|supply|set|enter|give)\b/,
    /\bwith(?:out| no) (?:an? )?"?(?:from|to|sender|recipients?|reply-to)"?\b/,
    // "empty password", "smtp host undefined"
    /\b(?:empty|blank|missing|undefined) (?:user(?: ?name)?|password|host(?: ?name)?|sender|recipients?|(?:from|to) address)\b/,
    /_no_\w{2,20}_(?:config\w{0,12}|settings?)\b|\b(?:config(?:uration)?|settings?)(?: file)? (?:entry|section) (?:is |was )?(?:missing|not found)\b/,
    /\bno (?:[\w-]{1,12} ){0,2}(?:transport|credentials)\b|\bmissing (?:source|destination|sender|recipient|from|to|reply-to|e-?mail) address/,
    // "no password given", "No ClientId was specified"
    /\bno (?!roots |address )(?:valid |remote |usable )?'?(?:[\w:-]{1,24}'? ){1,4}(?:was |were |is |are |has been |could be |been |object )?(?:given|set|specified|supplied|provided|configured|defined|selected|named|info found)\b/,
    // "client_id not specified", "host was not specified", "EMAIL is not set"
    /\b(?:not|never) (?:been )?(?:\w{1,10}ly )?(?:set|set up|setup|specified|supplied|provided|given|defined|configured)\b/,
    /\b(?:(?<!" )is|are|cannot be|can not be|can't be|must not be|may not be|should not be|allowed to be|passed as) (?:null,? (?:or )?|undefined or )?(?:empty|blank|null)\b/,
    /\b(?:host|hostname|port|address|user ?name|password|secret(?: key)?|client ?id|name|option|uri|url|string|provider|server|sender|recipient|handler|callback|for \w{1,12}|parameters?|\[?[a-z]{1,12}_[a-z_]{1,20}\]?|"[a-z.]{1,40}"|authenticationscheme) (?:is|are|was) (?:required|mandatory|missing|needed|absent|empty)\b/,
    /\b(?:name|password|address|required|secret(?: key)?|recipient|sender|hostname|host|protocol|provider|jndi name|configuration|mechanism|client id) (?:required|missing|needed|mandatory)\b/,
    /\bmissing (?:one of|or disabled|required|inbox_options|smtp|"?\w{0,24}(?:user ?name|url|credentials?|password|host|server|config|parameter|option|value|client_?id|secret|tenant|key|phrase|_attribute|_verifier))/,
    /\b(?:must|needs? to|need at least|should|have to) (?:be )?(?:set\b|specified|provided|given|supplied|defined|configured|have a |contain (?:a|an|the) |provide|supply|specify|configure)/,
    /\benvironment variable\b[^;]{0,40} (?:not|missing|unset|empty|required)|\b(?:unable to|cannot|can't|could not|couldn't|failed to) find (?:an? |the )?(?:\w{1,14} )?(?:provider|profile|account|config)\b/,
    /\bspecify a password table|\bauthinfo failed|^configure authentication$|\bprovide valid auth|\bclient_?id and client_?secret are required|\bfailed to find a signature|\bssl iohandler is required/,
    /\b(?:configuration|config with name '?[^']{1,40}'?) (?:not found|could not be found)|\bparam \w{1,40} is missing|"[a-z]{1,20}\.[a-z]{1,20}" is required|\bno remote \S{1,40} for repository/,
    /\bplease (?:define|configure|provide|supply|specify|set|select|enter|use --)/,
    /\b(?:requires?|needs?|need) (?:either |a |an |the |at least (?:one )?|valid )?(?:user|password|username|host|hostname|client|tenant|token|scope|redirect|metadata|credential|clientid|tokenurl|authorizationurl|\w{3,20}(?:url|id)\b|sasl mechanism|user interaction|verify callback)/,
    /\bundefined (?:array key|index|offset|variable|property)/,
    /\b(?:without|with no) an? (?:user|password|sender|recipient|host)/,
    /\b(?:can't|cannot|could not|couldn't|can not|unable to) (?:find|read|open|load|get|locate|retrieve|find\/read)(?: a| any| the| valid| currently| selected| suitable| client){0,3} (?:config|hostname|host name|credentials|clientregistration|password for|[a-z\\/"]{0,4}\/home\/)/,
    /\bno (?:user(?:name)?|password|recipients|account|accounts|auth table|from|sender|app|auth info|microsoft365 app)\b(?! (?:found in|login|was found|information))/,
    /\bfield is (?:absent|empty)/,
    /\bcheck client id\b|\bask your \w{1,20} admin to configure/,
    /\bnot configured\b/,
    /\blogin aborted\b|triggerpasswordcallback err/,
    /\bnot ready!!|'?auth\(username, password\) at /,
    /\bmust (?:at least )?(?:contain|have|be) (?:at least )?(?:one |a |an )?(?:host|path segment|scope|user|segment|client)/,
    /\binvalid (?:api key|api secret|oauth scope)\b/,
  ]),
  program('setting-invalid', null, [
    /\b(?:invalid|illegal|malformed|nonnumeric|non-numeric) (?:or missing )?(?:remote |mail |imap |smtp |ssl |email |crypto_method |oauth2 |provider |server |dns |host )?(?:urls?|uris?|ports?|name|option|argument|parameter(?! supplied)|value|setting|config\w{0,20}|provider|scheme|transport|mailer|type|character|specification|dsn|certificate:|ssl_version)\b|\b(?:unknown|unsupported|unrecogni[sz]ed) (?:imap |smtp |pkce |mail |oauth2 )?(?:pkce method|option|scheme|setting|keyword|parameter|registration|flow|method "?sha|transport|mailer)\b|\bunsupported protocol (?:scheme|smtp|imap)|\binvalid address "/,
    /\b(?:url|uri|port|dsn|option|argument|value|credentials|setting|scheme|path|authority)\b[^.;]{0,50} (?:is|are|was) (?:not valid|not a valid|invalid|not supported|unsupported|an unsupported|no valid|not recogni[sz]ed)/,
    /\b(?:is|are) an? unsupported\b|\bis not recogni[sz]ed in\b|\bis not valid for/,
    /\b(?:unrecogni[sz]ed|unknown|invalid|bad|no such|illegal) (?:command[ -]line )?(?:arguments?|options?|flags?|switch|parameters?)\b(?! supplied)/,
    /\b(?:is not|isn't|are not|aren't) an? (?:valid |smtp |imap )|\baddress(?:es)? (?:[^ ]{1,60} )?(?:is|are) not valid\b|\bnot in the (?:form|format) (?:required|expected)\b|\bnot a(?: valid)? (?:smtp|imap|pop\w{0,20}) (?:protocol|url)/,
    /\bmutually exclusive|\bis exclusive\b|\bare not compatible\b|\bhas both\b|\bboth the '|\bcan't use '?\w{1,20}'? when\b/,
    /\bmisconfiguration\b|\bparsing configuration|\bcannot parse\b|\bexception during init/,
    /\bmust (?:be (?:a|an|the|in|either|set|one|path|greater|>|>=|")|use|have|not (?:contain|be)|follow|consist|extend|utili[sz]e|contain only|start)/,
    /\bshould (?:be (?:a|an|>=?|greater|one)|consist|start|not possess|use (?:the )?'https)/,
    /\bneeds to follow this format|\bcould not be parsed|\brelative url|\berror: bad port\b/,
    /\bunencrypted connections?\b|\bover insecure (?:channel|connection)|\brequires either (?:tls|ssl)|\bonly be used when either/,
    /\b(?:is|are) less than 1\b/,
    /\bonly http:\/\/localhost|\buntrusted_authority|\bcurrent authority is targeting/,
    /\bdo not support folders|\bcharset is not supported|\bcannot be used because|\bnot supported in headless/,
    /\bprovide client id only|\bmore than one certificate|\bpkcs ?#?(?:1|8)\b|expected start of certificate/,
    /\b(?:utf-?8|non-?ascii|8-?bit) (?:user ?names?|passwords?|credentials|characters?)\b/,
    /\binvalid character|\bcontain cr or lf/,
    /\bpassword contains|expansion failed/,
    // A setting contains the name of one of the program's constants.
    /\b(?:no|missing|invalid) private key\b|\brequires [a-z]{2,30}\.[a-z0-9]{1,20}_[a-z0-9_]{1,20}\b/,
    /\b(?:domain|account|host|server|port) is not allowed\b(?! (?:to|by)\b)|\b(?:multiple|several|more than one|duplicate) [^.;]{1,50} (?:configured|specified|given|supplied)\b/,
    /\brequires setting\b/,
    /\bdon't know where\b|\bplease use an? /,
    /non-blocking socket|mechanism \w{1,20} is invalid|server is set to 'none'/,
    /\binvalid(?: \w{1,12}){0,2} (?:url|port|server|provider)\b/,
  ]),
  program('type-error', null, [/\bcannot read propert/, /\bmust be of type\b/]),
  program('token-missing', null, [
    /\b(?:no|missing|not contain|without|get)(?: \w{1,12}){0,3} "?(?:access|auth|oauth2?|bearer|valid)[ _]?token\b|\bfound invalid token|\bno token available/,
    /\b(?:access|auth|oauth2?)[ _-]?(?:token|secret)\b[^.;]{0,40}(?:not (?:found|available|provided|defined|set)|required|is missing|missing|is empty|pending)/,
    /\b(?:token|secret|authorization record|account|password)\b[^.;]{0,30} (?:not found|not available|is incomplete|no longer applies)|\btoken_(?:invalid|missing)|missing_token|required option not passed: "access_token"/,
    /\bplease (?:authori[sz]e|reconnect|connect with|authenticate|provide auth)/,
    /\b(?:authori[sz]ed?|authori[sz]ation|authentication flow|login|you must run)\b[^.;]{0,30} (?:required|needed|at least once|before using)/,
    /\b(?:command|script|cmd|program)'?\b[^;]{0,40} (?:non-zero|exit(?:ed with)? (?:code|status))|\b(?:empty|blank|null) (?:(?:access|bearer|auth) )?token\b|\bcredentials from the keyring|\bgetauthrecord\b|\b(?:external password program|password command|refresh command|token command|external program)\b|\bcommand returned empty|\bread (?:the )?password\b/,
    /\benabled but not authori[sz]ed/,
    /failed resolving credentials|request_cannot_be_made/,
  ]),
  program('token-file-unreadable', null, [
    /\b(?:could not|couldn't|failed to|difficulty|cannot|unable to) decrypt\w{0,20}/,
    /\btoken(?: ?file| ?store)?\b[^;]{0,80}(?:unsafe mode|no such file|permission denied|could not be saved|failed to open)/,
    /\b(?:unable to|could not|couldn't|cannot|failed to) (?:save|store|persist|write) (?:an? |the )?(?:\w{1,10} )?tokens?\b/,
    /\bdeseriali[sz]ation failed|\bnot a vali?l?d json file/,
  ]),
  program('session-expired', 'refresh', [
    /\btoken_?expired|\b(?:oauth|access) token (?:is|has) expired/,
  ]),
  program('scope-invalid', null, [
    /\bscopes?\b[^.;]{0,40}(?:reserved|has changed)|\bat least one scope/,
  ]),
  program('id-token-invalid', 'token_exchange', [
    /\bextracted from 'id_token|\bunsupported_token_type|\baccesstoken has no token|\bwstrust endpoint|\bropc does not support/,
    /\b(?:id[ _]?token|jwt|nonce|token issuer|audience claim|aud|claims?|signed jwt|the token)\b[^;]{0,70}(?:invalid|not valid|not yet valid|expired|mismatch|missing|not match|is not active|not received|cannot be|could not be|must contain|rejected|does not provide|not provide|verify)/,
    /\b(?:invalid|missing|parse|decode|verify|expose)\b[^;]{0,25} (?:id[ _]?token|jwt|nonce|claim|token claims)\b/,
    /\bresource_owner\b|\bpublic key from a\b|\bas a certificate failed|\btoken cannot be parsed|get user email|\b(?:does not|doesn't|did not|didn't) (?:expose|provide|return|contain) an? e-?mail address/,
  ]),
  program('account-mismatch', 'authorize', [
    /\b(?:asked to log ?in as|authenticated username|user_mismatch)\b|\bemail mismatch/,
  ]),
  program('interaction-required', 'authorize', [
    /\buser_cancelled|\buser did not complete|\bflow aborted|\bno auth response arrived|\bmonitor_window_timeout|\bdevice[ _-]code|\bverification code expired|get_token_with_polling/,
  ]),
  program('wrong-usage', { stage: null, anyStage: true, consequence: true }, [
    /\bmore than one token matches|\billegal (?:in )?state\b|\bwrong connection state|\bnot (?:successfully |yet )?logged in\b|\bnot yet log(?:ged)? ?in\b/,
    /\b(?:server|client|smtp|is|system account|when) not connected\b|\bclient(?: is)? not (?:ready|authenticated)(?! to send)|: not (?:connected|authenticated)\b|^(?:no )?not connected to|^no not connected|client is not authenticated/,
    /\b(?:transport|pool|mailer) (?:has been|was|is) (?:already )?(?:shut ?down|disposed|destroyed)/,
    /\bwithout being connected|\bclosed network connection/,
  ]),
  program('wrong-usage', { stage: null, anyStage: true }, [
    /already(?:connected|authenticated)(?:exception|error)/,
    /\balready (?:connected|logged in|authenticated|established|enabled|initiali[sz]ed|been (?:read|initiali[sz]ed)|using|in (?:ssl|tls)|running|sent)\b/,
    /\battributeerror|\bundefined method|\bnot implemented/,
    /\bmust call\b|\bcalled (?:after|too many|before|without)|\bcan ?not re-use/,
    /\bis required for this delivery|\bonly the administrator/,
    /\bnot yet initiali[sz]ed|\binteraction_in_progress|\bno_account_(?:error|in_silent)|\bcannot start tls without|\brequires server_hostname|\binvalid parameter supplied|\btoo big: \d|too large$|\bdoes not support interactive|\bset stream timeout|\bpeer hostname for verification/,
  ]),
  program('unexpected-challenge', 'auth', [
    /\binfinite loop\b|\bunexpected tagged|\bunexpected (?:\w{1,10} ){0,3}challenges?\b|\bunexpected (?:server )?response: \w{1,20}:|\bparse authentication response|\bauthentication ended prematurely|\bserver requested sasl initial response/,
  ]),
  // A bug of the program, whatever its message.
  program('runtime-error', { stage: null, consequence: true }, [
    /\b(?:type|key|name|index|attribute|reference|range|unboundlocal|notimplemented|assertion)error\b/,
    /\b(?:nullpointer|nullreference|argumentnull|classcast|badmethodcall)exception\b/,
    /\bundefined (?:constant|method|symbol)/,
  ]),
]
