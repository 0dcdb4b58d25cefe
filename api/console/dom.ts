/** Builds elements. Text is always text: nothing here takes HTML, so nothing can be injected. */

type Child = Node | string | number | null | undefined | false
export type Children = Child | readonly Children[]

type Handlers = {
  [Name in keyof HTMLElementEventMap as `on${Name}`]?: (event: HTMLElementEventMap[Name]) => unknown
}
type Attributes = Handlers & { [name: string]: unknown }

/**
 * `h('a', { href: '#/' , class: 'quiet' }, 'Overview')`. An attribute that is null, undefined or
 * false is left out, true stands without a value; `onclick` and the like are listeners.
 */
export function h<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: Children[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value as EventListener)
    else element.setAttribute(name, value === true ? '' : String(value))
  }
  append(element, children)
  return element
}

/** Replaces what is in the element. */
export function fill(element: Element, ...children: Children[]): void {
  element.replaceChildren()
  append(element, children)
}

function append(element: Element, children: Children): void {
  if (Array.isArray(children)) for (const child of children) append(element, child)
  else if (children !== null && children !== undefined && children !== false) {
    element.append(typeof children === 'number' ? String(children) : (children as Node | string))
  }
}
