/**
 * Parses a page as a browser does before anyone acts on it: forms with their fields and buttons,
 * links, the target of a meta refresh, the text. Runs no scripts.
 */
import { type DefaultTreeAdapterTypes, defaultTreeAdapter, parse } from 'parse5'

type Node = DefaultTreeAdapterTypes.Node
type Element = DefaultTreeAdapterTypes.Element

export type Field = {
  name: string
  value: string
  /** Type of the `input`, or `textarea`. */
  type: string
  /** True if an untouched form submits this field. */
  active: boolean
}
export type Button = { name: string; value: string; text: string; action: string | null }
export type Form = {
  /** Absolute URL. */
  action: string
  fields: readonly Field[]
  buttons: readonly Button[]
}

export type Document = {
  title: string
  text: string
  forms: readonly Form[]
  links: readonly { text: string; href: string }[]
  /** Absolute URL of a `<meta http-equiv="refresh">`. */
  refresh: string | null
}

export const attribute = (element: Element, name: string): string | null =>
  element.attrs.find((candidate) => candidate.name === name)?.value ?? null

/** Yields the element itself, and those in it, in the order of the page. */
export function* elements(node: Node): Generator<Element> {
  if (defaultTreeAdapter.isElementNode(node)) yield node
  if ('childNodes' in node) for (const child of node.childNodes) yield* elements(child)
}

const WITHOUT_TEXT = ['script', 'style', 'template', 'head']

function textOf(node: Node): string {
  if (defaultTreeAdapter.isTextNode(node)) return node.value
  if (!('childNodes' in node) || WITHOUT_TEXT.includes(node.nodeName)) return ''
  return node.childNodes.map(textOf).join(' ').replace(/\s+/g, ' ').trim()
}

function readField(element: Element): Field | null {
  const name = attribute(element, 'name')
  if (name === null || attribute(element, 'disabled') !== null) return null
  if (element.tagName === 'textarea') {
    return { name, value: textOf(element), type: 'textarea', active: true }
  }
  const type = (attribute(element, 'type') ?? 'text').toLowerCase()
  const optional = type === 'radio' || type === 'checkbox'
  const active = !optional || attribute(element, 'checked') !== null
  return { name, value: attribute(element, 'value') ?? (optional ? 'on' : ''), type, active }
}

const isSubmit = (element: Element): boolean =>
  (element.tagName === 'button' && (attribute(element, 'type') ?? 'submit') === 'submit') ||
  (element.tagName === 'input' && attribute(element, 'type') === 'submit')

function readForm(form: Element, pageUrl: string): Form {
  const inside = [...elements(form)]
  const absolute = (target: string | null) => new URL(target || pageUrl, pageUrl).href
  return {
    action: absolute(attribute(form, 'action')),
    fields: inside
      .filter((element) => ['input', 'textarea'].includes(element.tagName))
      .filter((element) => !isSubmit(element))
      .flatMap((element) => readField(element) ?? []),
    buttons: inside.filter(isSubmit).map((element) => {
      const action = attribute(element, 'formaction')
      return {
        name: attribute(element, 'name') ?? '',
        value: attribute(element, 'value') ?? '',
        text: textOf(element),
        action: action === null ? null : absolute(action),
      }
    }),
  }
}

export function parseDocument(html: string, pageUrl: string): Document {
  const all = [...elements(parse(html))]
  const first = (tag: string) => all.find((element) => element.tagName === tag)
  const [title, body] = [first('title'), first('body')]
  const meta = all.find((element) => attribute(element, 'http-equiv')?.toLowerCase() === 'refresh')
  const target = /url\s*=\s*['"]?([^'"]+)/i.exec(
    meta ? (attribute(meta, 'content') ?? '') : '',
  )?.[1]
  return {
    title: title ? textOf(title) : '',
    text: body ? textOf(body) : '',
    forms: all
      .filter((element) => element.tagName === 'form')
      .map((form) => readForm(form, pageUrl)),
    links: all
      .filter((element) => element.tagName === 'a' && attribute(element, 'href') !== null)
      .map((link) => ({
        text: textOf(link),
        href: new URL(attribute(link, 'href') ?? '', pageUrl).href,
      })),
    refresh: target === undefined ? null : new URL(target.trim(), pageUrl).href,
  }
}

export type Submission = { url: string; body: URLSearchParams }

/**
 * Returns the request that pressing a button sends. `values` fill fields, select radio buttons by value
 * and, under the name of a button, select that button; by default it is the first. Throws for a name
 * that the form does not have.
 */
export function fillForm(form: Form, values: Record<string, string> = {}): Submission {
  const pressed =
    form.buttons.find((button) => button.name !== '' && values[button.name] === button.value) ??
    form.buttons.at(0)
  const body = new URLSearchParams()
  for (const [name, value] of Object.entries(values)) {
    const choices = form.fields.filter((field) => field.name === name)
    const isRadio = choices.length > 0 && choices.every((field) => field.type === 'radio')
    const isField = isRadio ? choices.some((field) => field.value === value) : choices.length > 0
    const isButton = form.buttons.some((button) => button.name === name && button.value === value)
    if (!isField && !isButton) throw new Error(`the form has no field or button ${name}=${value}`)
  }
  for (const field of form.fields) {
    const value = values[field.name]
    const optional = field.type === 'radio' || field.type === 'checkbox'
    const sent = optional && value !== undefined ? value === field.value : field.active
    if (sent) body.append(field.name, optional ? field.value : (value ?? field.value))
  }
  if (pressed && pressed.name !== '') body.append(pressed.name, pressed.value)
  return { url: pressed?.action ?? form.action, body }
}
