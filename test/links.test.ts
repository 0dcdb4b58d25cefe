import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { posix } from 'node:path'
import { expect, it } from 'vitest'
import { contents, packedMarkdown } from '../api/package/pack.ts'
import { root } from './source-files.ts'

const isMarkdown = (path: string) => path.endsWith('.md')
const withoutCode = (text: string) => text.replace(/^ *```[\s\S]*?^ *```/gm, '')
const read = (path: string) => readFileSync(root + path, 'utf8')

/** Returns the anchors that GitHub gives to the headings. */
const anchorsIn = (path: string) =>
  [...withoutCode(read(path)).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  )

/** Returns true if the anchor is a heading, or the name that a source file gives to something. */
const hasAnchor = (path: string, anchor: string) =>
  isMarkdown(path)
    ? anchorsIn(path).includes(anchor)
    : new RegExp(`^ *(?:\\w+: '${anchor}'|${anchor}:)`, 'm').test(read(path))

/** Returns the links in the Markdown that lead nowhere. `sourceOf` returns the source of a file that the reader has. */
const deadLinks = (path: string, text: string, sourceOf: (path: string) => string | undefined) =>
  [...withoutCode(text).matchAll(/\]\((?!https?:)([^)\s#]*)#?([^)\s]*)\)/g)]
    .filter(([, to = '', anchor = '']) => {
      const source = sourceOf(to === '' ? path : posix.join(posix.dirname(path), to))
      return (
        source === undefined || to.startsWith('/') || (anchor !== '' && !hasAnchor(source, anchor))
      )
    })
    .map(([link]) => `${path}: ${link}`)

it('links in the repository lead to a file and a heading, on a forge, too', () => {
  const paths = ['api', 'checker', 'schema', 'test', '.github']
    .flatMap((folder) =>
      readdirSync(root + folder, { recursive: true, encoding: 'utf8' }).map(
        (path) => `${folder}/${path}`,
      ),
    )
    .filter((path) => isMarkdown(path) && !/node_modules|\.tmp\//.test(path))
    // The next test checks the README of the package.
    .filter((path) => !path.startsWith('api/package/'))
  expect(paths.length).toBeGreaterThan(20)
  const sourceOf = (path: string) => (existsSync(root + path) ? path : undefined)
  const dead = ['README.md', ...paths].flatMap((path) => deadLinks(path, read(path), sourceOf))
  expect(dead).toEqual([])
})

it('links in the package lead to a file in the package', () => {
  const sources = new Map(Object.entries(contents).map(([from, to]) => [to, from]))
  const packed = Object.entries(contents).filter(([from]) => isMarkdown(from))
  expect(packed.length).toBeGreaterThan(5)
  const dead = packed.flatMap(([from, to]) =>
    deadLinks(to, packedMarkdown(from, read(from)), (path) => sources.get(path)),
  )
  expect(dead).toEqual([])
})

it.each(['api/docs', 'checker', 'schema'])('the README of %s lists each of its files', (folder) => {
  const readme = read(`${folder}/README.md`)
  const files = readdirSync(root + folder).filter((name) => /\.(?:ts|tsx|css)$/.test(name))
  expect(files.length).toBeGreaterThan(10)
  expect(files.filter((name) => !readme.includes(`\`${name}\``))).toEqual([])
})

it.each(['api', 'api/console', 'api/docs', 'checker', 'schema'])(
  'the README of %s names no source that does not exist',
  (folder) => {
    const named = read(`${folder}/README.md`).matchAll(/`([\w./-]*\w\.(?:tsx?|js))`/g)
    const present = readdirSync(root + folder, { recursive: true, encoding: 'utf8' })
    const missing = [...named]
      .map(([, path = '']) => path)
      .filter(
        (path) =>
          !existsSync(posix.join(root, folder, path)) &&
          !existsSync(root + path) &&
          !existsSync(posix.join(root, 'test', folder, path)) &&
          !/NAME/.test(path) &&
          !present.some((each) => each.endsWith(`/${path}`)),
      )
    expect(missing).toEqual([])
  },
)
