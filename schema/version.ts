/** The version of this software. `npm version` copies it from package.json, see test/tools/set-version.ts. */
export const VERSION = '0.1.0'
