/** A page of the documentation, with its data for the navigation and the search. */
import type { Child } from 'hono/jsx'
import type { SearchEntry } from './browser/search.ts'
import type { Language } from './samples.ts'

export type Page = {
  /** URL path, which begins with `/docs`. */
  path: string
  title: string
  /** Name in the navigation, where it differs from the title. */
  name?: string
  /** Title for browsers and search engines, where it differs. */
  longTitle?: string
  description?: string
  body: Child
  /** Sections that the navigation lists below the current page. */
  anchors?: readonly Anchor[]
  /** The navigation lists a page with a group only on the pages of the same group. */
  group?: string
  /** Languages of its samples, among which the reader chooses. */
  languages?: readonly Language[]
  /** True if the page needs the width for two columns. */
  wide?: boolean
  /** Results that lead to this page. */
  entries: readonly SearchEntry[]
}

export type Anchor = { id: string; name: string }

/** A section of the navigation; its first page introduces it. */
export type Section = { name: string; pages: readonly Page[] }
