/** The API reference, from the same document that the tests hold the API to. */
export {}
