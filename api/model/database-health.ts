/** What an operator must know about a database beyond what its queries return. */
export type DatabaseHealth = {
  /** Returns what to do about an error of a query. */
  explain: (error: unknown) => string
  /** Returns what is wrong with a database that responds, or null. */
  findProblem: () => Promise<{ status: 'failed' | 'degraded'; detail: string } | null>
}
