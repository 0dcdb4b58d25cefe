/** The tone of a notice or badge, which decides its colour. */
export type Tone = 'good' | 'bad' | 'ask' | 'plain'
