/** A strict parser of Prometheus' text format 0.0.4: it accepts only what the product should write. */

export type Series = { name: string; labels: Record<string, string>; value: number }

const NAME = '[a-zA-Z_][a-zA-Z0-9_]*'
const LABELS = new RegExp(`^(?:${NAME}="[^"\\\\\\n]*",?)+$`)
const SAMPLE = new RegExp(`^(${NAME})(?:\\{(.*)\\})? (\\S+)$`)
// `Nan` is prom-client's, before the first value.
const VALUE = /^(?:NaN|Nan|[+-]Inf|-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)$/
const SUFFIXES: Record<string, string[]> = {
  counter: [''],
  gauge: [''],
  histogram: ['_bucket', '_sum', '_count'],
}

/** Returns all series. Throws at anything that is malformed, out of order, or there twice. */
export function parseMetrics(text: string): { series: Series[]; names: Set<string> } {
  if (!text.endsWith('\n')) throw new Error('The last line does not end')
  const series: Series[] = []
  const seen = new Set<string>()
  const names = new Set<string>()
  const families = new Set<string>()
  let help: string | undefined
  let open: string[] = []
  for (const line of text.split('\n')) {
    if (line === '') continue
    const fault = new Error(`Malformed: ${line}`)
    const [, keyword, name = '', rest = ''] =
      new RegExp(`^# (HELP|TYPE) (${NAME}) (.+)$`).exec(line) ?? []
    if (keyword === 'HELP') {
      if (families.has(name)) throw fault
      help = name
    } else if (keyword === 'TYPE') {
      const suffixes = SUFFIXES[rest]
      if (name !== help || !suffixes) throw fault
      if ((rest === 'counter') !== name.endsWith('_total')) throw fault
      families.add(name)
      open = suffixes.map((suffix) => name + suffix)
      for (const each of open) names.add(each)
    } else {
      const [, sample = '', labels, value = ''] = SAMPLE.exec(line) ?? []
      const identity = line.slice(0, line.lastIndexOf(' '))
      const labelled = labels === undefined || LABELS.test(labels)
      if (!open.includes(sample) || !labelled || !VALUE.test(value) || seen.has(identity)) {
        throw fault
      }
      seen.add(identity)
      series.push({ name: sample, labels: readLabels(labels ?? ''), value: Number(value) })
    }
  }
  return { series, names }
}

const readLabels = (text: string): Record<string, string> =>
  Object.fromEntries(
    [...text.matchAll(new RegExp(`(${NAME})="([^"]*)"`, 'g'))].map(([, name = '', value = '']) => [
      name,
      value,
    ]),
  )
