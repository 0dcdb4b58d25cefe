import { describe, expect, it } from 'vitest'
import { fillForm, readDocument } from './forms.ts'

const form = (inside: string, attributes = 'method="post" action="/send"') => {
  const [first] = readDocument(`<form ${attributes}>${inside}</form>`, 'https://a.test/x/y').forms
  if (!first) throw new Error('no form was read')
  return first
}
const sent = (inside: string, values: Record<string, string> = {}) =>
  fillForm(form(inside), values).body.toString()

describe('a form', () => {
  it('sends what a browser sends when nobody touches it', () => {
    const inside = `
      <input type="hidden" name="h" value="1"><input name="t"><input name="off" disabled value="x">
      <input type="checkbox" name="c"><input type="checkbox" name="d" checked>
      <input type="radio" name="r" value="a"><input type="radio" name="r" value="b" checked>
      <select name="s"><option value="1">one<option value="2" selected>two</select>
      <textarea name="n">a note</textarea><input value="nameless">`
    expect(sent(inside)).toBe('h=1&t=&d=on&r=b&s=2&n=a+note')
  })

  it('sends the button that was pressed: the first, or the one that is named', () => {
    const buttons =
      '<button name="go" value="no">No</button><button name="go" value="yes">Yes</button>'
    expect(sent(buttons)).toBe('go=no')
    expect(sent(buttons, { go: 'yes' })).toBe('go=yes')
    expect(sent(`<button type="button" name="x" value="1"></button>${buttons}`)).toBe('go=no')
  })

  it('takes values for fields and radios, and refuses what it does not have', () => {
    const inside = '<input name="t"><input type="radio" name="r" value="a">'
    expect(sent(inside, { t: 'é&', r: 'a' })).toBe('t=%C3%A9%26&r=a')
    expect(() => sent(inside, { r: 'z' })).toThrow('r=z')
    expect(() => sent(inside, { other: '1' })).toThrow('other=1')
  })

  it('goes to its action, to the action of the button, or to its own page', () => {
    expect(fillForm(form('')).url).toBe('https://a.test/send')
    expect(fillForm(form('<button formaction="z"></button>')).url).toBe('https://a.test/x/z')
    expect(fillForm(form('', ''))).toMatchObject({ url: 'https://a.test/x/y', method: 'get' })
  })
})

it('a document gives its title, its visible text, its links and where it refreshes to', () => {
  const page = readDocument(
    `<title>Hello</title><meta http-equiv="Refresh" content="3;URL='/next'">
     <style>p{}</style><p>One <b>two</b></p><script>hidden()</script><a href="?q=1">more</a>`,
    'https://a.test/x',
  )
  expect(page).toMatchObject({
    title: 'Hello',
    text: 'One two more',
    links: [{ text: 'more', href: 'https://a.test/x?q=1' }],
    refresh: 'https://a.test/next',
  })
})
