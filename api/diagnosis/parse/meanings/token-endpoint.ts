/** Meanings: answers of Entra's token endpoint, and how libraries quote them. */
import type { Meaning } from './meaning.ts'

export const tokenEndpointMeanings: readonly Meaning[] = []
