/**
 * Meanings of Microsoft Graph's errors, in all forms of quotation. Most of those about mail come from Exchange behind
 * it.
 */
import { meaningsOf } from './meaning.ts'

const graph = meaningsOf('graph')

export const graphMeanings = [
  graph('graph-token-refused', 'auth', [
    /\binvalidauthenticationtoken\b/,
    /\bcontinuous access evaluation resulted in challenge\b/,
    /\bauthorization_identitynotfound\b|\borganizationfromtenantguidnotfound\b/,
    /\berror authenticating with resource\b|\binsufficient_claims\b/,
  ]),
  graph('graph-access-denied', null, [
    /\berroraccessdenied\b|\baccess to odata is disabled\b/,
    /\bauthorization_requestdenied\b/,
  ]),
  graph('graph-mailbox-missing', null, [
    /\bmailboxnot(?:enabledforrestapi|supportedforrestapi|hostedinexchangeonline)\b/,
    /\berror(?:mailboxnotenabledforrestapi|invaliduser|nonexistentmailbox)\b/,
    /\brestapinotenabled\w{0,40}\b|\brequest_resourcenotfound\b|\bextensionerror\b/,
  ]),
  graph('graph-not-found', null, [
    /\berroritemnotfound\b|\bdefault folder (?:root|inbox) not found\b/,
  ]),
  graph('graph-sending-refused', 'send', [
    /\berror(?:sendasdenied|messagesubmissionblocked|messageblocked|accountsuspend|quotaexceeded|messagesizeexceeded|invalidrecipients)\b/,
    /\berrorexceeded(?:maxrecipient|message|hourlymessage)limit\b/,
    /\binstructions in your inbox to verify\b|\brequestentitytoolarge\b/,
  ]),
  graph('graph-request-invalid', 'send', [
    /\berrormimecontentinvalid(?:base64string)?\b|\binvalid base64 string for mime content\b/,
    /\bme request is only valid with delegated\b|\bunable to read json request payload\b/,
    /\btype named '?microsoft\.graph\.\w{3,30}|\bresource not found for the segment\b/,
    /\berrorinvalidrequest\b|\binvalidinternetmessageheader\b/,
  ]),
  graph('throttled', 'send', [
    /\bapplicationthrottled\b|\bmailboxconcurrency\b|\bactivitylimitreached\b|\berrorthrottlelimitexceeded\b|\btoomanyrequests\b/,
  ]),
  graph('unavailable', 'send', [
    /\berror(?:mailboxmoveinprogress|mailboxstoreunavailable|serverbusy|internalservertransienterror|timeoutexpired|toomanyobjectsopened)\b/,
  ]),
]
