/** Meanings: what the web server or framework of the redirect URI says. */
import type { Meaning } from './meaning.ts'

export const callbackMeanings: readonly Meaning[] = []
