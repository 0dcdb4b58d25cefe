/** The API reference: an introduction, a page for each topic, and one for the messages to webhooks. */

import { raw } from 'hono/html'
import type { ProblemCode } from '../../schema/problem.ts'
import { problemTable } from '../../schema/problems.ts'
import { EXAMPLE_URL } from '../paths.ts'
import { highlight } from './highlight.ts'
import { headingsOf, renderMarkdown, slugOf } from './markdown.ts'
import { ObjectList, objectsIn, Properties, type Property, propertiesOf } from './objects.tsx'
import {
  bodyOf,
  type Call,
  callsOf,
  type Document,
  dereference,
  exampleOf,
  nameOf,
  problemCodes,
  type Schema,
  toCall,
} from './openapi.ts'
import type { Page, Section } from './page.ts'
import { LANGUAGES, type SampleRequest, writeSamples } from './samples.ts'

const PATH = '/docs/api'
/** The call that the introduction shows. */
const FIRST_CALL = 'getIntegration'
/** The end of the introduction. It is about the OpenAPI document, so it is not part of it. */
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

export function referenceSection(document: Document): Section {
  const calls = callsOf(document)
  const topics = document.tags.map(({ name, description }): Page => {
    const own = calls.filter(({ tags }) => tags.includes(name))
    const path = `${PATH}/${slugOf(name)}`
    return {
      path,
      title: name,
      longTitle: `${name}: API reference`,
      description: `${name} in the Mailgrant API: ${own.map(({ summary }) => summary.toLowerCase()).join(', ')}.`,
      body: <Topic document={document} description={description} calls={own} />,
      anchors: own.map(({ operationId, summary }) => ({ id: operationId, name: summary })),
      languages: LANGUAGES.map(({ id }) => id),
      wide: true,
      entries: own.map((call) => ({
        kind: 'API',
        title: call.summary,
        path: `${path}#${call.operationId}`,
        words: `${call.method} ${call.path} ${call.operationId}`,
        text: [
          description,
          withoutScope(call.description),
          ...fieldNames(document, bodyOf(call.requestBody?.content)?.schema),
          ...Object.values(call.responses).flatMap(({ content }) =>
            fieldNames(document, content?.['application/json']?.schema),
          ),
        ].join(' '),
      })),
    }
  })
  return {
    name: 'API reference',
    pages: [introduction(document, calls), ...topics, messages(document)],
  }
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

const Topic = (props: { document: Document; description: string; calls: readonly Call[] }) => {
  const { document, description, calls } = props
  const shown = calls.flatMap(({ requestBody, responses }) => [
    ...propertySchemas(document, bodyOf(requestBody?.content)?.schema),
    ...Object.values(responses).flatMap(
      ({ content }) => content?.['application/json']?.schema ?? [],
    ),
  ])
  return (
    <>
      {raw(renderMarkdown(description))}
      {calls.map((call) => (
        <CallSection document={document} call={call} />
      ))}
      <ObjectList document={document} names={objectsIn(document, shown)} />
    </>
  )
}

const propertySchemas = (document: Document, schema: Schema | undefined) =>
  schema ? propertiesOf(document, schema).map((property) => property.schema) : []

const CallSection = ({ document, call }: { document: Document; call: Call }) => {
  const { operationId, summary, method, path, description, parameters, requestBody } = call
  const scope = call['x-required-scope']
  const body = bodyOf(requestBody?.content)
  const [status, success] = Object.entries(call.responses).find(([code]) => /^2/.test(code)) ?? []
  const response = bodyOf(success?.content)
  const answer = response?.type === 'application/json' ? response.schema : undefined
  const codes = problemCodes(call) as ProblemCode[]
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
        {parameters.length > 0 && (
          <>
            <h3>Parameters</h3>
            <Properties document={document} properties={parameters.map(toProperty)} />
          </>
        )}
        {body && (
          <>
            <h3>Body</h3>
            {body.type !== 'application/json' && <p class="quiet">{body.type}</p>}
            <Properties document={document} properties={propertiesOf(document, body.schema)} />
          </>
        )}
        <h3>Response</h3>
        <p>
          <code>{status}</code>{' '}
          {raw(renderMarkdown(success?.description ?? '').replace(/<\/?p>/g, ''))}
          {answer?.$ref && (
            <>
              {' '}
              An object of the type <a href={`#${nameOf(answer.$ref)}`}>{nameOf(answer.$ref)}</a>.
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
        {answer && (
          <Code language="json" caption={`Response ${status}`}>
            {JSON.stringify(exampleOf(document, answer), null, 2)}
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

const toProperty = (parameter: Call['parameters'][number]): Property => ({
  name: parameter.name,
  required: parameter.required ?? false,
  schema: parameter.schema,
  place: parameter.in,
  ...(parameter.description !== undefined && { description: parameter.description }),
})

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

/** Puts the key where the example has one. */
const formOf = (example: unknown) =>
  Object.fromEntries(
    Object.entries(example ?? {}).map(([name, value]) => [
      name,
      String(value).startsWith('mg_') ? '$MAILGRANT_KEY' : String(value),
    ]),
  )

/** The page of the messages to webhooks, with their payloads. */
function messages(document: Document): Page {
  const calls = Object.entries(document.webhooks).map(([type, { post }]) => ({
    type,
    call: toCall(document, 'post', type, post),
  }))
  const path = `${PATH}/webhook-messages`
  const anchorOf = (type: string) => type.replaceAll(/[._]/g, '-')
  const [first] = calls
  return {
    path,
    title: 'Webhook messages',
    description:
      'Every message that Mailgrant sends to webhooks, with its payload, and the headers by which a receiver verifies it.',
    wide: true,
    anchors: calls.map(({ type }) => ({ id: anchorOf(type), name: type })),
    entries: calls.map(({ type, call }) => ({
      kind: 'API',
      title: call.summary,
      path: `${path}#${anchorOf(type)}`,
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
        <Properties
          document={document}
          properties={(first?.call.parameters ?? []).map(toProperty)}
        />
        {calls.map(({ type, call }) => {
          const schema = bodyOf(call.requestBody?.content)?.schema ?? {}
          const data = dereference(document, schema).properties?.data ?? {}
          return (
            <section id={anchorOf(type)} class="call">
              <h2>
                <a href={`#${anchorOf(type)}`}>{call.summary}</a>
              </h2>
              <div class="about">
                <p class="address">
                  <code>{type}</code>
                </p>
                <h3>
                  Members of <code>data</code>
                </h3>
                <Properties document={document} properties={propertiesOf(document, data)} />
              </div>
              <div class="code-column">
                <Code language="json" caption="Payload">
                  {JSON.stringify(exampleOf(document, schema), null, 2)}
                </Code>
              </div>
            </section>
          )
        })}
      </>
    ),
  }
}
