/** Meanings: replies of mail servers. */
import type { Meaning } from './meaning.ts'

export const mailServerMeanings: readonly Meaning[] = []
