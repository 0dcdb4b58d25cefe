/** Errors of the fields of a form. Pure. */

/** Messages for the fields, by the JSON pointer that the API uses for it. */
export type Errors = Readonly<Record<string, string>>

/** Returns a message as a sentence. The API names the field before it: `must be a GUID`. */
export const sentence = (message: string) => message.charAt(0).toUpperCase() + message.slice(1)
