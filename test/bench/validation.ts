/**
 * (b) Validating IMAP and SMTP of one mailbox in two concurrent calls, beside the same two logins by a bare
 * script. The checker is called as the Worker calls it, over HTTP with encrypted envelopes.
 *
 * With TLS 1.3 Postfix sends session tickets, and Nagle's algorithm then delays its next reply until the
 * client's kernel acknowledges them 40 ms later, unless the client happens to write first. This chance
 * effect hides the cost of the checker, so both use TLS 1.2 except in one row.
 */

import type { BenchSetup } from './bench-setup.ts'
import { alternate, compare, type Run, runTasks, spread } from './blocks.ts'
import { type Logins, type Protocols, startBareLogins, startChecker } from './logins.ts'
import { startOwnServer } from './own-server.ts'
import { validate } from './product.ts'
import { type Figure, informationRow, ratioRow } from './table.ts'

const PARALLEL = 16

export async function validation(setup: BenchSetup, blocks: number): Promise<Figure> {
  const { checker, bareLogins, servers } = setup
  const byChecker = () => checker.run('both', 30, 1)
  const bare = (protocols: Protocols) => () => bareLogins.run(protocols, 30, 1)
  const byWorker = () => runTasks(15, 1, () => validateThroughWorker(setup))

  const single = await latency(blocks, byChecker, bare('both'))
  const rate = await rates(blocks, (...load) => checker.run('both', ...load), bareLogins)
  const cpu = await cpuTime(blocks, checker, bareLogins)
  const plain = await latency(blocks, byChecker, bare('both, plain'))
  const worker = await latency(blocks, byWorker, bare('both'))
  const workerRate = await rates(
    blocks,
    (...load) => runTasks(...load, () => validateThroughWorker(setup)),
    bareLogins,
  )
  const own = await throughOwnServer(setup, blocks)
  const tls13 = await withTls13(setup, blocks)
  // No targets on the sandbox: it responds at once, so the checker's share of the time is larger.
  const realServers = servers.sandboxReason === null
  const timeTarget = realServers ? { atMost: 1.4 } : undefined
  const rateTarget = realServers ? { atLeast: 0.7 } : undefined
  const cpuTarget = realServers ? { atMost: 1.3 } : undefined
  const workerTimeTarget = realServers ? { atMost: 1.6 } : undefined
  const workerRateTarget = realServers ? { atLeast: 0.68 } : undefined
  return {
    rows: [
      ratioRow('(b) one mailbox after the other, ms', single, timeTarget),
      informationRow('    difference from the baseline, ms', single.difference),
      ratioRow('    the same with TLS 1.3, ms', tls13, timeTarget),
      ratioRow(`(b) ${PARALLEL} mailboxes at once, mailboxes/s`, rate, rateTarget),
      ratioRow('(b) CPU time of the process for a mailbox, ms', cpu, cpuTarget),
      ratioRow('    compared with unmodified imapflow, ms', plain),
      ratioRow('    through the own server in one Node process, ms', own, timeTarget),
      ratioRow('    through the whole Worker, ms', worker, workerTimeTarget),
      ratioRow(
        `    through the whole Worker, ${PARALLEL} at once, mailboxes/s`,
        workerRate,
        workerRateTarget,
      ),
    ],
    notes: [
      realServers
        ? '(b) on Dovecot and Postfix, with tokens of oidc-provider.'
        : `(b) on the SANDBOX, without targets. ${servers.sandboxReason}`,
      '    A mailbox is IMAP with TLS and SMTP with STARTTLS, both at once.',
      '    baseline: imapflow and nodemailer in a separate process, sending exactly what the checker sends',
      '    (AUTHENTICATE XOAUTH2, EXAMINE, LOGOUT; EHLO, STARTTLS, EHLO, AUTH, the token, QUIT); done when the goodbye is sent.',
      '    Both use TLS 1.2: with 1.3, Postfix waits 40 ms for an ACK, nearly always for the baseline and sometimes',
      '    for ours, which says nothing about either.',
      '    "unmodified imapflow": the same script with the ID, NAMESPACE, CAPABILITY, LIST and LSUB of imapflow.',
      '    "the own server": POST .../validate for both accounts at once, results stored in SQLite.',
      '    "the whole Worker": POST .../validate for both accounts at once, results stored in D1.',
    ],
  }
}

type Block = () => Promise<Run>

/** Compares median durations, one mailbox at a time. */
async function latency(blocks: number, ours: Block, baseline: Block) {
  const median = ({ durations }: Run) => spread(durations).median
  const runs = await alternate(blocks, ours, baseline)
  return compare(runs.ours.map(median), runs.baseline.map(median))
}

/** Compares the CPU time of the two processes for a mailbox, since a comparison holds on a busy machine, too. */
async function cpuTime(blocks: number, ours: Logins, baseline: Logins) {
  const mailboxes = 60
  const measured = (logins: Logins) => async () => {
    const before = await logins.cpu()
    await logins.run('both', mailboxes, 4)
    return ((await logins.cpu()) - before) / mailboxes
  }
  const runs = await alternate(blocks, measured(ours), measured(baseline))
  return compare(runs.ours, runs.baseline)
}

/** Compares mailboxes per second, several at once. */
async function rates(
  blocks: number,
  ours: (count: number, parallel: number) => Promise<Run>,
  bare: Logins,
) {
  const load = [6 * PARALLEL, PARALLEL] as const
  const runs = await alternate(
    blocks,
    () => ours(...load),
    () => bare.run('both', ...load),
  )
  return compare(
    runs.ours.map(({ rate }) => rate),
    runs.baseline.map(({ rate }) => rate),
  )
}

async function withTls13({ servers }: BenchSetup, blocks: number) {
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

async function throughOwnServer({ product, servers, bareLogins }: BenchSetup, blocks: number) {
  const own = await startOwnServer(product, servers)
  try {
    return await latency(
      blocks,
      () => runTasks(15, 1, () => validate(own.api, product)),
      () => bareLogins.run('both', 30, 1),
    )
  } finally {
    await own.stop()
  }
}

const validateThroughWorker = ({ product }: BenchSetup) => validate(product.api, product)
