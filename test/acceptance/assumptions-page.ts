/**
 * Makes the guide `/docs/guides/microsoft`, and README's sentence, from the statements about Microsoft.
 * `node test/acceptance/assumptions-page.ts` writes the guide.
 */
import { writeFileSync } from 'node:fs'
import { root } from '../source-files.ts'
import { type Assumption, all, areas } from './assumptions.ts'

/** Path of the guide from the root of the repository. */
export const GUIDE = 'api/docs/guides/microsoft.md'

const STANDINGS = ['documented', 'reported by others', 'believed', 'verified'] as const
const CHECKS = ['automatic', 'needs a person', 'needs an admin', 'needs waiting'] as const

const count = (fits: (assumption: Assumption) => boolean) =>
  all.filter(([, assumption]) => fits(assumption)).length

const withStanding = (standing: (typeof STANDINGS)[number]) =>
  count(({ source }) => source.standing === standing)

const withCheck = (check: (typeof CHECKS)[number]) =>
  count((assumption) => assumption.check === check)

/** Returns README's sentence on what is proven. */
export function provenSentence(): string {
  const verified = withStanding('verified') || 'none'
  return `Of its [${all.length} assumptions about Microsoft](${GUIDE}), ${withStanding('documented')} are documented, ${withStanding('reported by others')} reported by others, ${withStanding('believed')} conclusions, and ${verified} verified by us.`
}

function row({ statement, source, check }: Assumption): string {
  const { standing, url, date } = source
  return `| [${standing}](${url}), ${date} | ${statement.replaceAll('|', '\\|')} | ${check} |`
}

const tableOf = (statements: readonly Assumption[]) => [
  // The first column breaks no word, and statements contain long ones.
  '| Source | Statement | Check |',
  '|---|---|---|',
  ...statements.map(row),
]

/** Returns the guide in Markdown. */
export const assumptionsPage = (): string =>
  [
    '# What Mailgrant relies on at Microsoft',
    '',
    `Mailgrant's tests run against a simulated Microsoft. It is strict, but it was written from the same sources as Mailgrant itself. So this`,
    `page lists each statement about Microsoft on which a verdict, a state or a request depends, and how well founded it is.`,
    '',
    '| Standing | Statements | Means |',
    '|---|---|---|',
    `| documented | ${withStanding('documented')} | Microsoft's documentation states it |`,
    `| reported by others | ${withStanding('reported by others')} | others observed and published it |`,
    `| believed | ${withStanding('believed')} | concluded from the source, which does not state it |`,
    `| verified | ${withStanding('verified')} | observed at a real tenant with Mailgrant's acceptance kit |`,
    '',
    `The kit, \`npm run acceptance\` in a clone of the repository, can check ${withCheck('automatic')} of them automatically once two accounts have signed in. A person`,
    `must help with ${withCheck('needs a person')}, and an administrator with ${withCheck('needs an admin')}. Another ${withCheck('needs waiting')} need days, or a fault at Microsoft. If you have a trial`,
    `tenant, please run it and send us its report.`,
    '',
    ...Object.entries(areas).flatMap(([area, statements]) => [
      `## ${area}`,
      '',
      ...tableOf(Object.values(statements)),
      '',
    ]),
  ].join('\n')

if (import.meta.main) writeFileSync(root + GUIDE, assumptionsPage())
