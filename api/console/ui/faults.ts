/** Errors of the fields of a form. Pure. */

/** Messages for the fields, by the JSON pointer that the API uses for it. */
export type Errors = Readonly<Record<string, string>>
