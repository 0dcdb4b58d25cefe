/** Result of a test message in plain words. Pure. */
import type { TestMessage } from '../../../../schema/test-message.ts'
import type { Tone } from '../../ui/tone.ts'

type Result = Pick<TestMessage, 'outcome' | 'sent' | 'to' | 'steps'>

export function resultWords(result: Result): { tone: Tone; title: string; text: string } {
  const { sent, outcome, to } = result
  if (sent) {
    const text = 'If the message does not arrive, look in the junk folder.'
    return { tone: 'good', title: `The server accepted the message for ${to}`, text }
  }
  const text = reasonIn(result)
  if (sent === null) return { tone: 'ask', title: 'The message may have been sent', text }
  return outcome === 'failed'
    ? { tone: 'bad', title: 'The message was not sent', text }
    : { tone: 'ask', title: 'The message could not be sent now', text }
}

/** Returns the sentence of the step that ended it, or of the login that was not tried. */
function reasonIn({ steps }: Result): string {
  const ended =
    steps.find(({ outcome }) => outcome === 'failed' || outcome === 'inconclusive') ??
    steps.find(({ detail }) => detail !== null)
  return ended?.detail ?? ''
}
