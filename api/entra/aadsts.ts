/**
 * What Microsoft's error numbers mean for a grant, as data: a file for each who can mend it. Numbers
 * and meanings: Microsoft's "authentication and authorization error codes" page, and field reports for
 * those it lacks. Who must act, and what follows for a grant, is this project's own judgement.
 * Microsoft may change numbers, so everything here has a fallback on `error` in errors.ts.
 */

import { appCodes } from './aadsts/app.ts'
import type { CodeMeaning } from './aadsts/meaning.ts'
import { organisationCodes } from './aadsts/organisation.ts'
import { personCodes } from './aadsts/person.ts'
import { requestCodes } from './aadsts/request.ts'

export type { CodeMeaning, GrantEffect, Subject } from './aadsts/meaning.ts'

const groups = [...personCodes, ...organisationCodes, ...appCodes, ...requestCodes]

/** Every number that is understood, with the group's advice. */
export const aadstsCodes: ReadonlyMap<number, CodeMeaning> = new Map(
  groups.flatMap(({ causes, ...group }) =>
    Object.entries(causes).map(([code, cause]) => [Number(code), { ...group, cause }] as const),
  ),
)
