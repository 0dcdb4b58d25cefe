/**
 * Runs the recipes of mail programs as they are written, in both worlds: one per mechanism, or all of
 * them with MAIL_PROGRAMS=all. Prints a table at the end.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { until } from '../ports.ts'
import { createMachine, type Home, type Machine } from './machine.ts'
import type { Outcome } from './namespace.ts'
import { recipesToRun, versionOf } from './packages.ts'
import type { Command, Failure, Recipe, Use } from './recipe.ts'
import {
  currentToken,
  INBOX,
  type Mailbox,
  type Rig,
  startExchangeRig,
  startPostfixRig,
} from './rig.ts'
import { formatTable } from './table.ts'

const COLUMNS = [
  'program',
  'version',
  'mechanism',
  'world',
  'use',
  'works',
  'after token',
  'refused',
  'ended',
]
const rows: string[][] = []
afterAll(() => console.log(formatTable(COLUMNS, rows)))

/** Returns the response that carries the token, in which it is base64. */
const saslResponse = (user: string, token: string) =>
  btoa(`user=${user}\u0001auth=Bearer ${token}\u0001\u0001`)

function exitOf({ staysOpen }: Recipe, { exitCode }: Outcome): string {
  if (staysOpen) return 'stays open'
  return exitCode === null ? 'hangs' : `exit ${exitCode}`
}

/** Returns the lines that are not in the output. `…` in a line stands for any text. */
const missingLines = (lines: readonly string[], output: string): string[] =>
  lines.filter((line) => !output.split('\n').some((text) => matches(line, text)))

/** Returns all that the program has shown or stored. */
const textsOf = async (home: Home, output: string) => `${output}\n${await home.files()}`

function matches(line: string, text: string): boolean {
  let end = 0
  return line.split('…').every((part) => {
    const start = text.indexOf(part, end)
    end = start + part.length
    return start >= 0
  })
}

/** Runs the command, and expects it to show the lines and to exit with the code. */
async function expectFailure(
  recipe: Recipe,
  { lines, exitCode }: Failure,
  home: Home,
  script: string,
) {
  const missing = async (output: string) =>
    missingLines(lines.map(home.fill), recipe.staysOpen ? await textsOf(home, output) : output)
  const isDone = async (output: string) => (await missing(output)).length === 0
  const outcome = await home.run(script, recipe.staysOpen ? isDone : undefined)
  const seen = { missing: await missing(outcome.output), exitCode: outcome.exitCode }
  expect(seen, outcome.output).toEqual({ missing: [], exitCode })
  // The API key.
  expect(outcome.output).not.toContain('mg_key_')
  return outcome
}

/**
 * Programs that send the token within the AUTH command, of which Postfix reads 2,048 octets (line_length_limit).
 * Exchange reads all of it.
 */
const ONE_LINE = ['java', 'neomutt', 'nodemailer', 'phpmailer', 'ruby', 's-nail']

const worlds = [
  { world: 'E', title: 'at servers like Exchange Online', start: startExchangeRig },
  { world: 'P', title: 'at Dovecot and Postfix', start: startPostfixRig },
] as const

describe.each(worlds)('$title', ({ world, start }) => {
  let rig: Rig
  let machine: Machine
  beforeAll(async () => {
    rig = await start()
    machine = await createMachine(rig)
  })
  afterAll(async () => {
    await machine?.stop()
    await rig?.stop()
  })

  /** Expects the program to exit with 0 after it has read all messages, or sent one. */
  async function expectWork(recipe: Recipe, use: Use, home: Home, script: string): Promise<void> {
    const before = await rig.accepted()
    const isDone = async (output: string) => {
      const texts = await textsOf(home, output)
      return INBOX.every((message) => texts.includes(message))
    }
    const outcome = await home.run(script, recipe.staysOpen ? isDone : undefined)
    expect(outcome.exitCode, outcome.output).toBe(0)
    if (use === 'read') {
      const texts = await textsOf(home, outcome.output)
      for (const message of INBOX) expect(texts).toContain(message)
    } else {
      await until(
        async () => (await rig.accepted()) > before,
        () => `the server accepted no message: ${outcome.output}`,
      )
      expect(await rig.accepted()).toBe(before + 1)
    }
  }

  for (const recipe of recipesToRun()) {
    describe.each([...recipe.commands])(`${recipe.name}, to $use`, (command: Command) => {
      const { use, script } = command
      // In world E there is no mail to read, so only its refusals are tried.
      const works = world === 'P' || use === 'send'
      const cells = { works: works ? 'no' : '', again: '', refused: '', ended: '' }
      let mailbox: Mailbox
      let home: Home
      beforeAll(async () => {
        mailbox = await rig.connect()
        home = await machine.createHome(recipe, mailbox)
      })
      afterAll(() => {
        const { works, again, refused, ended } = cells
        const { name, mechanism } = recipe
        rows.push([name, versionOf(recipe), mechanism, world, use, works, again, refused, ended])
      })

      if (world === 'P' && use === 'send' && ONE_LINE.includes(recipe.name)) {
        it('sends a longer command than Postfix reads', async () => {
          const { output } = await home.run(script)
          expect(output).toContain('Invalid base64 data in initial response')
          cells.works = 'line too long'
        })
        return
      }

      if (works) {
        it('works with a good token', async () => {
          await expectWork(recipe, use, home, script)
          cells.works = 'yes'
        })

        it('asks for a new token after the first has ended', async () => {
          await rig.endToken(mailbox)
          await expectWork(recipe, use, home, script)
          cells.again = 'yes'
        })
      }

      const replaces = [...recipe.files.values()].some((text) => /rejected_expires_at/.test(text))
      if (works && replaces) {
        it('has Mailgrant replace a token that the server refuses', async () => {
          await rig.rejectToken(mailbox)
          await expectWork(recipe, use, home, script)
        })
      }

      it('fails as the recipe says if the login is refused', async () => {
        const other = await rig.connectRefused(use)
        const refused = await machine.createHome(recipe, other)
        // The recipes show the words of Exchange.
        const outcome =
          world === 'E'
            ? await expectFailure(recipe, command.refused, refused, script)
            : await refused.run(script)
        cells.refused = exitOf(recipe, outcome)
        const token = await currentToken(rig.api, other)
        expect(outcome.output).not.toContain(token)
        expect(outcome.output).not.toContain(saslResponse(other.address, token))
        // Some programs exit with 0 after a refusal, such as relays, which queue the message. No reader has printed one.
        if (use === 'send') expect(outcome.exitCode === 0).toBe(command.refused.exitCode === 0)
        else expect(await textsOf(refused, outcome.output)).not.toContain('Invoice 4711')
      })

      if (works) {
        it('says as the recipe does that the sign-in has ended', async () => {
          await rig.endSignIn(mailbox)
          const outcome = await expectFailure(recipe, command.signInEnded, home, script)
          cells.ended = exitOf(recipe, outcome)
        })
      }
    })
  }
})
