/** Meanings: what programs say of themselves before they have sent a byte to the server that they name: settings, missing parts, mechanisms. */
import type { Meaning } from './meaning.ts'

export const programMeanings: readonly Meaning[] = []
