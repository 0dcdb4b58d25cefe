/** The typed handle on D1, and how its failures are told from bugs. */

import { type DrizzleD1Database, drizzle } from 'drizzle-orm/d1'
import { DrizzleQueryError } from 'drizzle-orm/errors'

export type Database = DrizzleD1Database

export const openDatabase = (d1: D1Database): Database => drizzle(d1)

/** Whether D1 itself failed (unreachable, overloaded, reset), whatever the query was. */
export function isStorageError(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof DrizzleQueryError || cause.message.startsWith('D1_')) return true
  }
  return false
}

export const time = (ms: number | null): Date | null => (ms === null ? null : new Date(ms))

export const words = (text: string): string[] => text.split(' ').filter(Boolean)
