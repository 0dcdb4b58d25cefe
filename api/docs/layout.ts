/**
 * Layout of the viewer: introduction, button for the key, operations. Omits title and servers, which the
 * surrounding page already shows.
 */
import type { Component, Plugin } from 'swagger-ui-dist/swagger-ui-es-bundle.js'

type Selectors = { info: () => { get: (name: string) => unknown } }

export const layout: Plugin = ({ React: { createElement: h }, getComponent }) => ({
  components: {
    Reference: ({ specSelectors }) => {
      const info = (specSelectors as Selectors).info()
      return h(
        'div',
        { className: 'swagger-ui' },
        h(getComponent('SvgAssets'), null),
        h(getComponent('Markdown', true), { source: info.get('description') }),
        h(
          'div',
          { className: 'calls' },
          h('h2', null, 'Calls'),
          h(getComponent('AuthorizeBtnContainer', true), null),
        ),
        h(getComponent('errors', true), null),
        h(getComponent('operations', true), null),
      )
    },
  },
  wrapComponents: {
    // A link inside the button that opens the operation; the URL is updated without it.
    DeepLink:
      (original: Component): Component =>
      (properties) =>
        h(original, { ...properties, enabled: false }),
  },
})
