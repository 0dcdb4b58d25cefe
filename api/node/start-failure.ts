/**
 * An expected reason not to start, or not to run a command: its message is a sentence for the operator, which is
 * all that is printed.
 */
export class StartFailure extends Error {}

/** A reason that may pass without the operator, such as a network that is not up yet. */
export class PassingFailure extends StartFailure {}
