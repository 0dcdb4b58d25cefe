/** The API reference: an introduction, a page for each topic, and one for the messages to webhooks. */

import { raw } from 'hono/html'
import type { ProblemCode } from '../../schema/problem.ts'
import { problemTable } from '../../schema/problems.ts'
import { EXAMPLE_URL } from '../paths.ts'
import { guidePage } from './guides.tsx'
import { highlight } from './highlight.ts'
import { headingsOf, parseChapter, renderMarkdown, slugOf } from './markdown.ts'
import {
  ObjectLink,
  ObjectList,
  objectsIn,
  Properties,
  type Property,
  propertiesOf,
} from './objects.tsx'
import {
  bodyOf,
  type Call,
  callsOf,
  type Document,
  dereference,
  exampleOf,
  nameOf,
  problemCodes,
  type ReferenceDocument,
  type Schema,
  toCall,
} from './openapi.ts'
import type { Page, Section } from './page.ts'
import { LANGUAGES, type SampleRequest, writeSamples } from './samples.ts'

const PATH = '/docs/api'
const COMMON_PROBLEMS = 'Common problems'
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

/** A topic with its page and its calls. */
type TopicOfCalls = { name: string; description: string; path: string; calls: Call[] }

/** `changelog`: the text of its file, which each release completes. */
export function referenceSection(openapi: Document, changelog: string): Section {
  const calls = callsOf(openapi)
  const topicsOfCalls = openapi.tags.map(
    ({ name, description }): TopicOfCalls => ({
      name,
      description,
      path: `${PATH}/${slugOf(name)}`,
      calls: calls.filter(({ tags }) => tags.includes(name)),
    }),
  )
  const bodies = calls.flatMap((call) => bodyOf(call.requestBody?.content)?.schema ?? [])
  const document = {
    ...openapi,
    objectPages: objectPages(openapi, topicsOfCalls),
    inputs: new Set(objectsIn(openapi, bodies)),
  }
  const common = commonCodes(calls)
  const topics = topicsOfCalls.map(({ name, description, path, calls: own }): Page => {
    return {
      path,
      title: name,
      longTitle: `${name}: API reference`,
      description: `${name} in the Mailgrant API: ${own.map(({ summary }) => summary.toLowerCase()).join(', ')}.`,
      body: (
        <Topic
          document={document}
          path={path}
          description={description}
          calls={own}
          common={common}
        />
      ),
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
    pages: [
      introduction(document, calls, common),
      ...topics,
      messages(document),
      guidePage(`${PATH}/changelog`, parseChapter({ name: 'changelog.md', text: changelog })),
    ],
  }
}

/**
 * Returns the path of the page that shows each object: that of the first topic with a call that returns it, or else of the
 * first one that mentions it.
 */
function objectPages(document: Document, topics: readonly TopicOfCalls[]): Map<string, string> {
  const pages = new Map<string, string>()
  for (const { path, calls } of topics) {
    for (const { $ref } of calls.flatMap(responseSchemas)) {
      if ($ref !== undefined && !pages.has(nameOf($ref))) pages.set(nameOf($ref), path)
    }
  }
  for (const { path, calls } of topics) {
    const elsewhere = (name: string) => (pages.get(name) ?? path) !== path
    for (const name of objectsIn(document, schemasOf(document, calls), elsewhere)) {
      pages.set(name, path)
    }
  }
  return pages
}

const responseSchemas = ({ responses }: Call) =>
  Object.values(responses).flatMap(({ content }) => content?.['application/json']?.schema ?? [])

/** Returns the schemas of what the calls take and return. */
const schemasOf = (document: Document, calls: readonly Call[]) =>
  calls.flatMap((call) => [
    ...propertySchemas(document, bodyOf(call.requestBody?.content)?.schema),
    ...responseSchemas(call),
  ])

/** Returns the codes of the problems that more than four fifths of the calls have. */
function commonCodes(calls: readonly Call[]): ProblemCode[] {
  const codes = calls.map((call) => new Set(problemCodes(call)))
  return [...new Set(calls.flatMap(problemCodes))].filter(
    (code) => codes.filter((some) => some.has(code)).length > calls.length * 0.8,
  ) as ProblemCode[]
}

/** Returns the chapter about the problems that the calls do not repeat. */
const commonProblems = (codes: readonly ProblemCode[]) =>
  `\n\n## ${COMMON_PROBLEMS}\n${codes
    .map((code) => {
      const { status, title } = problemTable[code]
      return `- ${status} [\`${code}\`](/docs/problems#${code}): ${title}`
    })
    .join('\n')}`

function introduction(
  document: ReferenceDocument,
  calls: readonly Call[],
  common: readonly ProblemCode[],
): Page {
  const description = document.info.description + commonProblems(common) + CLIENTS
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

type TopicProps = {
  document: ReferenceDocument
  path: string
  description: string
  calls: readonly Call[]
  common: readonly ProblemCode[]
}

const Topic = ({ document, path, description, calls, common }: TopicProps) => {
  const names = objectsIn(
    document,
    schemasOf(document, calls),
    (name) => document.objectPages.get(name) !== path,
  )
  return (
    <>
      {raw(renderMarkdown(description))}
      {calls.map((call, index) => (
        <CallSection
          document={document}
          call={call}
          earlier={calls.slice(0, index)}
          common={common}
        />
      ))}
      <ObjectList document={document} names={names} />
    </>
  )
}

const propertySchemas = (document: Document, schema: Schema | undefined) =>
  schema ? propertiesOf(document, schema).map((property) => property.schema) : []

type CallProps = {
  document: ReferenceDocument
  call: Call
  /** The calls above it on the page. */
  earlier: readonly Call[]
  common: readonly ProblemCode[]
}

const CallSection = ({ document, call, earlier, common }: CallProps) => {
  const { operationId, summary, method, path, description, parameters, requestBody } = call
  const scope = call['x-required-scope']
  const body = bodyOf(requestBody?.content)
  const [status, success] = Object.entries(call.responses).find(([code]) => /^2/.test(code)) ?? []
  const response = bodyOf(success?.content)
  const answer = response?.type === 'application/json' ? response.schema : undefined
  const all = problemCodes(call) as ProblemCode[]
  const hasCommon = common.every((code) => all.includes(code))
  const codes = hasCommon ? all.filter((code) => !common.includes(code)) : all
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
            <NewProperties
              document={document}
              properties={parameters.map(toProperty)}
              earlier={earlier.map((each) => [each, each.parameters.map(toProperty)])}
            />
          </>
        )}
        {body && (
          <>
            <h3>Body</h3>
            {body.type !== 'application/json' && <p class="quiet">{body.type}</p>}
            <NewProperties
              document={document}
              properties={propertiesOf(document, body.schema)}
              earlier={earlier.map((each) => [each, bodyProperties(document, each)])}
            />
          </>
        )}
        <h3>Response</h3>
        <p>
          <code>{status}</code>{' '}
          {raw(renderMarkdown(success?.description ?? '').replace(/<\/?p>/g, ''))}
          {answer?.$ref && (
            <>
              {' '}
              Type: <ObjectLink document={document} name={nameOf(answer.$ref)} />.
            </>
          )}
        </p>
        {hasCommon && codes.length === 0 && (
          <p>
            <a href={`${PATH}#${slugOf(COMMON_PROBLEMS)}`}>{COMMON_PROBLEMS}</a>
          </p>
        )}
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
              {hasCommon && (
                <li>
                  <a href={`${PATH}#${slugOf(COMMON_PROBLEMS)}`}>{COMMON_PROBLEMS}</a>
                </li>
              )}
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

const bodyProperties = (document: Document, { requestBody }: Call): Property[] => {
  const body = bodyOf(requestBody?.content)
  return body ? propertiesOf(document, body.schema) : []
}

/** Returns true if one of the properties equals the other, with its schema. */
const includes = (properties: readonly Property[], other: Property) =>
  properties.some((each) => keyOf(each) === keyOf(other))

const keyOf = ({ name, required, place, description, schema }: Property) =>
  JSON.stringify([name, required, place, description, { ...schema, example: undefined }])

/** Least number of equal properties that are shown only once, so that later calls refer to them. */
const SHOWN_ONCE = 3

/** Shows the new properties, and refers to those that an earlier call of the page shows. */
const NewProperties = (props: {
  document: ReferenceDocument
  properties: readonly Property[]
  earlier: readonly (readonly [call: Call, properties: readonly Property[]])[]
}) => {
  const { document, properties, earlier } = props
  const counts = earlier.map(([call, shown]) => ({
    call,
    same: properties.filter((each) => includes(shown, each)),
  }))
  const best = counts.reduce<(typeof counts)[number] | null>(
    (most, each) => (each.same.length > (most?.same.length ?? SHOWN_ONCE - 1) ? each : most),
    null,
  )
  return (
    <>
      {best && (
        <p>
          {best.same.map(({ name }, index) => (
            <>
              {index > 0 && ', '}
              <code>{name}</code>
            </>
          ))}
          : as for <a href={`#${best.call.operationId}`}>{best.call.summary}</a>
        </p>
      )}
      <Properties
        document={document}
        properties={properties.filter((each) => !best?.same.includes(each))}
      />
    </>
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

/** Replaces the key of the example by that of the environment. */
const formOf = (example: unknown) =>
  Object.fromEntries(
    Object.entries(example ?? {}).map(([name, value]) => [
      name,
      String(value).startsWith('mg_') ? '$MAILGRANT_KEY' : String(value),
    ]),
  )

/** The page of the messages to webhooks, with their payloads. */
function messages(document: ReferenceDocument): Page {
  const calls = Object.entries(document.webhooks).map(([type, { post }]) => ({
    type,
    call: toCall(document, 'post', type, post),
  }))
  const path = `${PATH}/webhook-messages`
  const anchorOf = (type: string) => type.replaceAll(/[._]/g, '-')
  const [first] = calls
  const dataOf = ({ requestBody }: Call) => {
    const schema = bodyOf(requestBody?.content)?.schema ?? {}
    return propertiesOf(document, dereference(document, schema).properties?.data ?? {})
  }
  const common = commonProperties(calls.map(({ call }) => dataOf(call)))
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
        <h2 id="data">
          Members of <code>data</code>
        </h2>
        <p>Each payload has these, and those that are shown with it.</p>
        <Properties document={document} properties={common} output />
        {calls.map(({ type, call }) => {
          const schema = bodyOf(call.requestBody?.content)?.schema ?? {}
          const own = dataOf(call).filter((each) => !includes(common, each))
          return (
            <section id={anchorOf(type)} class="call">
              <h2>
                <a href={`#${anchorOf(type)}`}>{call.summary}</a>
              </h2>
              <div class="about">
                <p class="address">
                  <code>{type}</code>
                </p>
                <Properties document={document} properties={own} output />
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

/** Returns the properties that more than four fifths of the lists have, with the same schema. */
function commonProperties(lists: readonly (readonly Property[])[]): Property[] {
  const [first = []] = lists
  return first.filter(
    (each) => lists.filter((some) => includes(some, each)).length > lists.length * 0.8,
  )
}
