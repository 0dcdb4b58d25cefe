/** How a notice or badge sounds: its colour. */
export type Tone = 'good' | 'bad' | 'ask' | 'plain'
