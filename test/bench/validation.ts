/**
 * (b) Validating the IMAP and SMTP of one mailbox, two calls at once, beside the same two logins by
 * a bare script. The checker is asked as the Worker asks it, over HTTP with sealed envelopes.
 *
 * With TLS 1.3 Postfix sends its session tickets, and its next answer then waits in Nagle's buffer
 * until the client's kernel has acknowledged them, 40 ms later, unless the client happened to write
 * after they came. That is luck and hides what the checker costs, so both speak TLS 1.2 but for one row.
 */
import { alternate, compare, pace, type Run, spread } from './blocks.ts'
import type { Lab } from './lab.ts'
import { type Logins, startBareLogins, startChecker, type What } from './logins.ts'
import { type Figure, informationRow, ratioRow } from './table.ts'

const AT_ONCE = 16

export async function validation(lab: Lab, blocks: number): Promise<Figure> {
  const { checker, bareLogins, servers } = lab
  const byChecker = () => checker.run('both', 30, 1)
  const bare = (what: What) => () => bareLogins.run(what, 30, 1)
  const throughIt = () => pace(15, 1, () => throughWorker(lab))

  const single = await latency(blocks, byChecker, bare('both'))
  const rate = await rates(blocks, checker, bareLogins)
  const plain = await latency(blocks, byChecker, bare('both, plain'))
  const whole = await latency(blocks, throughIt, bare('both'))
  const newest = await withTls13(lab, blocks)
  // The sandbox answers at once, so that the same milliseconds are a greater part of the whole.
  const real = servers.whySandbox === null
  const mostTime = real ? { atMost: 1.4 } : undefined
  const leastRate = real ? { atLeast: 0.7 } : undefined
  return {
    rows: [
      ratioRow('(b) one mailbox after the other, ms', single, mostTime),
      informationRow('    that is more than the floor, ms', single.extra),
      ratioRow('    the same with TLS 1.3, ms', newest, mostTime),
      ratioRow(`(b) ${AT_ONCE} mailboxes at once, mailboxes/s`, rate, leastRate),
      ratioRow('    beside imapflow as it comes, ms', plain),
      ratioRow('    by way of the whole Worker, ms', whole),
    ],
    notes: [
      real
        ? '(b) on Dovecot and Postfix, with tokens of oidc-provider.'
        : `(b) on the SANDBOX, where no target counts. ${servers.whySandbox}`,
      '    A mailbox is IMAP with TLS and SMTP with STARTTLS, both at once.',
      '    floor: imapflow and nodemailer in a process of their own, sending just what the checker sends',
      '    (AUTHENTICATE XOAUTH2, EXAMINE, LOGOUT; EHLO, STARTTLS, EHLO, AUTH, QUIT); done when the goodbye is sent.',
      '    Both speak TLS 1.2: with 1.3, Postfix waits 40 ms for an ACK, nearly always in the floor and at times',
      '    in ours, which says nothing about either.',
      '    "as it comes": the same script with the ID, NAMESPACE, CAPABILITY, LIST and LSUB of imapflow.',
      '    "the whole Worker": POST .../validate for both accounts at once, results stored in D1.',
    ],
  }
}

type Block = () => Promise<Run>

/** Compares the medians of one mailbox after the other. */
async function latency(blocks: number, ours: Block, floor: Block) {
  const median = ({ durations }: Run) => spread(durations).median
  const taken = await alternate(blocks, ours, floor)
  return compare(taken.ours.map(median), taken.floor.map(median))
}

async function rates(blocks: number, checker: Logins, bare: Logins) {
  const run = (who: Logins) => () => who.run('both', 6 * AT_ONCE, AT_ONCE)
  const taken = await alternate(blocks, run(checker), run(bare))
  return compare(
    taken.ours.map(({ rate }) => rate),
    taken.floor.map(({ rate }) => rate),
  )
}

async function withTls13({ servers }: Lab, blocks: number) {
  const checker = await startChecker(servers, '1.3')
  const bare = await startBareLogins(servers, '1.3')
  try {
    return await latency(
      blocks,
      () => checker.run('both', 30, 1),
      () => bare.run('both', 30, 1),
    )
  } finally {
    await Promise.all([checker.stop(), bare.stop()])
  }
}

/** "Validate Authentication" on both saved accounts. */
async function throughWorker({ product, servers }: Lab): Promise<void> {
  const { accounts, api } = product
  await Promise.all(
    [servers.imap, servers.smtp].map(async ({ protocol }) => {
      const path = `/v1/mail-accounts/${accounts[protocol]}/validate`
      const { outcome } = await api.expect(201, 'POST', path)
      if (outcome !== 'passed') throw new Error(`a validation by the Worker was ${outcome}`)
    }),
  )
}
