/**
 * (b) Validating the IMAP and SMTP of one mailbox, two calls at once, beside the same two logins by
 * a bare script. The checker is asked as the Worker asks it, over HTTP with sealed envelopes.
 */
import { alternate, compare, pace, type Run, spread } from './blocks.ts'
import type { Lab } from './lab.ts'
import type { What } from './logins.ts'
import type { Server } from './servers.ts'
import { type Figure, informationRow, ratioRow } from './table.ts'

const AT_ONCE = 16

const median = ({ durations }: Run) => spread(durations).median
const rate = ({ rate }: Run) => rate

export async function validation(lab: Lab, blocks: number): Promise<Figure> {
  const { checker, bareLogins, servers } = lab

  /** Medians, one mailbox after the other, in blocks of so many. */
  async function oneByOne(ours: () => Promise<Run>, floor: What = 'both') {
    const taken = await alternate(blocks, ours, () => bareLogins.run(floor, 30, 1))
    return compare(taken.ours.map(median), taken.floor.map(median))
  }
  const byChecker = () => checker.run('both', 30, 1)

  const single = await oneByOne(byChecker)
  const together = await alternate(
    blocks,
    () => checker.run('both', 6 * AT_ONCE, AT_ONCE),
    () => bareLogins.run('both', 6 * AT_ONCE, AT_ONCE),
  )
  const plain = await oneByOne(byChecker, 'both, plain')
  const whole = await oneByOne(() => pace(15, 1, () => throughWorker(lab)))
  return {
    rows: [
      ratioRow('(b) one mailbox after the other, ms', single, { atMost: 1.4 }),
      informationRow('    that is more than the floor, ms', single.extra),
      ratioRow(
        `(b) ${AT_ONCE} mailboxes at once, mailboxes/s`,
        compare(together.ours.map(rate), together.floor.map(rate)),
        { atLeast: 0.7 },
      ),
      ratioRow('    beside imapflow as it comes, ms', plain),
      ratioRow('    by way of the whole Worker, ms', whole),
    ],
    notes: [
      `(b) on ${servers.names}; a mailbox is IMAP with TLS and SMTP with STARTTLS, both at once.`,
      '    floor: imapflow and nodemailer in a process of their own, told to send just what the checker sends',
      '    (AUTHENTICATE XOAUTH2, EXAMINE, LOGOUT; EHLO, STARTTLS, EHLO, AUTH, QUIT), done when the goodbye is sent.',
      '    "as it comes": the same script with the ID, NAMESPACE, CAPABILITY, LIST and LSUB of imapflow.',
      '    "the whole Worker": POST .../validate for both accounts at once, results stored in D1.',
    ],
  }
}

/** "Validate Authentication" on both saved accounts. */
async function throughWorker({ product, servers }: Lab): Promise<void> {
  const { accounts, api } = product
  await Promise.all(
    [servers.imap, servers.smtp].map(async ({ protocol }: Server) => {
      const path = `/v1/mail-accounts/${accounts[protocol]}/validate`
      const { outcome } = await api.expect(201, 'POST', path)
      if (outcome !== 'passed') throw new Error(`a validation by the Worker was ${outcome}`)
    }),
  )
}
