/** A meaning that many programs put into words of their own: the rows of the tables beside this file. */
import type { Source, Stage } from '../../../../schema/diagnosis.ts'

export type Meaning<Name extends string = string> = {
  /** Label that indicators and tests refer to, such as `mechanism-not-offered`. */
  name: Name
  source: Source
  /** Stage at which these words are written; null for one that they do not show. */
  stage: Stage | null
  /** Words that can be written at other stages too, at all or these: the text around them shows which, else `stage` holds. */
  anyStage?: true | readonly Stage[]
  /**
   * Words that often only follow from another failure, such as a connection that is closed after a
   * refusal. They decide if nothing but a summary stands beside them.
   */
  consequence?: true
  /** Broad words that decide where nothing stands beside them but a summary before. */
  fallback?: true
  /** Patterns for clean text: lower case, single spaces, ASCII quotes. One pattern fits many programs. */
  patterns: readonly RegExp[]
}

/** The stage of a meaning, and what else is known of its words. */
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
