/** The dashboard for Grafana and the alerts query only metrics that exist, with labels and values that exist. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { renderMetrics } from '../api/domain/operations/render-metrics.ts'
import { addCopyMetrics, createRequestMetrics } from '../api/node/server-metrics.ts'
import { EXAMPLE_URL } from '../api/paths.ts'
import { createMetrics, createRegistry } from '../checker/metrics.ts'
import { GrantStatus } from '../schema/grant.ts'
import { Readiness } from '../schema/health.ts'
import { Health } from '../schema/mail-account.ts'
import { REPORT, REQUEST } from './checker/hostile/messages.ts'
import { parseMetrics, type Series } from './prometheus-text.ts'
import { root } from './source-files.ts'

const Panel = z.object({
  type: z.string(),
  title: z.string(),
  gridPos: z.object({ x: z.number(), y: z.number(), w: z.number(), h: z.number() }),
  targets: z.array(z.object({ expr: z.string(), legendFormat: z.string() })).default([]),
})
const Dashboard = z.object({
  panels: z.array(Panel),
  templating: z.object({ list: z.array(z.object({ definition: z.string().optional() })) }),
})

const text = readFileSync(`${root}api/grafana.json`, 'utf8')
const { panels, templating } = Dashboard.parse(JSON.parse(text))
const targets = panels.flatMap((panel) => panel.targets.map((each) => ({ ...each, panel })))
const queries = [
  ...targets.map(({ expr }) => expr),
  ...templating.list.flatMap(({ definition = '' }) => definition),
]

const zero = <Value extends string>(values: readonly Value[]) =>
  Object.fromEntries(values.map((value) => [value, 0])) as Record<Value, number>

function productSeries() {
  const checks = Object.keys(Readiness.shape.checks.shape).map((check) => [check, { status: 'ok' }])
  const accounts = zero(Health.options)
  const figures = {
    at: new Date(0),
    grants: zero(GrantStatus.options),
    mailAccounts: { imap: accounts, smtp: accounts, graph_send: accounts },
    tokenRequests: zero(['succeeded', 'refused', 'failed']),
    deliveries: zero(['pending', 'delivered', 'failed']),
    credentialExpiresAt: null,
    maintenanceFinishedAt: null,
    refreshDueAt: null,
    checks: Object.fromEntries(checks) as Readiness['checks'],
    database: { bytes: 0, freeBytes: 0 },
  }
  return parseMetrics(renderMetrics(figures))
}

/** Returns the metrics of the process with its requests, and of the checker, of which the text has one series each. */
async function processSeries() {
  const registry = createRegistry()
  createRequestMetrics(registry)
  addCopyMetrics(registry, { lastAt: () => null }, 0)
  const metrics = createMetrics({ running: 0, waiting: 0 }, registry)
  metrics.observe({ name: 'probed', request: REQUEST, report: REPORT, jti: 'jti' })
  return parseMetrics(await metrics.text())
}

const product = productSeries()
const ofProcess = await processSeries()
const names = new Set([...product.names, ...ofProcess.names])
const series: Series[] = [...product.series, ...ofProcess.series]

const namesIn = (query: string) => query.match(/\b(?:mailgrant|process|nodejs)_\w+/g) ?? []

const hasLabel = (metric: string, label: string) =>
  series.some(({ name, labels }) => name === metric && label in labels)

/** Returns the conditions of a query on labels that no series meets. */
const unmetIn = (expr: string) =>
  [...expr.matchAll(/(\w+)\{([^}]*)\}/g)].flatMap(([, metric, selector = '']) =>
    [...selector.matchAll(/(\w+)=~?"([^"]+)"/g)]
      // Prometheus adds these two, and a viewer chooses the values of a variable.
      .filter(
        ([, label = '', value = '']) =>
          !['instance', 'job'].includes(label) && !value.startsWith('$'),
      )
      .flatMap(([, label = '', values = '']) =>
        values.split('|').map((value) => ({ label, value })),
      )
      .filter(({ label, value }) => {
        const pattern = new RegExp(`^${value}$`)
        return !series.some(
          ({ name, labels }) => name === metric && pattern.test(labels[label] ?? ''),
        )
      })
      .map(({ label, value }) => `${metric}{${label}=${value}}`),
  )

describe('the dashboard', () => {
  it('queries only metrics that exist', () => {
    const queried = queries.flatMap(namesIn)
    expect(queried.filter((name) => !names.has(name))).toEqual([])
    expect(new Set(queried).size).toBeGreaterThan(10)
  })

  it('shows every metric of the product', () => {
    const queried = queries.flatMap(namesIn).join(' ')
    const families = [...names].map((name) => name.replace(/_(?:bucket|sum|count)$/, ''))
    const ours = families.filter((name) => name.startsWith('mailgrant_'))
    expect(ours.filter((name) => !queried.includes(name))).toEqual([])
  })

  it('groups by labels that exist', () => {
    for (const { expr, legendFormat } of targets) {
      const [metric = ''] = namesIn(expr)
      for (const [, label = ''] of expr.matchAll(/\bby \((\w+)\)/g)) {
        expect([expr, hasLabel(metric, label)]).toEqual([expr, true])
        if (label !== 'le') expect([expr, legendFormat]).toEqual([expr, `{{${label}}}`])
      }
    }
  })

  it('selects values that exist', () => {
    expect(targets.flatMap(({ expr }) => unmetIn(expr))).toEqual([])
  })

  it('has panels that do not overlap', () => {
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, n) => `${x + (n % w)},${y + Math.floor(n / w)}`),
    )
    expect(new Set(cells).size).toBe(cells.length)
    expect(panels.every(({ gridPos: { x, w } }) => x + w <= 24)).toBe(true)
  })
})

describe('the alerts', () => {
  const Rule = z.object({
    alert: z.string().regex(/^Mailgrant[A-Z]/),
    expr: z.string(),
    labels: z.object({ severity: z.enum(['critical', 'warning']) }),
    annotations: z.object({
      summary: z.string().regex(/\.$/),
      description: z.string().regex(/\.$/),
      runbook_url: z.string(),
    }),
  })
  const read = (path: string) => readFileSync(root + path, 'utf8')
  const { groups } = z
    .object({ groups: z.array(z.object({ rules: z.array(Rule) })) })
    .parse(parse(read('api/prometheus-alerts.yaml')))
  const rules = groups.flatMap((group) => group.rules)

  it('query only metrics that exist, with values that exist', () => {
    const queried = rules.flatMap(({ expr }) => namesIn(expr))
    expect(queried.filter((name) => !names.has(name))).toEqual([])
    expect(rules.flatMap(({ expr }) => unmetIn(expr))).toEqual([])
  })

  it('link to a section of the documentation for operators', () => {
    const pages = {
      runbook: 'api/operating/runbook.md',
      credentials: 'api/operating/credentials.md',
      capacity: 'api/operating/capacity.md',
      backup: 'api/node/backup.md',
    }
    const links = Object.entries(pages).flatMap(([page, file]) =>
      [...read(file).matchAll(/^#+ (.+)$/gm)].map(([, title = '']) => {
        const anchor = title.toLowerCase().replace(/[^\w ]/g, '')
        return `${EXAMPLE_URL}/docs/operating/${page}#${anchor.replaceAll(' ', '-')}`
      }),
    )
    expect(rules.filter(({ annotations }) => !links.includes(annotations.runbook_url))).toEqual([])
  })

  it('are all tested with the tool of Prometheus', () => {
    const tested = [...read('test/interop/alerts.yaml').matchAll(/alertname="(\w+)"/g)]
    expect(tested.map(([, name]) => name).sort()).toEqual(rules.map(({ alert }) => alert).sort())
  })
})
