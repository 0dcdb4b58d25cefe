/** Meanings of texts of the web server or framework at the redirect URI. */
import { meaningsOf } from './meaning.ts'

const callback = meaningsOf('callback')

export const callbackMeanings = [
  callback('state-mismatch', 'callback', [
    /[?&]error=(?:state|nonce|csrf|session)_[a-z_]{3,40}|\bfailed to parse (?:the )?state\b/,
    /\bunexpected state\b|\bpossible csrf|\bcsrf (?:verification|validation|check|token)\b[^.;]{0,20} (?:fail|invalid|missing|mismatch|incorrect)/,
    /\b(?:invalid|wrong|mismatching|incorrect|bad|expired|unknown|unable to verify)(?: \w{1,15}){0,4}[ _]?(?<!connection )(?:state|csrf|csrf token|sesskey)\b(?! of| for| name| code)/,
    /\binvalid_?state|\bstate_?mismatch|\bcsrf_detected|\bcsrf (?:warning|detected|token mismatch)|\binvalid_state_parameter|\binvalid_nonce|\bmismatchingstate|\bno_state_in_hash|\binvalid state format/,
    /\b(?:oauth |callback |request )?(?:states?|csrf token|state key|the nonce)(?: \w{1,12}| parameter| value)?(?:\(\w{1,40}\))? (?:is |are |does |do |did |was )?(?:not (?:equal|match|valid)|don't match|doesn't match|mismatch|invalid|expired)/,
    /\bstate mismatch\b|\breturned state\(|\bstate returned in\b|\bmatches request state\b|\bunable to verify authorization code/,
  ]),
  callback('callback-session-lost', 'callback', [
    /\bmissing (?:\w{1,12} ){0,3}state\b/,
    /\bstate (?:cookie|parameter|argument|token|value)\b[^.;]{0,20} (?:missing|not found|lost|not set|empty)|\bchecks\.state\b|\bstate cookie\b/,
    /\b(?:oauth|sign-?in|log-?in|auth\w{0,20}) session\b[^.;]{0,20} (?:expired|not (?:be )?found|lost|timed out)|\bsession (?:has )?expired\b/,
    /\bpage expired\b|\b419 \||\bsession has (?:most likely )?(?:timed out|expired)/,
    /\b(?:missing state|state missing|no state)\b|\bunable to verify authorization request state|\bauthorization_request_not_found|\bno_token_request_cache|\bhash_empty|\bhash value cannot\b/,
    /\bcookie (?:is )?not found|\bcookies? (?:missing|blocked)|\bdoes not exist or you don't have permission[^;]{0,60}oauthredirect/,
    /^\{"code":401,"message":"unauthorized"\}$/,
  ]),
  callback('callback-session-lost', 'authorize', [/authenticity_?(?:token|error)/]),
  callback('callback-forbidden', 'callback', [
    /\bmethod(?:not| is not )allowed|\b(?:post|get) method is not supported for/,
    /\bnon system user\b|\bdo not have permission to (?:add|link|connect|create) \w{0,12} ?(?:mail |email )?accounts?\b/,
  ]),
  callback('callback-not-found', 'callback', [
    /\bcannot (?:get|post) \/\S{0,60}(?:callback|redirect|auth)|\b404\b[^;]{0,80}\b(?:callback|redirect)|\b(?:callback|redirect)[^;]{0,60}\b404\b/,
  ]),
  callback('callback-not-reached', 'callback', [
    /\blistener timed out\b|\bloopback_server_timeout|\bno authorization code was returned from the server during/,
  ]),
  callback('redirect-mismatch', 'callback', [
    /\bredirected path should|\bresulting url\b|\b(?:redirect|callback)\w{0,4} (?:url|uri|path) (?:does not|should|must) (?:match|contain)/,
  ]),
  callback('request-invalid', 'callback', [
    /\bmissing (?:needed|required) parameter '?code\b/,
    /\b(?:auth(?:ori[sz]ation)?(?: |_)?code|code parameter|authcode)(?: parameters?)?\b[^.;]{0,40} (?:not (?:provided|available|found|received|present|returned)|missing|was missing|is missing)/,
    /\b(?:no|missing|obtain an?|contain|receive an?|get|get an)(?: valid)? (?:'?code'? (?:for session|parameter|in (?:the )?(?:response|result|request)|,)|auth(?:ori[sz]ation)?[ _]?code|code, )/,
    /\bmissing_?code|\bno_auth_code\b|\bauthentication failed, code not available/,
    /\bparameter '?\(?code'?\)? (?:is|was) missing|\bmust contain either "code"/,
    /\b(?:insufficient parameters for|invalid|unrecogni[sz]ed) (?:oauth2? )?(?:callback|return|redirect) ?(?:request)?|\binvalid request, see logs/,
  ]),
  callback('setting-missing', 'callback', [/\bclient_registration_not_found/]),
]
