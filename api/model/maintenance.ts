/** State of the maintenance, for the readiness check. */

/** A task that did not fail in a run. `more`: it left work for the next one. */
export type FinishedTask = { task: string; more: boolean }

export type TaskRecord = {
  task: string
  /** End of the last run that did not fail. */
  finishedAt: Date
  /** Start of the time in which every run has left work undone; null if the last one left none. */
  behindSince: Date | null
}
