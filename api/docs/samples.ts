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

function writeNode({ method, path, needsKey, json, form, headers = {}, empty }: SampleRequest) {
  const all = [
    // biome-ignore lint/suspicious/noTemplateCurlyInString: code of the sample.
    ...(needsKey ? ['authorization: `Bearer ${process.env.MAILGRANT_KEY}`'] : []),
    ...Object.entries(headers).map(([name, value]) => `'${name.toLowerCase()}': ${quote(value)}`),
    ...(json === undefined ? [] : ["'content-type': 'application/json'"]),
  ]
  const options = [
    ...(method === 'GET' ? [] : [`method: '${method}'`]),
    ...(all.length === 0 ? [] : [`headers: {\n    ${all.join(',\n    ')},\n  }`]),
    ...(json === undefined ? [] : [`body: JSON.stringify(${indent(literal(json, js), '  ')})`]),
    ...(form === undefined
      ? []
      : [`body: new URLSearchParams(${indent(literal(form, js), '  ')})`]),
  ]
  const argument = options.length === 0 ? '' : `, {\n  ${options.join(',\n  ')},\n}`
  return [
    `const response = await fetch(${quote(EXAMPLE_URL + path)}${argument})`,
    'if (!response.ok) throw new Error(await response.text())',
    ...(empty ? [] : ['console.log(await response.json())']),
  ].join('\n')
}

function writePython({ method, path, needsKey, json, form, headers = {}, empty }: SampleRequest) {
  const hasBody = json !== undefined || form !== undefined
  const all = [
    ...(needsKey ? [`'Authorization': 'Bearer ' + os.environ['MAILGRANT_KEY']`] : []),
    ...Object.entries(headers).map(([name, value]) => `${quote(name)}: ${quote(value)}`),
    ...(json === undefined ? [] : ["'Content-Type': 'application/json'"]),
  ]
  const options = [
    quote(EXAMPLE_URL + path),
    ...(method === (hasBody ? 'POST' : 'GET') ? [] : [`method='${method}'`]),
    ...(all.length === 0 ? [] : [`headers={\n        ${all.join(',\n        ')},\n    }`]),
    ...(json === undefined
      ? []
      : [`data=json.dumps(${indent(literal(json, python), '    ')}).encode()`]),
    ...(form === undefined
      ? []
      : [`data=urllib.parse.urlencode(${indent(literal(form, python), '    ')}).encode()`]),
  ]
  const modules = [
    ...(json === undefined && empty ? [] : ['json']),
    ...(needsKey || form !== undefined ? ['os'] : []),
    ...(form === undefined ? [] : ['urllib.parse']),
    'urllib.request',
  ]
  return [
    `import ${modules.join(', ')}`,
    '',
    `request = urllib.request.Request(\n    ${options.join(',\n    ')},\n)`,
    'with urllib.request.urlopen(request) as response:',
    empty ? '    print(response.status)' : '    print(json.load(response))',
  ].join('\n')
}

function writePhp({ method, path, needsKey, json, form, headers = {}, empty }: SampleRequest) {
  const all = [
    ...(needsKey ? [`'Authorization: Bearer ' . getenv('MAILGRANT_KEY')`] : []),
    ...Object.entries(headers).map(([name, value]) => quote(`${name}: ${value}`)),
    ...(json === undefined ? [] : ["'Content-Type: application/json'"]),
    ...(form === undefined ? [] : ["'Content-Type: application/x-www-form-urlencoded'"]),
  ]
  const options = [
    ...(method === 'GET' ? [] : [`'method' => '${method}'`]),
    ...(all.length === 0 ? [] : [`'header' => [\n        ${all.join(',\n        ')},\n    ]`]),
    ...(json === undefined
      ? []
      : [`'content' => json_encode(${indent(literal(json, php), '    ')})`]),
    ...(form === undefined
      ? []
      : [`'content' => http_build_query(${indent(literal(form, php), '    ')})`]),
  ]
  const url = quote(EXAMPLE_URL + path)
  const call =
    options.length === 0
      ? [`$body = file_get_contents(${url});`]
      : [
          `$context = stream_context_create(['http' => [\n    ${options.join(',\n    ')},\n]]);`,
          `$body = file_get_contents(${url}, false, $context);`,
        ]
  return [
    '<?php',
    ...call,
    'if ($body === false) exit(1);',
    ...(empty ? [] : ['print_r(json_decode($body, true));']),
  ].join('\n')
}

/** Writes a value of JSON as a literal of a language. */
type Notation = {
  null: string
  true: string
  false: string
  key: (name: string) => string
  object: [string, string]
  array: [string, string]
  indent: string
  secret: string
}

/** Quotes a string without control characters, as all three languages do. */
const quote = (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`

const js: Notation = {
  null: 'null',
  true: 'true',
  false: 'false',
  key: (name) => `${/^\w+$/.test(name) ? name : quote(name)}: `,
  object: ['{', '}'],
  array: ['[', ']'],
  indent: '  ',
  secret: 'process.env.MAILGRANT_KEY',
}
const python: Notation = {
  ...js,
  null: 'None',
  true: 'True',
  false: 'False',
  key: (name) => `${quote(name)}: `,
  indent: '    ',
  secret: "os.environ['MAILGRANT_KEY']",
}
const php: Notation = {
  ...js,
  key: (name) => `${quote(name)} => `,
  object: ['[', ']'],
  indent: '    ',
  secret: "getenv('MAILGRANT_KEY')",
}

function literal(value: unknown, notation: Notation): string {
  if (value === null) return notation.null
  if (value === KEY_FIELD) return notation.secret
  if (typeof value === 'string') return quote(value)
  if (typeof value === 'boolean') return value ? notation.true : notation.false
  if (typeof value !== 'object') return String(value)
  const [[open, close], items] = Array.isArray(value)
    ? [notation.array, value.map((item) => literal(item, notation))]
    : [
        notation.object,
        Object.entries(value).map(([name, item]) => notation.key(name) + literal(item, notation)),
      ]
  if (items.length === 0) {
    return notation === php && !Array.isArray(value) ? 'new stdClass()' : open + close
  }
  const short = `${open}${items.join(', ')}${close}`
  if (Array.isArray(value) && !short.includes('\n') && short.length < 50) return short
  return `${open}\n${notation.indent}${items.map((item) => indent(item, notation.indent)).join(`,\n${notation.indent}`)},\n${close}`
}
