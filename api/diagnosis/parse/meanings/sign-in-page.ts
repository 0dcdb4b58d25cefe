/** Meanings: sentences of Microsoft's sign-in pages. */
import type { Meaning } from './meaning.ts'

export const signInPageMeanings: readonly Meaning[] = []
