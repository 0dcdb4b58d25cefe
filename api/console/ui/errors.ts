/** Messages for the fields of a form, by the JSON pointer that the API uses for each. */
export type Errors = Readonly<Record<string, string>>
