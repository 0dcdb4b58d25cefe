/** Meanings: summaries of programs that name no cause. */
import type { Meaning } from './meaning.ts'

export const summaryMeanings: readonly Meaning[] = []
