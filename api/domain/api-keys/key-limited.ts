/** What a key that is limited to mail accounts is told when it asks for more. */
import { refuse } from '../../result.ts'

export const keyLimited = (does: string) =>
  refuse('key_limited', `This API key is limited to mail accounts. It may only ${does}.`)
