/** Writes a request in each of the languages of the samples. The API key is in the environment, `MAILGRANT_KEY`. */
import { EXAMPLE_URL } from '../paths.ts'

export const LANGUAGES = [
  { id: 'sh', name: 'curl' },
  { id: 'js', name: 'Node.js' },
  { id: 'python', name: 'Python' },
  { id: 'php', name: 'PHP' },
] as const
export type Language = (typeof LANGUAGES)[number]['id']

export type SampleRequest = {
  method: string
  /** Path with its query. */
  path: string
  needsKey: boolean
  /** Value of the JSON body. */
  json?: unknown
  /** Fields of a form, instead of JSON. A field of `$MAILGRANT_KEY` gets the key. */
  form?: Record<string, string>
  headers?: Record<string, string>
  /** The response has no body. */
  empty: boolean
}

const KEY_FIELD = '$MAILGRANT_KEY'

export const writeSamples = (request: SampleRequest): Record<Language, string> => ({
  sh: writeCurl(request),
  js: writeNode(request),
  python: writePython(request),
  php: writePhp(request),
})

const indent = (text: string, by: string) => text.replaceAll('\n', `\n${by}`)

/** The key reaches curl on standard input: every user of the machine can read its arguments. */
function writeCurl({ method, path, needsKey, json, form, headers = {} }: SampleRequest): string {
  const hasBody = json !== undefined || form !== undefined
  const options = [
    ...(method === (hasBody ? 'POST' : 'GET') ? [] : [`-X ${method}`]),
    ...(needsKey ? ['-H @-'] : []),
    ...Object.entries(headers).map(([name, value]) => `-H ${shellQuote(`${name}: ${value}`)}`),
    ...(json === undefined ? [] : ["-H 'Content-Type: application/json'"]),
    ...(form === undefined ? [] : ['-d @-']),
  ]
  const command = ['curl -sS --fail-with-body', ...options].join(' ')
  const url = shellQuote(EXAMPLE_URL + path)
  const body =
    json === undefined ? '' : ` -d ${shellQuote(indent(JSON.stringify(json, null, 2), '    '))}`
  if (form !== undefined) {
    const fields = Object.entries(form).map(([name, value]) =>
      value === KEY_FIELD ? `${name}=%s` : `${name}=${encodeURIComponent(value)}`,
    )
    return `printf '${fields.join('&')}' "${KEY_FIELD}" |\n  ${command} \\\n    ${url}`
  }
  if (!needsKey) return `${command} ${url}${body}`
  return `echo "Authorization: Bearer ${KEY_FIELD}" |\n  ${command} \\\n    ${url}${body}`
}

const shellQuote = (text: string) =>
  /^[\w:/.-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`

/** The API key in a value is `KEY_FIELD`. */
const headersOf = ({ needsKey, json, headers }: SampleRequest): Record<string, string> => ({
  ...(needsKey && { Authorization: `Bearer ${KEY_FIELD}` }),
  ...headers,
  ...(json !== undefined && { 'Content-Type': 'application/json' }),
})

function writeNode(request: SampleRequest) {
  const { method, path, json, form, empty } = request
  const headers = headersOf(request)
  const options = literal(js, {
    ...(method !== 'GET' && { method }),
    ...(Object.keys(headers).length > 0 && { headers }),
    ...(json !== undefined && { body: () => `JSON.stringify(${literal(js, json)})` }),
    ...(form && { body: () => `new URLSearchParams(${literal(js, form)})` }),
  })
  const url = quote(EXAMPLE_URL + path)
  return [
    `const response = await fetch(${options === '{}' ? url : `${url}, ${options}`})`,
    'if (!response.ok) throw new Error(await response.text())',
    ...(empty ? [] : ['console.log(await response.json())']),
  ].join('\n')
}

function writePython(request: SampleRequest) {
  const { method, path, needsKey, json, form, empty } = request
  const hasBody = json !== undefined || form !== undefined
  const headers = headersOf(request)
  const options = [
    quote(EXAMPLE_URL + path),
    ...(method === (hasBody ? 'POST' : 'GET') ? [] : [`method='${method}'`]),
    ...(Object.keys(headers).length === 0 ? [] : [`headers=${literal(python, headers)}`]),
    ...(json === undefined ? [] : [`data=json.dumps(${literal(python, json)}).encode()`]),
    ...(form ? [`data=urllib.parse.urlencode(${literal(python, form)}).encode()`] : []),
  ]
  const modules = [
    ...(json === undefined && empty ? [] : ['json']),
    ...(needsKey || form ? ['os'] : []),
    ...(form ? ['urllib.parse'] : []),
    'urllib.request',
  ]
  return [
    `import ${modules.join(', ')}`,
    '',
    `request = urllib.request.Request(\n    ${indent(options.join(',\n'), '    ')},\n)`,
    'with urllib.request.urlopen(request) as response:',
    empty ? '    print(response.status)' : '    print(json.load(response))',
  ].join('\n')
}

function writePhp(request: SampleRequest) {
  const { method, path, json, form, empty } = request
  const headers = {
    ...headersOf(request),
    ...(form && { 'Content-Type': 'application/x-www-form-urlencoded' }),
  }
  const header = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
  const http = {
    ...(method !== 'GET' && { method }),
    ...(header.length > 0 && { header }),
    ...(json !== undefined && { content: () => `json_encode(${literal(php, json)})` }),
    ...(form && { content: () => `http_build_query(${literal(php, form)})` }),
  }
  const url = quote(EXAMPLE_URL + path)
  const hasOptions = Object.keys(http).length > 0
  return [
    '<?php',
    ...(hasOptions ? [`$context = stream_context_create(['http' => ${literal(php, http)}]);`] : []),
    `$body = file_get_contents(${hasOptions ? `${url}, false, $context` : url});`,
    'if ($body === false) exit(1);',
    ...(empty ? [] : ['print_r(json_decode($body, true));']),
  ].join('\n')
}

/** The syntax of a language for JSON values and for the API key. */
type Notation = {
  constants: { null: string; true: string; false: string }
  brackets: [string, string]
  member: (name: string) => string
  indent: string
  apiKey: string
  /** Puts a text before the API key. */
  join: (text: string, apiKey: string) => string
}

/** Quotes a string without control characters, as all three languages do. */
const quote = (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`

const js: Notation = {
  constants: { null: 'null', true: 'true', false: 'false' },
  brackets: ['{', '}'],
  member: (name) => `${/^\w+$/.test(name) ? name : quote(name)}: `,
  indent: '  ',
  apiKey: 'process.env.MAILGRANT_KEY',
  join: (text, apiKey) => `\`${text}\${${apiKey}}\``,
}
const python: Notation = {
  constants: { null: 'None', true: 'True', false: 'False' },
  brackets: ['{', '}'],
  member: (name) => `${quote(name)}: `,
  indent: '    ',
  apiKey: "os.environ['MAILGRANT_KEY']",
  join: (text, apiKey) => `${quote(text)} + ${apiKey}`,
}
const php: Notation = {
  constants: js.constants,
  brackets: ['[', ']'],
  member: (name) => `${quote(name)} => `,
  indent: '    ',
  apiKey: "getenv('MAILGRANT_KEY')",
  join: (text, apiKey) => `${quote(text)} . ${apiKey}`,
}

/** Writes a value of JSON in a language. A function in its place returns code. */
function literal(notation: Notation, value: unknown): string {
  const { constants, brackets, member, indent: by, apiKey, join } = notation
  if (typeof value === 'function') return value()
  if (value === null || typeof value === 'boolean') return constants[`${value}`]
  if (value === KEY_FIELD) return apiKey
  if (typeof value === 'string') {
    return value.endsWith(KEY_FIELD) ? join(value.replace(KEY_FIELD, ''), apiKey) : quote(value)
  }
  if (typeof value !== 'object') return String(value)
  const isList = Array.isArray(value)
  const items = isList
    ? value.map((item) => literal(notation, item))
    : Object.entries(value).map(([name, item]) => member(name) + literal(notation, item))
  const [open, close] = isList ? ['[', ']'] : brackets
  if (items.length === 0) return notation === php && !isList ? 'new stdClass()' : open + close
  const short = `${open}${items.join(', ')}${close}`
  if (isList && !short.includes('\n') && short.length < 50) return short
  return `${open}\n${by}${indent(items.join(',\n'), by)},\n${close}`
}
