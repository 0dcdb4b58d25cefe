/** A meaning that programs express in different words: a row of the tables beside this file. */
import type { Source, Stage } from '../../../../schema/diagnosis.ts'

export type Meaning<Name extends string = string> = {
  /** Label that indicators and tests refer to, such as `mechanism-not-offered`. */
  name: Name
  source: Source
  /** Stage at which these words are written, or null if they do not show it. */
  stage: Stage | null
  /**
   * Set if these words can be written at other stages, too: at all of them, or at these. The surrounding text decides,
   * else `stage`.
   */
  anyStage?: true | readonly Stage[]
  /**
   * True for words that are often only a consequence, such as a connection that is closed after a refusal. They decide
   * if there is nothing else but a summary.
   */
  consequence?: true
  /** True for broad words that decide only if there is nothing else but an earlier summary. */
  fallback?: true
  /** Patterns for clean text: lower case, single spaces, ASCII quotes. One pattern fits many programs. */
  patterns: readonly RegExp[]
}

/** The stage of a meaning, with the other properties of its words. */
type Where = Pick<Meaning, 'stage' | 'anyStage' | 'consequence' | 'fallback'>

/** Returns a function that makes the rows of a source. */
export const meaningsOf =
  (source: Source) =>
  <Name extends string>(
    name: Name,
    where: Stage | null | Where,
    patterns: readonly RegExp[],
  ): Meaning<Name> => ({
    name,
    source,
    ...(where !== null && typeof where === 'object' ? where : { stage: where }),
    patterns,
  })
