import { describe, expect, it } from 'vitest'
import { problemTable } from '../../../api/problem.ts'
import { ProblemCode } from '../../../schema/problem.ts'
import { parseDocument } from '../../sandbox/forms.ts'
import { createWorld, PUBLIC_URL } from '../harness.ts'

const fetchPage = async (path: string) => {
  const world = await createWorld()
  const response = await world.send(new Request(`${PUBLIC_URL}${path}`))
  expect(response.status).toBe(200)
  return response.text()
}

describe('/docs/problems', () => {
  it('explains every problem code and what to do about it', async () => {
    const page = await fetchPage('/docs/problems')
    for (const code of ProblemCode.options) expectHelp(page, code)
  })

  it('is what the type of a problem links to', async () => {
    const world = await createWorld()
    const problem = await (await world.call('GET', '/v1/none')).json<{ type: string }>()
    expect(problem.type).toBe(`${PUBLIC_URL}/docs/problems#not_found`)
    expect(await fetchPage('/docs/problems')).toContain('<section id="not_found">')
  })
})

function expectHelp(page: string, code: ProblemCode) {
  const section = page.split(`<section id="${code}">`)[1]?.split('</section>')[0] ?? ''
  const { title, status } = problemTable[code]
  expect(section).toContain(`<h2>${title.replaceAll("'", '&#39;')}</h2>`)
  expect(section).toContain(`</a> ${status}</p>`)
  expect(section.replaceAll(/<[^>]+>/g, '').length).toBeGreaterThan(title.length + 60)
  expect(section).not.toContain('`')
}

it('links the documentation pages to each other', async () => {
  for (const path of ['/docs', '/docs/problems']) {
    const { links } = parseDocument(await fetchPage(path), `${PUBLIC_URL}${path}`)
    const hrefs = links.map(({ href }) => href)
    for (const to of ['/docs', '/docs/problems', '/openapi.json', '/console/']) {
      expect(hrefs).toContain(`${PUBLIC_URL}${to}`)
    }
  }
})
