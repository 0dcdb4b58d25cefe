/** State of a database that its queries do not show and an operator must know. */
export type DatabaseHealth = {
  /** Returns what to do about an error of a query. */
  explain: (error: unknown) => string
  /** Returns what is wrong with a database that responds, or null. */
  findProblem: () => Promise<{ status: 'failed' | 'degraded'; detail: string } | null>
}
