import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { renderChapter } from '../api/build-chapter.ts'

const head = {
  name: 'README.md',
  text: '# Mail programs\n\nAn introduction.\n\n## The API key\n\nOne.\n',
}
const program = (name: string, text: string) => ({ name, text })

describe('the chapter about mail programs', () => {
  it('begins with its head, whose title the page shows, and goes on with the programs by title', () => {
    const html = renderChapter([
      program('zed.md', '# Zed\n\nLast.\n'),
      head,
      program('go.md', '# Go\n\nSecond.\n'),
      program('aerc.md', '# aerc\n\nFirst.\n'),
    ])
    const texts = ['An introduction.', 'First.', 'Second.', 'Last.']
    const places = texts.map((text) => html.indexOf(text))
    expect(places).toEqual(places.toSorted((a, b) => a - b))
    expect(places).not.toContain(-1)
    expect(html).not.toContain('Mail programs')
  })

  it('lists every topic and every program with a link to it', () => {
    const html = renderChapter([head, program('net-smtp.md', '# Perl, Net::SMTP\n\nText.\n')])
    const list = /<nav .*?<\/nav>/s.exec(html)?.[0]
    expect(list).toContain('<a href="#the-api-key">The API key</a>')
    expect(list).toContain('<a href="#net-smtp">Perl, Net::SMTP</a>')
    expect(html).toContain('<h2 id="the-api-key">')
    expect(html).toContain('<section id="net-smtp">')
  })

  it('shows above a block of code into which file it belongs', () => {
    const text = '# mutt\n\n```muttrc ~/.mutt rc\nset a="<b>"\n```\n\n```sh\nmutt\n```\n'
    const html = renderChapter([head, program('mutt.md', text)])
    expect(html).toContain(
      '<figcaption><code>~/.mutt rc</code></figcaption>\n<pre><code>set a=&quot;&lt;b>&quot;</code></pre>',
    )
    expect(html).toContain('\n<pre><code>mutt</code></pre>\n')
  })

  it('puts the headings of a program below its title', () => {
    const html = renderChapter([head, program('exim.md', '# Exim\n\n## Queues\n\nText.\n')])
    expect(html).toContain('<h3>Queues</h3>')
  })

  it.each([
    'Use <b>this</b>.',
    '<script>alert(1)</script>',
    '<img src=x onerror=alert(1)>',
    '- <svg onload=alert(1)>',
  ])('shows the HTML of a file as text: %s', (text) => {
    const html = renderChapter([head, program('a.md', `# a\n\n${text}\n`)])
    expect(html).not.toMatch(/<(?:b|script|img|svg)\b/)
    expect(html).toMatch(/&lt;(?:b|script|img|svg)\b/)
  })

  it('has a section for every file of the folder', () => {
    const folder = join(import.meta.dirname, 'examples/mail-programs')
    const files = readdirSync(folder).map((name) => ({
      name,
      text: readFileSync(join(folder, name), 'utf8'),
    }))
    const html = renderChapter(files)
    for (const { name } of files.filter((file) => file.name !== 'README.md')) {
      expect(html).toContain(`<section id="${name.replace('.md', '')}">`)
    }
    expect(html).toContain('<h2 id="use-it-safely">')
  })

  it('cannot be built from a file without a title, or without its head', () => {
    expect(() => renderChapter([head, program('a.md', 'a\n')])).toThrow('a.md must begin with')
    expect(() => renderChapter([program('a.md', '# a\n\nb\n')])).toThrow('README.md')
  })
})
