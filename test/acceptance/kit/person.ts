/**
 * The person who runs the kit, and all that the kit can ask of them. It never gets a password or an administrator's
 * token: people sign in at Microsoft, and administrators run the commands that it shows.
 */
import { createInterface } from 'node:readline/promises'
import type { Change } from './changes.ts'

export type Account = 'work' | 'personal' | 'admin'

export type Errand =
  /** Signs in at Microsoft, or approves. `press`: the button of the consent page, if there is one. */
  | { do: 'open'; url: string; as: Account; press: 'accept' | 'cancel' }
  /** Opens a page that must end with an error of Microsoft, and returns the number on it. */
  | { do: 'read'; url: string; as: Account }
  | { do: 'change'; change: Change; back: boolean }
  /** Returns a value that the person types. `secret`: it is stored nowhere. */
  | { do: 'tell'; what: string; name: string; secret?: boolean }

export type Person = {
  say: (text: string) => void
  ask: (errand: Errand) => Promise<string>
}

const NAMES: Record<Account, string> = {
  work: 'the work account',
  personal: 'the personal account',
  admin: 'an administrator',
}

/** Returns the instructions for an errand, in the words of the terminal. */
export function instructions(errand: Errand): string {
  switch (errand.do) {
    case 'open':
      return `Open this address and sign in as ${NAMES[errand.as]}. If Microsoft asks for consent, press ${errand.press === 'accept' ? 'Accept' : 'Cancel'}.\n\n  ${errand.url}\n\nPress Enter here when the page says that you can close it.`
    case 'read':
      return `Open this address as ${NAMES[errand.as]}. Microsoft should show an error.\n\n  ${errand.url}\n\nType the number after AADSTS, or press Enter if there is none.`
    case 'change':
      return `${errand.back ? 'Undo' : 'Do'} this as an administrator:\n\n${errand.back ? errand.change.undo : errand.change.do}\n\nPress Enter when it is done.`
    case 'tell':
      return `${errand.what}:`
  }
}

/** Returns the person at this terminal. What they type for a secret is not shown. */
export function personAtTerminal(): Person {
  const say = (text: string) => console.log(text)
  return {
    say,
    async ask(errand) {
      const isSecret = errand.do === 'tell' && errand.secret === true
      const terminal = createInterface({ input: process.stdin, output: process.stdout })
      // Otherwise, nothing would ever end the wait.
      const leave = () => process.exit(130)
      terminal.once('close', leave)
      if (isSecret) {
        Object.assign(terminal, { _writeToOutput: () => {} })
        say(instructions(errand))
      }
      try {
        return (await terminal.question(isSecret ? '' : `\n${instructions(errand)} `)).trim()
      } finally {
        terminal.off('close', leave).close()
      }
    },
  }
}
