/**
 * Masks what has the shape of a secret or of an address in a text that is about to leave the deployment. It masks too
 * much rather than too little, since a secret that has left can't be called back. Names of people and plain sentences
 * have no shape. Every step is linear in the length of the text.
 */

/** Times that a text is decoded, for escapes within escapes. */
const MAX_DEPTH = 4

export function redact(text: string): string {
  return withoutLabelled(joinWrapped(decode(withoutEncoded(plainOf(text)))))
    .replace(DOMAIN_USER, '[user]')
    .replace(HOME, '[user]')
    .replace(ADDRESS, (run) => (run.includes('@') ? '[email]' : run))
    .replace(GUID, '[guid]')
    .replace(IPV4, (ip) => (ip === '127.0.0.1' ? ip : '[ip]'))
    .replace(IPV6_OR_MAC, '[ip]')
    .replace(TOKEN, maskToken)
}

/** Returns the text in one alphabet, with line feeds, and without invisible characters. */
const plainOf = (text: string): string =>
  text
    .normalize('NFKC')
    .replace(/\r\n?|[\u2028\u2029]/g, '\n')
    .replace(/[^\S\n]|\p{Cc}(?<!\n)/gu, ' ')
    .replace(/\p{C}(?<!\n)/gu, '')

/** Masks what would end too early once it is decoded, such as a password with an ampersand. */
const withoutEncoded = (text: string): string =>
  text.replace(FORM_PASSWORD, '$1[secret]').replace(USER_INFO, '[secret]@')

const FORM_PASSWORD =
  /((?:passw(?:or)?d|passphrase|pass|pwd|secret|api[_-]?key)=)[^\s&"'<>%]{0,200}%[^\s&"'<>]+/gi

/** Resolves percent encoding, escapes of JSON and HTML, and quoted-printable where it is unambiguous. */
function decode(text: string): string {
  let plain = text
  for (let depth = 0; depth < MAX_DEPTH; depth += 1) {
    const before = plain
    plain = plain
      .replace(/=\n/g, '')
      .replace(/(?<=\w)=(2D|2E|40|5F)(?=[A-Za-z])/g, (_, code) => characterOf(code))
      .replace(/(?:%[0-9a-f]{2})+/gi, bytesOf)
      .replace(
        /(?<!\\)\\+(?:u([0-9a-f]{4})|x([0-9a-f]{2}))|&#x([0-9a-f]{2,4});/gi,
        (_, unicode, byte, entity) => characterOf(unicode ?? byte ?? entity),
      )
      .replace(/&#(\d{2,3});/g, (_, code) => String.fromCharCode(Number(code)))
      .replace(/&(?:amp|quot|lt|gt|nbsp);/g, (name) => ENTITIES[name] ?? ' ')
      .replace(/(?<!\\)\\+(?:r\\{1,8})?n/g, '\n')
      .replace(/(?<!\\)\\+(["'/])/g, '$1')
    if (plain === before) break
  }
  return plain
}

const ENTITIES: Record<string, string> = { '&amp;': '&', '&quot;': '"', '&lt;': '<', '&gt;': '>' }

const characterOf = (hex: string) => String.fromCharCode(Number.parseInt(hex, 16))

const bytesOf = (run: string) =>
  new TextDecoder().decode(Uint8Array.from(run.slice(1).split('%'), (hex) => Number(`0x${hex}`)))

/** Joins the lines of a long blob, whose last line could be too short for a shape, and of an address. */
const joinWrapped = (text: string): string =>
  text
    .replace(/\\\n[ \t]*/g, '')
    .replace(/(?<=[\w+/.~=-]{24})\n[ \t>|]*(?=[\w+/.~=-]+[ "',;)}\]]*(?:\n|$))/g, '')
    .replace(/(?<=[\w.]@)\n[ \t>|]*|\n[ \t>|]*(?=@\w)/g, '')

/** Masks secrets that are known by the text beside them, since a password has no shape. */
const withoutLabelled = (text: string): string =>
  text
    .replace(/-----BEGIN [^-\n]{1,40}-----[\s\S]*?(?:-----END [^-\n]{1,40}-----|$)/g, '[secret]')
    .replace(/\bmg_[\w-]+/g, '[secret]')
    .replace(PASSWORD_LINE, '$1[secret]')
    .replace(PASSWORD, '$1[secret]')
    .replace(OPTION, '[secret]')
    .replace(ARGUMENTS, '[secret]')
    .replace(USER_INFO, '[secret]@')
    .replace(LOGIN, '[secret]')
    .replace(POP_PASSWORD, '[secret]')
    .replace(LOGIN_RESPONSE, '[secret]')
    .replace(HEX_DUMP, '[secret]')

/** A value after its label in a URL, a setting, JSON, XML, or source code, but not the error after "wrong password:". */
const PASSWORD =
  /((?:passw(?:or)?d|passphrase|pass|pwd|secret|api[_-]?key)\d?["']?(?:[ \t]{0,8}(?:=>?|:)[ \t]{0,8}|>))(?!\d{3}[ -]|AADSTS)(?:"(?:[^"\\\n]|\\.)*"?|'(?:[^'\\\n]|\\.)*'?|[^\s"'&,;<]+(?:(?:[,;'"][^\s"'&,;<=:]+)+(?![^\s&<]))?)/gi
/** A line with nothing else, whose value can have spaces. */
const PASSWORD_LINE =
  /^([ \t>]{0,40}(?:[\w.-]{1,20} ){0,2}[\w.-]{0,40}(?:passw(?:or)?d|passphrase|secret|api[_ -]?key): ?)(?!\d{3}[ -]|AADSTS)\S+(?: \S+){0,3}$/gim
/** The value of an option of curl, imapsync, swaks and the like. */
const OPTION =
  /(?<=(?:^|\s)(?:-u|--?[\w-]{0,20}(?:user|passw(?:or)?d|pass|secret)\d?)[ =])(?:"[^"\n]*"?|'[^'\n]*'?|\S+)/gim
/** The arguments of a call in source code, as a traceback quotes it. */
const ARGUMENTS =
  /(?<=(?:login|authenticate|credentials?|imap_open) ?\()(?=[^)\n]{0,200}["'])[^)\n]{1,300}/gi
const USER_INFO = /(?<=\w:\/\/)[^\s/?#"'<>]{1,200}@/g
/** The arguments of IMAP's LOGIN after its tag. */
const LOGIN =
  /(?<=(?:^|[^\w.])(?:[a-z]{0,8}\d{1,8}|[a-z.]) LOGIN )(?:"[^"\n]*"|\S+) (?:"[^"\n]*"|\S+)/gim
const POP_PASSWORD = /(?<=\bPASS |^pass )\S.*$/gm
/** The line after a prompt of AUTH LOGIN, in base64 of any length. */
const LOGIN_RESPONSE =
  /(?<=\b334 (?:VXNlcm5hbWU6|UGFzc3dvcmQ6)[ \t]{0,8}\n[^\n]{0,80})(?<![\w+/=])[\w+/=]+$/gm
/** Bytes with the text beside them. */
const HEX_DUMP =
  /(?<!\w)(?:(?:[\da-f]{2}[ :-]{1,2}){7,}[\da-f]{2}|(?:[\da-f]{4} {1,2}){5,}[\da-f]{2,4})(?!\w)[^\n]*/gi

/** A user of a Windows domain: two names, unlike a path or a class. */
const DOMAIN_USER = /(?<![\w.\\/:-])[a-z][\w.-]{0,30}\\{1,2}(?!\\)[\w.$@-]{2,64}(?![\w.$@-]*\\)/gi
/** The folder of a user. */
const HOME = /(?<=[\\/](?:Users|home)[\\/]{1,2})[^\\/\s:"']+/g
/** A run that is an address if it contains an @. Matched as a whole, so that none is read twice. */
const ADDRESS = /[^\s"'<>()[\]{},;:|=&?/\\]+/g
const GUID = /[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}/gi
/** tcpdump writes the port after a fourth dot. */
const IPV4 = /(?<!\d\.?)\d{1,3}(?:\.\d{1,3}){3}(?!\d)(?:\.\d{1,5}(?!\d))?/g
/** Two colons in a row, or at least six groups, since a time of day has three. */
const IPV6_OR_MAC =
  /(?<![\w:])(?:[0-9a-f]{0,4}(?::[0-9a-f]{1,4}){0,6}::(?:[0-9a-f]{1,4}(?::[0-9a-f]{1,4}){0,6})?|(?:[0-9a-f]{1,4}[:]){5,}[0-9a-f]{1,4})(?![\w:])/gi

/** Length of a run of letters of both cases and digits that only a secret has. */
const LONG = 48

const TOKEN = /[\p{L}\p{M}\p{N}_~.!*$%+/=-]{4,}/gu

/** Masks a run without spaces: a path or `name=value` by its parts, all else as a whole. */
function maskToken(token: string): string {
  const parts = token.split('/')
  if (token.startsWith('/') || parts.some((part) => /^[a-z_]{3,}$/.test(part))) {
    return parts.map(maskWord).join('/')
  }
  return maskWord(token)
}

function maskWord(word: string): string {
  const [, name = '', value = word] = /^([a-z_]{2,40}=)(.+)$/i.exec(word) ?? []
  if (KNOWN.test(value) || MICROSOFT.test(value)) return word
  if (isRandom(value)) return `${name}[secret]`
  return word
    .split(/([^\p{L}\p{M}\p{N}_.-]+)/u)
    .map(maskHost)
    .join('')
}

/** Technical terms that look random, and names of files, classes and permissions that look like hosts. */
const KNOWN = new RegExp(
  `^(?:${[
    // Numbers of errors, dates, and the prompts of AUTH LOGIN.
    /[A-Z]{2,10}-?\d{3,9}|0x[\da-fA-F]{4,8}|[\dA-F]{8}|[A-Z\d]+(?:_[A-Z\d]+)+/,
    /\d{4}-\d\d-\d\dT\d\d|\d\d\.\d{3,9}Z?|\d{1,2}-[A-Z][a-z]{2}-\d{4}|VXNlcm5hbWU6|UGFzc3dvcmQ6/,
    /IMAP4(?:rev\d)?|SCRAM-SHA-\d{1,3}(?:-PLUS)?|(?:STOREDRV|RESOLVER|SMTPSEND)[.\w]*/,
    /[\w.]*(?:[Ee]rror|ERROR|Exception)\w*/,
    /[\w.-]+(?<!\.(?:com|edu|gov|net|org))\.(?:js|ts|py|rb|go|php|java|log|json|xml|html?|txt|conf|cfg|ini|ya?ml|crt|pem|[op]st|dll|exe)/,
    /\w+\.(?:AccessAs(?:User|App)|[Ss]end(?:AsApp)?|[Rr]ead(?:Write|Basic)?|ManageAsApp)(?:\.(?:All|Shared))?/,
  ]
    .map(({ source }) => source)
    .join('|')})[.!*]*$`,
)

const MICROSOFT =
  /^(?:(?:[a-z\d-]+\.){0,2}(?:(?:office(?:365)?|microsoft(?:online)?)\.(?:com|us|cn)|outlook\.(?:com|cn)|(?:hotmail|live)\.com|live\.net|chinacloudapi\.cn)|[a-z\d.-]+\.prod\.(?:outlook|exchangelabs|protection\.outlook)\.com|sts\.windows\.net|smtp\.hve\.mx\.microsoft|portal\.azure\.com|webmail\.apps\.mil|aka\.ms)[.!]*$/i

/** Masks a name with dots whose last label can be a top-level domain, which has no capitals within. */
function maskHost(part: string): string {
  const labels = part.split('.').filter(Boolean)
  const name = labels.join('.')
  const last = labels.at(-1) ?? ''
  const isHost =
    /^(?:\p{L}[\p{L}\p{M}]{1,62}|xn--[a-z\d-]+)$/iu.test(last) &&
    !/^(?=.{8}).*[a-z][A-Z]/.test(last)
  if (labels.length < 2 || !isHost || MICROSOFT.test(name) || KNOWN.test(name)) return part
  return part.endsWith('.') ? '[host].' : '[host]'
}

/** Returns true if less than half of a run consists of words, or if it is too long and mixed for a name. */
function isRandom(word: string): boolean {
  const characters = word.replace(/[^\p{L}\p{M}\p{N}]/gu, '')
  if (/^\d+$/.test(characters)) return characters.length >= 10 && !/[.:/-]/.test(word)
  if (characters.length < 8) return false
  if (characters.length >= LONG && [/\d/, /[a-z]/, /[A-Z]/].every((kind) => kind.test(characters)))
    return true
  const words = word.match(/\p{Lu}?[\p{Ll}\p{Lo}\p{M}]{3,}|\p{Lu}{4,}|\p{Lo}+/gu) ?? []
  const length = words.filter(isWord).reduce((sum, each) => sum + each.length, 0)
  return length * 2 < characters.length
}

/** Returns true for letters that can be spoken. */
function isWord(letters: string): boolean {
  if (/[^a-z]/i.test(letters)) return true
  const vowels = letters.match(/[aeiouy]/gi)?.length ?? 0
  return vowels > 0 && (letters.length < 12 || vowels * 5 >= letters.length)
}
