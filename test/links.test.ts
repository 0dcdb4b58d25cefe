import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { posix } from 'node:path'
import { expect, it } from 'vitest'
import { contents } from '../api/package/pack.ts'
import { root } from './source-files.ts'

const isMarkdown = (path: string) => path.endsWith('.md')
const read = (path: string) =>
  readFileSync(root + path, 'utf8').replace(/^ *```[\s\S]*?^ *```/gm, '')

/** Returns the anchors that GitHub gives to the headings. */
const anchorsIn = (path: string) =>
  [...read(path).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  )

/**
 * Returns the relative links that lead nowhere. `sourceOf` maps the path that a reader sees to the path in the repository,
 * or to undefined if the reader does not have the file.
 */
const deadLinks = (paths: readonly string[], sourceOf: (path: string) => string | undefined) =>
  paths.flatMap((path) =>
    [...read(sourceOf(path) ?? path).matchAll(/\]\((?!https?:|\/docs)([^)\s#]*)#?([^)\s]*)\)/g)]
      .filter(([, to = '', anchor = '']) => {
        const source = sourceOf(to === '' ? path : posix.join(posix.dirname(path), to))
        if (source === undefined) return true
        return anchor !== '' && isMarkdown(source) && !anchorsIn(source).includes(anchor)
      })
      .map(([link]) => `${path}: ${link}`),
  )

it('links in the repository lead to a file and a heading', () => {
  const paths = ['api', 'checker', 'schema', 'test', '.github']
    .flatMap((folder) =>
      readdirSync(root + folder, { recursive: true, encoding: 'utf8' }).map(
        (path) => `${folder}/${path}`,
      ),
    )
    .filter((path) => isMarkdown(path) && !/node_modules|\.tmp\//.test(path))
    // documentation.test.ts checks the pages of the documentation, and the next test the README of the package.
    .filter((path) => !/^(?:test\/examples\/mail-programs|api\/package)\//.test(path))
  expect(paths.length).toBeGreaterThan(20)
  expect(
    deadLinks(['README.md', ...paths], (path) => (existsSync(root + path) ? path : undefined)),
  ).toEqual([])
})

it('links in the package lead to a file in the package', () => {
  const sources = new Map(Object.entries(contents).map(([from, to]) => [to, from]))
  const paths = [...sources.keys()].filter(isMarkdown)
  expect(paths.length).toBeGreaterThan(5)
  expect(deadLinks(paths, (path) => sources.get(path))).toEqual([])
})
