/** Meanings: what proxies and servers that are not Microsoft's say in Microsoft's place. */
import type { Meaning } from './meaning.ts'

export const otherServerMeanings: readonly Meaning[] = []
