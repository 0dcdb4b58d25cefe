/** The API reference: an introduction, a page for each topic, and one for the messages to webhooks. */
import { raw } from 'hono/html'
import { problemTable } from '../../schema/problems.ts'
import { EXAMPLE_URL } from '../paths.ts'
import { guidePage } from './guides.tsx'
import { highlight } from './highlight.ts'
import { headingsOf, parseChapter, renderMarkdown, slugOf } from './markdown.ts'
import { ObjectLink, ObjectList, OneOf, Properties, propertiesOf } from './objects.tsx'
import {
  bodyOf,
  type Call,
  callsOf,
  type Document,
  dereference,
  exampleOf,
  nameOf,
  type Property,
  problemCodes,
  type Schema,
  toCall,
} from './openapi.ts'
import type { Page, Section } from './page.ts'
import { LANGUAGES, type SampleRequest, writeSamples } from './samples.ts'

const PATH = '/docs/api'
/** The call that the introduction shows. */
const FIRST_CALL = 'getIntegration'
/** The end of the introduction. It describes the OpenAPI document, so the document itself lacks it. */
const CLIENTS = `

## Generated clients
[openapi.json](/openapi.json) describes every call and message. openapi-typescript, @hey-api/openapi-ts and orval are tested with it at their defaults. In TypeScript, after \`npm install openapi-fetch\` and \`npx openapi-typescript ${EXAMPLE_URL}/openapi.json -o openapi.d.ts\`:

\`\`\`ts
import createClient from 'openapi-fetch'
import type { paths } from './openapi.d.ts'

const mailgrant = createClient<paths>({
  baseUrl: '${EXAMPLE_URL}',
  headers: { authorization: \`Bearer \${process.env.MAILGRANT_KEY}\` },
})
const { data, error } = await mailgrant.POST('/v1/authorizations', {
  body: { provider: 'microsoft', username: 'support@contoso.com' },
})
if (error) throw new Error(error.detail)
console.log(data.url)
\`\`\`
`

/** `changelog`: the text of its file, which each release completes. */
export function referenceSection(document: Document, changelog: string): Section {
  const calls = callsOf(document)
  const topics = document.tags.map(({ name, description }) =>
    topicPage(
      document,
      name,
      description,
      calls.filter(({ tags }) => tags.includes(name)),
    ),
  )
  return {
    name: 'API reference',
    pages: [
      introduction(document, calls),
      ...topics,
      messages(document),
      guidePage(`${PATH}/changelog`, parseChapter({ name: 'changelog.md', text: changelog })),
    ],
  }
}

function topicPage(
  document: Document,
  name: string,
  description: string,
  calls: readonly Call[],
): Page {
  const path = `${PATH}/${slugOf(name)}`
  return {
    path,
    title: name,
    longTitle: `${name}: API reference`,
    description: `${name} in the Mailgrant API: ${calls.map(({ summary }) => summary.toLowerCase()).join(', ')}.`,
    body: (
      <>
        {raw(renderMarkdown(description))}
        {calls.map((call) => (
          <CallSection document={document} call={call} />
        ))}
        <ObjectList
          document={document}
          schemas={calls.flatMap((call) => schemasOf(document, call))}
        />
      </>
    ),
    anchors: calls.map(({ operationId, summary }) => ({ id: operationId, name: summary })),
    languages: LANGUAGES.map(({ id }) => id),
    wide: true,
    entries: calls.map((call) => ({
      kind: 'API',
      title: call.summary,
      path: `${path}#${call.operationId}`,
      words: `${call.method} ${call.path} ${call.operationId}`,
      text: [
        description,
        withoutScope(call.description),
        ...fieldNames(document, bodyOf(call.requestBody?.content)?.schema),
        ...responseSchemas(call).flatMap((schema) => fieldNames(document, schema)),
      ].join(' '),
    })),
  }
}

const responseSchemas = ({ responses }: Call) =>
  Object.values(responses).flatMap(({ content }) => content?.['application/json']?.schema ?? [])

/** Returns the schemas that a call shows: those of the fields that it takes, or of the body's variants, and of its responses. */
function schemasOf(document: Document, call: Call): Schema[] {
  const body = bodyOf(call.requestBody?.content)?.schema
  const fields = body ? propertiesOf(document, body).map(({ schema }) => schema) : []
  return [...(body && fields.length === 0 ? [body] : fields), ...responseSchemas(call)]
}

function introduction(document: Document, calls: readonly Call[]): Page {
  const description = document.info.description + CLIENTS
  const headings = headingsOf(description)
  const first = calls.find(({ operationId }) => operationId === FIRST_CALL)
  return {
    path: PATH,
    title: 'API reference',
    name: 'Introduction',
    description:
      'Keys, scopes and conventions of the Mailgrant API, and every call by topic with code in curl, Node.js, Python and PHP.',
    body: (
      <>
        <p>
          Base URL: <code>{EXAMPLE_URL}</code>. A first call, with the API key in{' '}
          <code>MAILGRANT_KEY</code>:
        </p>
        {first && <Samples document={document} call={first} />}
        {raw(renderMarkdown(description))}
      </>
    ),
    languages: LANGUAGES.map(({ id }) => id),
    anchors: headings,
    entries: headings.map(({ id, name, text }) => ({
      kind: 'API',
      title: name,
      page: 'API reference',
      path: `${PATH}#${id}`,
      words: '',
      text,
    })),
  }
}

/** Returns the names of the fields, of each variant if there are several. */
function fieldNames(document: Document, schema: Schema | undefined): string[] {
  if (!schema) return []
  const { oneOf = [] } = dereference(document, schema)
  const variants = oneOf.flatMap((variant) => fieldNames(document, variant))
  return [...propertiesOf(document, schema).map(({ name }) => name), ...new Set(variants)]
}

/** The description ends with the scope, which the page shows in another place. */
const withoutScope = (text = '') => text.replace(/\n*Scope: [^\n]*$/, '')

const CallSection = ({ document, call }: { document: Document; call: Call }) => {
  const { operationId, summary, method, path, description, parameters, requestBody } = call
  const scope = call['x-required-scope']
  const body = bodyOf(requestBody?.content)
  const fields = body ? propertiesOf(document, body.schema) : []
  const [status, success] = Object.entries(call.responses).find(([code]) => /^2/.test(code)) ?? []
  const response = bodyOf(success?.content)
  const returned = response?.type === 'application/json' ? response.schema : undefined
  const codes = problemCodes(call)
  return (
    <section id={operationId} class="call">
      <h2>
        <a href={`#${operationId}`}>{summary}</a>
      </h2>
      <div class="about">
        <p class="address">
          <span class={`method ${method.toLowerCase()}`}>{method}</span> <code>{path}</code>
        </p>
        {raw(renderMarkdown(withoutScope(description), 2))}
        {scope !== undefined && (
          <p>
            Scope: <a href={`${PATH}#keys-and-scopes`}>{scope}</a>
          </p>
        )}
        {parameters.length > 0 && <h3>Parameters</h3>}
        <Properties document={document} properties={parameters} />
        {body && <h3>Body</h3>}
        {body && body.type !== 'application/json' && <p class="quiet">{body.type}</p>}
        {body && <OneOf document={document} schema={dereference(document, body.schema)} />}
        <Properties document={document} properties={fields} />
        <h3>Response</h3>
        <p>
          <code>{status}</code>{' '}
          {raw(renderMarkdown(success?.description ?? '').replace(/<\/?p>/g, ''))}
          {returned?.$ref && (
            <>
              {' '}
              Type: <ObjectLink name={nameOf(returned.$ref)} />.
            </>
          )}
        </p>
        {codes.length > 0 && (
          <details>
            <summary>
              {codes.length} {codes.length === 1 ? 'problem' : 'problems'}
            </summary>
            <ul class="plain">
              {codes.map((code) => (
                <li>
                  {problemTable[code].status} <a href={`/docs/problems#${code}`}>{code}</a>
                </li>
              ))}
            </ul>
          </details>
        )}
      </div>
      <div class="code-column">
        <Samples document={document} call={call} />
        {returned && (
          <Code language="json" caption={`Response ${status}`}>
            {JSON.stringify(exampleOf(document, returned), null, 2)}
          </Code>
        )}
      </div>
    </section>
  )
}

const Samples = ({ document, call }: { document: Document; call: Call }) => (
  <div class="samples">
    {Object.entries(writeSamples(toRequest(document, call))).map(([language, code]) => (
      <Code language={language}>{code}</Code>
    ))}
  </div>
)

const Code = (props: { language: string; caption?: string; children: string }) => (
  <figure class={`code ${props.language}`}>
    {props.caption !== undefined && <figcaption>{props.caption}</figcaption>}
    <pre>
      <code>{raw(highlight(props.children, props.language))}</code>
    </pre>
  </figure>
)

/** Returns the request of the sample: required parameters only, and the example of the body. */
export function toRequest(document: Document, call: Call): SampleRequest {
  const required = call.parameters.filter((parameter) => parameter.required)
  const value = (parameter: Call['parameters'][number]) =>
    encodeURIComponent(String(exampleOf(document, parameter.schema)))
  const path = required
    .filter((parameter) => parameter.in === 'path')
    .reduce((text, each) => text.replace(`{${each.name}}`, value(each)), call.path)
  const query = required
    .filter((parameter) => parameter.in === 'query')
    .map((each) => `${each.name}=${value(each)}`)
  const headers = required
    .filter((parameter) => parameter.in === 'header')
    .map((each) => [headerName(each.name), String(exampleOf(document, each.schema))])
  const body = bodyOf(call.requestBody?.content)
  const example = body && exampleOf(document, body.schema)
  const isForm = body?.type === 'application/x-www-form-urlencoded'
  const optional = !call.requestBody?.required && Object.keys(example ?? {}).length === 0
  return {
    method: call.method,
    path: query.length === 0 ? path : `${path}?${query.join('&')}`,
    needsKey: call.security?.some((each) => 'api_key' in each) ?? true,
    empty: !Object.entries(call.responses).some(
      ([status, { content }]) => /^2/.test(status) && content,
    ),
    ...(example !== null && !isForm && !optional && { json: example }),
    ...(isForm && { form: formOf(example) }),
    ...(headers.length > 0 && { headers: Object.fromEntries(headers) }),
  }
}

/** Writes `idempotency-key` as `Idempotency-Key`. */
const headerName = (name: string) => name.replace(/\b[a-z]/g, (letter) => letter.toUpperCase())

/** Replaces the key of the example by that of the environment. */
const formOf = (example: unknown) =>
  Object.fromEntries(
    Object.entries(example ?? {}).map(([name, value]) => [
      name,
      String(value).startsWith('mg_') ? '$MAILGRANT_KEY' : String(value),
    ]),
  )

/** Returns the page of the messages to webhooks, with their payloads. */
function messages(document: Document): Page {
  const calls = Object.entries(document.webhooks).map(([type, { post }]) => {
    const call = toCall(document, 'post', type, post)
    const schema = bodyOf(call.requestBody?.content)?.schema ?? {}
    const { data = {} } = dereference(document, schema).properties ?? {}
    return {
      type,
      id: type.replaceAll(/[._]/g, '-'),
      call,
      schema,
      data: propertiesOf(document, data),
    }
  })
  const path = `${PATH}/webhook-messages`
  const [first] = calls
  const common = commonProperties(calls.map(({ data }) => data))
  return {
    path,
    title: 'Webhook messages',
    description:
      'Every message that Mailgrant sends to webhooks, with its payload, and the headers by which a receiver verifies it.',
    wide: true,
    anchors: calls.map(({ type, id }) => ({ id, name: type })),
    entries: calls.map(({ type, id, call }) => ({
      kind: 'API',
      title: call.summary,
      path: `${path}#${id}`,
      words: `webhook ${type}`,
      text: call.description ?? '',
    })),
    body: (
      <>
        <p>
          Mailgrant sends each message as a POST to the endpoint of a webhook, signed as the guide{' '}
          <a href="/docs/guides/webhooks">Webhooks</a> shows. Any status of 2xx confirms it; 410
          disables the webhook; anything else, or no response within 15 seconds, is retried.
        </p>
        <h2 id="headers">Headers</h2>
        <Properties document={document} properties={first?.call.parameters ?? []} />
        <h2 id="data">
          Members of <code>data</code>
        </h2>
        <p>Each payload has these, and those that are shown with it.</p>
        <Properties document={document} properties={common} output />
        {calls.map(({ type, id, call, schema, data }) => (
          <section id={id} class="call">
            <h2>
              <a href={`#${id}`}>{call.summary}</a>
            </h2>
            <div class="about">
              <p class="address">
                <code>{type}</code>
              </p>
              <Properties
                document={document}
                properties={data.filter((each) => !includes(common, each))}
                output
              />
            </div>
            <div class="code-column">
              <Code language="json" caption="Payload">
                {JSON.stringify(exampleOf(document, schema), null, 2)}
              </Code>
            </div>
          </section>
        ))}
        <ObjectList
          document={document}
          schemas={calls.flatMap(({ data }) => data.map(({ schema }) => schema))}
        />
      </>
    ),
  }
}

/** Returns the properties that more than four fifths of the lists have, with the same schema. */
function commonProperties([first = [], ...others]: readonly Property[][]): Property[] {
  return first.filter(
    (each) => others.filter((some) => includes(some, each)).length > others.length * 0.8,
  )
}

const includes = (properties: readonly Property[], other: Property) =>
  properties.some((each) => keyOf(each) === keyOf(other))

const keyOf = (property: Property) =>
  JSON.stringify({ ...property, schema: { ...property.schema, example: undefined } })
