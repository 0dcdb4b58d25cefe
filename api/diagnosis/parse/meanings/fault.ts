/**
 * Meanings of a program's part or setting beside a word for its absence or fault. Such broad patterns fit unknown
 * programs too, so they decide only where nothing else does, apart from a summary before them.
 */
import { meaningsOf } from './meaning.ts'

const program = meaningsOf('program')

/** Things that a program is configured or built with, but nothing that a server grants or refuses. */
const THING =
  '(?:(?<!(?:your|user|this|microsoft) )accounts?|arguments?|attribute|class|client|config(?:uration)?|constant|domain|driver|extensions?|field|file|format|function|handler|host|ids?|identity|index|keys?|librar(?:y|ies)|method|mode|module|names?|object|option|parameters?|path|plug-?in|ports?|profile|propert(?:y|ies)|provider|scheme|secret|setting|template|type|uri|url|value|variable)'
const WORDS = String.raw`(?: [\w'".:-]{1,24}){0,4}`

export const faultMeanings = [
  program('program-fault', { stage: null, fallback: true }, [
    // "empty port", "no sent folder", "unknown mailbox type"
    new RegExp(
      String.raw`\b(?:no|empty|blank|missing|unknown|invalid|illegal|unsupported|unrecogni[sz]ed|malformed|wrong|bad|duplicate|ambiguous|unexpected|not allowed|no such)${WORDS} ${THING}\b`,
    ),
    // "extension not found", "the account 7 is not active", "option disabled"
    new RegExp(
      String.raw`\b${THING}${WORDS} (?:is |are |was |were |has been )?(?:not (?:found|active|enabled|available|allowed|valid|set|given|loaded|installed|defined|registered|recogni[sz]ed|permitted|unique|exists?)|n't (?:found|set|valid|exist)|does not exist|disabled|inactive|unknown|invalid|unsupported|missing|empty|undefined|removed)\b`,
    ),
    // "the identity does not have a name", "sending is disabled"
    new RegExp(
      String.raw`\b(?:(?:does not|doesn't|do not|don't) (?:have|contain|specify|define)|has no|have no)${WORDS} ${THING}\b`,
    ),
    /(?<!\b(?:account|user|mailbox|tenant|app|application|sign-in|login|authentication) )\b(?:is|are|was|were|has been|have been) (?:disabled|deactivated|turned off|switched off|not enabled|not active)\b/,
    // "timeout required!", "no mail template" as a whole sentence
    /(?:^|: )[\w -]{2,40} (?:is |are )?(?:required|mandatory)[.!]?$/,
    /(?:^|: )no [\w' -]{3,50}[.!]?$/,
    // "the type must be", "a key cannot be"
    new RegExp(
      String.raw`\b${THING}${WORDS} (?:must|should|needs?|has to|have to|may not|cannot|can not|can't) `,
    ),
    /\b(?:cannot|can't|could not|couldn't|unable to|failed to|fail to) (?:parse|decode|encode|convert|initiali[sz]e|instantiate|create|construct|load|import|compile|read|write|save|store|open|find|locate)(?: [\w'".:-]{1,24}){1,5}[.!]?$/,
  ]),
]
