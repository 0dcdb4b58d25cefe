/**
 * An expected reason not to start or to run a command. Its message is a sentence for the operator, and nothing else is
 * printed.
 */
export class StartFailure extends Error {}

/** A reason that may pass without the operator, such as a network that is not up yet. */
export class PassingFailure extends StartFailure {}
