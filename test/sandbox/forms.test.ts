import { describe, expect, it } from 'vitest'
import { fillForm, parseDocument } from './forms.ts'

const form = (html: string) => {
  const [first] = parseDocument(`<form>${html}</form>`, 'https://a.test/x/y').forms
  if (!first) throw new Error('no form found')
  return first
}
const submit = (html: string, values: Record<string, string> = {}) =>
  fillForm(form(html), values).body.toString()

describe('a form', () => {
  it('submits the same fields as a browser when it is left untouched', () => {
    const html = `
      <input type="hidden" name="h" value="1"><input name="t"><input name="off" disabled value="x">
      <input type="checkbox" name="c"><input type="checkbox" name="d" checked>
      <input type="radio" name="r" value="a"><input type="radio" name="r" value="b" checked>
      <textarea name="n">a note</textarea><input value="nameless">`
    expect(submit(html)).toBe('h=1&t=&d=on&r=b&n=a+note')
  })

  it('submits the pressed button: the first one, or the one given by name', () => {
    const buttons =
      '<button name="go" value="no">No</button><button name="go" value="yes">Yes</button>'
    expect(submit(buttons)).toBe('go=no')
    expect(submit(buttons, { go: 'yes' })).toBe('go=yes')
    expect(submit(`<button type="button" name="x" value="1"></button>${buttons}`)).toBe('go=no')
  })

  it('accepts values for its fields and radio buttons, and rejects any others', () => {
    const html = '<input name="t"><input type="radio" name="r" value="a">'
    expect(submit(html, { t: 'é&', r: 'a' })).toBe('t=%C3%A9%26&r=a')
    expect(() => submit(html, { r: 'z' })).toThrow('r=z')
    expect(() => submit(html, { other: '1' })).toThrow('other=1')
  })
})
