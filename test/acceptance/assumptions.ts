/**
 * Statements about Microsoft on which a verdict, a state or a request relies, with how far each can be trusted.
 * `assumptions-page.ts` makes a guide of them.
 */
import type { Assumption, Assumptions } from './assumptions/assumption.ts'
import { graph } from './assumptions/graph.ts'
import { mail } from './assumptions/mail.ts'
import { signIn } from './assumptions/sign-in.ts'
import { tokens } from './assumptions/tokens.ts'

export type { Assumption } from './assumptions/assumption.ts'

/** The statements by area, in the order of the guide. */
export const areas = {
  'Signing in and consent': signIn,
  'Tokens and refusals': tokens,
  'IMAP, SMTP and Exchange': mail,
  'Microsoft Graph': graph,
} as const satisfies Record<string, Assumptions>

const merged = { ...signIn, ...tokens, ...mail, ...graph }

export type AssumptionId = keyof typeof merged

/** Statements that the kit checks without help. */
export type AutomaticId = {
  [Id in AssumptionId]: (typeof merged)[Id]['check'] extends 'automatic' ? Id : never
}[AssumptionId]

export const assumptions: Readonly<Record<AssumptionId, Assumption>> = merged

export const all = Object.entries(assumptions) as [AssumptionId, Assumption][]
