/** Meanings: what TLS libraries say, and what is said of STARTTLS. */
import type { Meaning } from './meaning.ts'

export const tlsMeanings: readonly Meaning[] = []
