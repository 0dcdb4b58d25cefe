/** A list with a filter, newest first, which grows page by page. */
import { useRef, useState } from 'preact/hooks'
import { type ListPage, type Problem, problemOf } from '../api.ts'
import { Button } from './button.tsx'
import { useAction } from './use-action.ts'

/** The rows that are shown, their filter, and the cursor of the page after them. */
type Shown<Item, Filter> = { filter: Filter; items: readonly Item[]; cursor: string | null }

export type PagedList<Item, Filter> = ReturnType<typeof usePagedList<Item, Filter>>

/** Returns a list that `load` reads page by page, rejecting with ApiError. Only the latest call counts. */
export function usePagedList<Item, Filter>(options: {
  initial: { filter: Filter; page: ListPage<Item> }
  load: (filter: Filter, cursor: string | null) => Promise<ListPage<Item>>
  signal: AbortSignal
}) {
  const { initial, load, signal } = options
  const [filter, showFilter] = useState(initial.filter)
  const [shown, setShown] = useState<Shown<Item, Filter> | null>({
    filter: initial.filter,
    items: initial.page.data,
    cursor: initial.page.next_cursor,
  })
  const [problem, setProblem] = useState<Problem | null>(null)
  const wanted = useRef({ filter: initial.filter, call: 0 })

  /** Shows a page after `before`. Resolves with null when it failed or is no longer wanted. */
  async function show(
    before: readonly Item[],
    cursor: string | null,
  ): Promise<ListPage<Item> | null> {
    wanted.current.call += 1
    const { filter, call } = wanted.current
    const isWanted = () => call === wanted.current.call && !signal.aborted
    setProblem(null)
    try {
      const page = await load(filter, cursor)
      if (!isWanted()) return null
      setShown({ filter, items: [...before, ...page.data], cursor: page.next_cursor })
      return page
    } catch (error) {
      if (!isWanted()) return null
      setProblem(problemOf(error))
      // Items of another filter than the chosen one would mislead.
      setShown((now) => (now?.filter === filter ? now : null))
      return null
    }
  }
  /** Loads the first page again. */
  const reload = () => show([], null)
  /** Chooses a filter. The rows follow when they have loaded. */
  const setFilter = (next: Filter) => {
    showFilter(next)
    wanted.current.filter = next
    void reload()
  }
  /** Loads the next page. Resolves with true if it was the last one. */
  async function loadMore(): Promise<boolean> {
    // The page after this one belongs to a filter that is about to be replaced.
    if (!shown?.cursor || shown.filter !== wanted.current.filter) return false
    const page = await show(shown.items, shown.cursor)
    return page !== null && page.next_cursor === null
  }
  // Without rows, `problem` says why they could not be loaded.
  return { filter, setFilter, shown, problem, reload, loadMore }
}

/** Loads older rows. `onEnd` moves the focus, since the button disappears with the last page. */
export function OlderButton<Item, Filter>(props: {
  list: PagedList<Item, Filter>
  onEnd: () => void
}) {
  const { list, onEnd } = props
  const { busy, run } = useAction()
  const loadMore = async () => {
    if (await list.loadMore()) onEnd()
  }
  // Until the rows of another filter have loaded, there is no page after them.
  if (!list.shown?.cursor || list.shown.filter !== list.filter) return null
  return (
    <Button busy={busy} onClick={() => run(loadMore)}>
      Older
    </Button>
  )
}
