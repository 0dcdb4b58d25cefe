/** The part of the viewer's interface used here; its package has no types. */
declare module 'swagger-ui-dist/swagger-ui-es-bundle.js' {
  function SwaggerUI(options: {
    spec: object
    domNode: Element
    layout: string
    plugins: SwaggerUI.Plugin[]
    [option: string]: unknown
  }): void

  namespace SwaggerUI {
    type Rendered = { readonly type: unknown }
    type Properties = { readonly [name: string]: unknown }
    type Component = (properties: Properties) => Rendered | null
    type System = {
      React: {
        createElement: (
          type: string | Component,
          properties: Properties | null,
          ...children: (Rendered | string)[]
        ) => Rendered
      }
      /** A `container` is connected to the state that it shows. */
      getComponent: (name: string, container?: boolean) => Component
    }
    type Plugin = (system: System) => {
      components?: Record<string, Component>
      wrapComponents?: Record<string, (original: Component, system: System) => Component>
    }
  }

  export = SwaggerUI
}
