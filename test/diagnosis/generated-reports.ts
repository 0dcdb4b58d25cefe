/** Random reports: a mix of real texts, their words, numbers, markup and unusual characters. */
import type { Report } from '../../api/diagnosis/diagnose.ts'
import { ReportProtocol, Stage } from '../../schema/diagnosis.ts'
import { seeded } from '../seeded.ts'

const evidenceValues = [
  '',
  'x',
  'app_only',
  'common',
  'graph',
  '\\',
  'a@b.c',
  '\u0000',
  '\u{1f600}',
]

function generateReport(
  pick: (below: number) => number,
  words: readonly string[],
  texts: readonly string[],
): Report {
  const oneOf = <Item>(items: readonly Item[]) => items[pick(items.length)] as Item
  const piece = () => {
    switch (pick(8)) {
      case 0:
        return String.fromCharCode(pick(0x10000))
      case 1:
        return `AADSTS${pick(10_000_000)}`
      case 2:
        return oneOf([
          '<html>',
          '<script',
          '%41%ff',
          '&#x41;',
          '\\u0041',
          '{"error":"',
          '\r\n',
          '\u0000',
        ])
      case 3:
        return `${pick(600)} ${pick(6)}.${pick(9)}.${pick(300)}`
      case 4:
        return oneOf(texts)
      default:
        return oneOf(words)
    }
  }
  const error = Array.from({ length: pick(9) }, piece).join(pick(2) ? ' ' : '')
  const evidence = {
    username: oneOf(evidenceValues),
    tenant: oneOf(evidenceValues),
    flow: oneOf(evidenceValues),
    port: pick(70000),
    shared_mailbox: pick(2) === 1,
  }
  return {
    protocol: pick(4) ? oneOf(ReportProtocol.options) : undefined,
    stage: pick(3) ? oneOf(Stage.options) : undefined,
    error,
    ...(pick(2) && { evidence }),
  }
}

/** Returns a generator of reports from these texts and their words, the same for the same seed. */
export function generatedReports(texts: readonly string[], seed: number): () => Report {
  const words = [...new Set(texts.flatMap((text) => text.split(/\s+/)))]
  const pick = seeded(seed)
  return () => generateReport(pick, words, texts)
}
