/**
 * Meanings of programs' summaries without a cause. They only show how far the attempt got, so broad patterns do no
 * harm, since anything else in the text decides. If two match the same words, the first decides, so specific ones come
 * first.
 */
import { meaningsOf } from './meaning.ts'

const summary = meaningsOf('summary')

export const summaryMeanings = [
  summary('connect-failed', 'connect', [/\bon an undefined value\b/]),
  summary('mail-server-not-discovered', 'connect', [
    /\b(?:auto-?discover(?:y)?|auto-?config(?:uration)?|asurl|load email configuration)\b/,
  ]),
  summary('discovery-failed', 'connect', [/\bgetopenidconnect\b|\boidc response/]),
  summary('discovery-failed', 'authorize', [/\bdiscover end ?points|\bfailed to load metadata\b/]),
  summary('discovery-failed', 'client_credentials', [
    /\bendpoints?_resolution|\bopenid_config_error|\bendpoints? cannot be resolved/,
  ]),
  summary('answer-not-json', 'token_exchange', [
    /\b(?:decode|decoding|parse|parsing|expect(?:ed|ing)|json_decode|not contain|assembling|syntax error)\b[^;]{0,50}\b(?:json|value: line|response data|discovery response)\b|\bjsondecodeerror|\bjson_decode error|\bunexpected mimetype/,
  ]),
  summary('http-error', 'token_exchange', [
    /\b(?:post request|profile request|upgrade oauth token|redirects|outlook api)\b|\bpost_request_failed/,
  ]),
  summary('grant-refused', 'refresh', [
    /\b(?:refresh|renew)\w{0,20}[^.;]{0,40}(?:fail|error|exceeded|expired)|\b(?:unable|could not|couldn't|failed|cannot) (?:to )?(?:refresh|renew)/,
    /\btoken (?:request failed|expired)|\btokenstore::refresh/,
    /\btoken\b[^.;]{0,40} (?:could not be|not be|cannot be) (?:retrieved|renewed|refreshed|obtained)|\bfailed to retrieve \w{0,8} ?token/,
  ]),
  summary('grant-refused', 'token_exchange', [
    /\btoken\b[^.;]{0,30} not (?:obtained|received|retrieved)|\b(?:obtain|fetch|fetching|get|redeem|retriev|retrieve|save|acquire)(?:ing)? (?:an? |the )?(?:access token|auth\w{0,20} code|token)/,
    /\bprocessing the authentication request|\bsomething (?:went|go) wrong[!.]|\bidentityproviderexception|\binvalid_credentials\b|\bno email mailbox associated/,
  ]),
  summary('login-refused', 'authorize', [
    /\b(?:sign[- ]?in|dialog|web page) (?:failed|cancell?ed)|\btrouble logging you in|\bset up your account|\bcancell?ed authentication|authorization cancell?ed|\bdialog failed|\bsso cookie|\bunable to verify account name|\bcom\.apple\.accounts/,
  ]),
  summary('mailbox-unavailable', 'select', [
    /\b(?:could not|couldn't|can't|cannot|unable to|fail(?:ed)? to|error|error while|errors) (?:access|open|select|change|fetch\w{0,20}|find|get|sync(?:hroni[sz]\w{0,20})?)[^;]{0,30} ?(?:mail ?box|mailboxes|folders?|inbox|account|e-?mail|messages?|mail from)\b/,
    /\b(?:mail ?box|folder|inbox)\b[^;]{0,40} (?:is invalid|does ?n[o']t exist|doesn't exist|not found|selection failed|unavailable)|\b(?:mail ?box|folder|inbox)\b[^;]{0,20} (?:could not|couldn't|cannot|can't) be|\b(?:retrieve|download|list|read|receive|check for) (?:new )?(?:e-?mails?|messages|mail)\b|\bno folders\b|\bselect failed\b|\bmutt: \(no mailbox\)/,
    /\b(?:fetch|fetching|reading|searching) (?:the |new )?(?:messages?|folders?|mailbox|inbox)\b[^;]{0,20}(?:error|fail)/,
    /\btoo many requests, backing off|\bparsing json response|\bresponse did not contain value\b/,
    /\berror reported by server\b/,
  ]),
  summary('send-failed', 'send', [
    /\b(?:could not|couldn't|can't|cannot|unable to|failed to|fail(?:ed|ure)?|error|unknown error|while trying to|giving up|trying|not allowed|not enabled)(?: \w{1,12}){0,4} (?:send|sending|sent|deliver\w{0,20})\b(?! or receiv)/,
    /\b(?:send|sending|sent|deliver\w{0,20})\b(?! or receiv)[^.;]{0,70} (?:fail|failed|not be sent|error|is not (?:allowed|enabled)|unable|for an unknown reason)/,
    /\b(?:mail|email|message)\b[^.;]{0,40} (?:unable to be|could not be|not be|cannot be) sent|\bsmtpexception sending|\bcommunication error while sending|\bsmtp session\b/,
    /\b(?:rejected the email|bulk e-?mail|over the limit for messages|transaction failed|unauthenticated senders|server is currently busy|exited with code)\b/,
    /\bdeliveryerror\b/,
    /\b(?:set|add|setting|adding) (?:the |an? )?(?:sender|recipients?)\b[^;]{0,60}\bfail|\bfail\w{0,3} (?:to )?(?:set|add|setting|adding) (?:the |an? )?(?:sender|recipients?)\b/,
  ]),
  summary('unavailable', 'greeting', [
    /\b(?:service (?:is )?(?:not available|unavailable)|temporarily unavailable|busy)\b(?!","message":"requested account can not be auth)/,
    /\b(?:ehlo|helo)\b[^;]{0,30}(?:not accepted|fail|reject|refus)/,
    /\bnegative response\b|\bgreeting\b|\bno valid server\b|\bhost doesn't allow connection|\bunexpected imap-server response|\bserver's capabilities|\bparse response from server/,
  ]),
  summary('login-refused', 'auth', [
    // "authentication failed", "login denied", "SASL error"
    /\b(?:auth|authentication|authentifizierung\w{0,20}|authorization|authfail\w{0,20}|authenticate\w{0,20}|log ?in|logon|sasl|oauth2?|user ?name|password|credentials?|\w{0,20}authentication_failure\w{0,20})\b[^;]{0,60}(?:fail\w{0,20}|error|denied|cancell?ed|refused|reject\w{0,20}|unsuccessful|(?:in|not )? ?valid|incorrect|wrong|not succeed|expired|not possible|not correct|not recogni[sz]ed|out-of-date|is required|required|in a web|too many)\b/,
    // "cannot login", "server denied authentication", "wrong password"
    /\b(?:fail\w{0,20}|errors?|denied|unable|could not|couldn't|cannot|can't|can not|invalid|reject\w{0,20}|wrong|incorrect|did not accept|issue|unknown|verify|check|needs? to|must|more steps|refused|no)\b[^;]{0,60}\b(?:auth\b|authent|log ?in\b|logon|log you|sign[ -]in\b|password|credential|user ?name)/,
    /\bauthenticationfailed|\bauthfailed|authentication_failure|\bcannot send message using the server|\bcouldn't sync|\bfailed to connect at jakarta|\bauthenticationfails|\binvalidauth\b|\bauthfail\b/,
    /\b(?:bad|wrong) (?:login|credentials)|\baccount (?:could not|couldn't|cannot) be verified|\bnot authenticated\b|\btemporary auth failure|\btrying login auth|\btoo many login|\baccount not recogni[sz]ed|\bsettings are out-of-date|\bauth[ _]failed\b|\bauth for user\b|\b(?:user|password) wrong\b|\bno authentication type succeeded/,
    /authentifizierungsfehler|chec de l'authentification|kann nicht authentifiziert|\bnot offered by the service\b/,
    /\bbad authentication response|general failure when trying to fetch|\blast request failed|\bcurrent hotmail account\b[^;]{0,40}|\bsign in via\b|\black of a secure connection/,
  ]),
  summary('connect-failed', 'connect', [
    /\b(?:could not|couldn't|can't|cannot|can not|unable to|failed to|error|errors?|problem|failure|trouble|imposible)(?: \w{1,12}){0,3} (?:connect\w{0,20}|establish\w{0,20}|reach|conectar|open (?:imap |smtp |a )?(?:connection|stream|socket)|connection)\b/,
    /\b(?:connect(?:ion)?|connect\(\))\b[^;]{0,80} ?(?:fail\w{0,20}|refused|lost|error|unavailable|not possible|was possible)\b|\bno connection was possible/,
    /(?<!response (?:is |was )?)\bnot (?:reachable|connected|available)\b|connection_failure|\bno valid route\b|\bfind session from pool|\bissue connecting/,
    /\bopen stream\b|\bmaximum number of connections/,
  ]),
  summary('bad-command', 'auth', [
    // A program that waits for the tagged OK of its command.
    /\bnot (?:respond|answer|repl)\w{0,4} with (?:an? )?(?:\w{1,8} )?ok\b|\bdid not (?:get|receive) an? (?:\w{1,8} )?ok\b/,
    /\bcommand failed\b|\bunexpected error code|\bbad command sequence|\bno matching response|\btls error\b/,
  ]),
]

/** Any word for a failure, if nothing more specific was found. */
export const unspecifiedMeanings = [
  summary('unspecified', { stage: null, anyStage: true }, [
    /\b(?:fail(?:ed|ure|s)?|errors?|unsuccessful|could not|couldn't|cannot|can't|can not|unable|not possible|problem)\b/,
    /\b(?:bad|invalid|unexpected|malformed)(?: \w{1,10}){0,4} (?:response|reply)\b/,
    /\ball transports failed|\bserver error\b|\bsetting up your account|\ban issue was detected|\bcant't find such \.well-known|\bsomething went wrong\b|\bunknown error\b/,
  ]),
]
