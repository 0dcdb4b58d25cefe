/**
 * The API reference: a viewer of this deployment's OpenAPI document. It sends requests to its own origin
 * only, and forgets an entered key when the page is closed.
 */
import SwaggerUI from 'swagger-ui-dist/swagger-ui-es-bundle.js'
import { keepAccessible } from './accessible.ts'
import { layout } from './layout.ts'
import { type Paths, withEmptyForms } from './parameters.ts'

type Document = {
  paths?: Paths
  components?: { securitySchemes?: Record<string, object>; schemas?: Record<string, object> }
}

/**
 * Adapts the document to the viewer, which cannot resolve a relative server URL since it does not know
 * the URL of the document. Console sessions are removed: no page can set their cookie.
 */
function forViewer(document: Document): object {
  const { console_session: _, ...securitySchemes } = document.components?.securitySchemes ?? {}
  return {
    ...document,
    paths: withEmptyForms(document.paths ?? {}, document.components?.schemas ?? {}),
    servers: [{ url: location.origin }],
    components: { ...document.components, securitySchemes },
  }
}

async function show(place: HTMLElement): Promise<void> {
  const response = await fetch('/openapi.json')
  if (!response.ok) throw new Error(`/openapi.json: ${response.status}`)
  const document: Document = await response.json()
  place.replaceChildren()
  keepAccessible(place)
  SwaggerUI({
    spec: forViewer(document),
    domNode: place,
    layout: 'Reference',
    plugins: [layout],
    deepLinking: true,
    defaultModelRendering: 'example',
    syntaxHighlight: { activated: false },
    // Disables the badge of a third-party validator.
    validatorUrl: null,
    displayRequestDuration: true,
    persistAuthorization: false,
  })
}

const place = document.getElementById('reference')
if (place) {
  show(place).catch(() => {
    place.textContent = 'Could not load the OpenAPI document. Reload this page in a moment.'
  })
}
