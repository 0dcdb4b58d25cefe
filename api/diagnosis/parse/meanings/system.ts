/** Meanings: what the operating system, the resolver and socket layers say. */
import type { Meaning } from './meaning.ts'

export const systemMeanings: readonly Meaning[] = []
