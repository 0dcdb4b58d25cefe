/**
 * The API reference: the OpenAPI document of this very deployment in a viewer. It asks nobody but the
 * own origin, and a key that is entered here is gone with the page.
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
 * The viewer resolves a relative server against the address of the document, which it is not told. The
 * session of the console is a cookie that no page can set, so it is nothing to fill in.
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
    // Badge of a validator on the Internet.
    validatorUrl: null,
    displayRequestDuration: true,
    persistAuthorization: false,
  })
}

const place = document.getElementById('reference')
if (place) {
  show(place).catch(() => {
    place.textContent = 'The OpenAPI document could not be read. Load this page again in a moment.'
  })
}
