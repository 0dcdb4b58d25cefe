/** State of a database that its queries do not show and an operator must know. */
export type DatabaseHealth = {
  /** Returns what to do about an error of a query. */
  explain: (error: unknown) => string
  /** Returns what is wrong with a database that responds, or null. */
  findProblem: () => Promise<{ status: 'failed' | 'degraded'; detail: string } | null>
  measure: () => Promise<DatabaseSize>
}

export type DatabaseSize = {
  bytes: number
  /** Free space on its disk, or below the limit of its host. */
  freeBytes: number
}
