/** The files that GitHub reads. It ignores a form or shows no error for a workflow that it cannot read. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { scripts } from '../package.json' with { type: 'json' }
import { root } from './source-files.ts'

const read = (path: string) => readFileSync(`${root}.github/${path}`, 'utf8')

describe('the workflows', () => {
  const Job = z.object({
    'timeout-minutes': z.number().optional(),
    permissions: z.record(z.string(), z.string()).optional(),
    uses: z.string().optional(),
    steps: z
      .array(
        z.object({
          uses: z.string().optional(),
          run: z.string().optional(),
          with: z.record(z.string(), z.unknown()).optional(),
        }),
      )
      .default([]),
  })
  const Workflow = z.object({
    permissions: z.record(z.string(), z.string()),
    jobs: z.record(z.string(), Job),
  })
  const jobs = readdirSync(`${root}.github/workflows`).flatMap((file) => {
    const { permissions, jobs } = Workflow.parse(parse(read(`workflows/${file}`)))
    return Object.entries(jobs).map(([name, job]) => ({
      name: `${file} ${name}`,
      job,
      permissions: job.permissions ?? permissions,
    }))
  })
  const steps = jobs.flatMap(({ name, job }) => job.steps.map((step) => ({ name, step })))

  it('run scripts that exist', () => {
    const named = steps.flatMap(({ step }) =>
      [...(step.run ?? '').matchAll(/npm run ([\w:-]+)/g)].map(([, script = '']) => script),
    )
    expect(named.length).toBeGreaterThan(0)
    expect(named.filter((script) => !(script in scripts))).toEqual([])
  })

  it('build from files that exist', () => {
    const files = [...read('workflows/release.yml').matchAll(/dockerfile: (.+)/g)]
    expect(files.map(([, file]) => existsSync(root + file))).toEqual([true, true])
  })

  it('give no right to write to a job that runs code of packages', () => {
    for (const { name, job, permissions } of jobs) {
      const runsPackages = job.steps.some(({ run }) => /\bnpm\b|\.ci\/run/.test(run ?? ''))
      if (runsPackages) expect([name, permissions]).toEqual([name, { contents: 'read' }])
    }
  })

  it('pass values of the run to scripts through the environment', () => {
    const expressions = steps.flatMap(({ step }) =>
      [...(step.run ?? '').matchAll(/\$\{\{ *([\w.]+)/g)].map(([, expression]) => expression),
    )
    expect(new Set(expressions)).toEqual(new Set(['matrix.parts']))
  })

  it('run actions at a commit, since their owners can move a tag', () => {
    const used = readdirSync(`${root}.github/workflows`).flatMap((file) =>
      [...read(`workflows/${file}`).matchAll(/uses: ([^.\s].*)/g)].map(([, action = '']) => action),
    )
    expect(used.length).toBeGreaterThan(10)
    expect(used.filter((action) => !/@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(action))).toEqual([])
  })

  it('leave no token behind, and have the tags where the API is compared', () => {
    const checkouts = steps.filter(({ step }) => step.uses?.startsWith('actions/checkout@'))
    expect(checkouts.length).toBeGreaterThan(5)
    for (const { name, step } of checkouts) {
      expect([name, step.with?.['persist-credentials']]).toEqual([name, false])
    }
    const compared = checkouts.filter(({ name }) => name === 'ci.yml checks')
    expect(compared.map(({ step }) => step.with?.['fetch-depth'])).toEqual([0])
  })

  it('have a time limit for every job', () => {
    const endless = jobs.filter(({ job }) => !job.uses && job['timeout-minutes'] === undefined)
    expect(endless.map(({ name }) => name)).toEqual([])
  })
})

describe('the issue forms', () => {
  const Text = z.string().min(1)
  const Field = z.strictObject({
    type: z.enum(['input', 'textarea', 'dropdown', 'checkboxes']),
    id: z.string().regex(/^[\w-]+$/),
    attributes: z.strictObject({
      label: Text,
      description: Text.optional(),
      placeholder: Text.optional(),
      render: Text.optional(),
      options: z
        .array(z.union([Text, z.strictObject({ label: Text, required: z.boolean() })]))
        .min(1)
        .optional(),
    }),
    validations: z.strictObject({ required: z.boolean() }).optional(),
  })
  const Markdown = z.strictObject({
    type: z.literal('markdown'),
    attributes: z.strictObject({ value: Text }),
  })
  const Form = z.strictObject({
    name: Text,
    description: Text,
    labels: z.array(Text),
    body: z.array(z.union([Field, Markdown])).min(1),
  })
  const names = readdirSync(`${root}.github/ISSUE_TEMPLATE`).filter((name) => name !== 'config.yml')

  it.each(names)('%s has what GitHub requires, with an id and a label for each field', (name) => {
    const { body } = Form.parse(parse(read(`ISSUE_TEMPLATE/${name}`)))
    const fields = body.filter((part) => part.type !== 'markdown')
    for (const key of [
      fields.map(({ id }) => id),
      fields.map(({ attributes }) => attributes.label),
    ]) {
      expect(new Set(key).size).toBe(fields.length)
    }
    for (const { type, attributes } of fields) {
      expect(attributes.options !== undefined).toBe(['dropdown', 'checkboxes'].includes(type))
    }
  })

  it.each(['bug.yml', 'diagnosis.yml'])('%s asks for a diagnosis and warns of secrets', (name) => {
    const text = read(`ISSUE_TEMPLATE/${name}`)
    expect(text).toContain('POST /v1/diagnoses')
    expect(text).toContain('Never paste access tokens')
    expect(text).toContain('/healthz')
  })

  it('lead security problems elsewhere', () => {
    const Config = z.strictObject({
      blank_issues_enabled: z.boolean(),
      contact_links: z
        .array(z.strictObject({ name: Text, url: z.url(), about: Text.includes('SECURITY.md') }))
        .length(1),
    })
    expect(() => Config.parse(parse(read('ISSUE_TEMPLATE/config.yml')))).not.toThrow()
  })
})

describe('the configuration of Renovate', () => {
  const { packageRules } = z
    .object({
      packageRules: z.array(z.object({ matchPackageNames: z.array(z.string()).optional() })),
    })
    .parse(JSON.parse(read('renovate.json')))

  it('names packages that the project has', () => {
    const manifests = ['package.json', 'test/tools/package.json', 'test/openapi-types/package.json']
    const text = manifests.map((path) => readFileSync(root + path, 'utf8')).join()
    const names = packageRules.flatMap(({ matchPackageNames = [] }) => matchPackageNames)
    const plain = names.filter((name) => !/[/*]/.test(name) && name !== 'node')
    expect(plain.length).toBeGreaterThan(5)
    expect(plain.filter((name) => !text.includes(`"${name}":`))).toEqual([])
  })
})
