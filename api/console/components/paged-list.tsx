/** A list with a filter, newest first, which grows page by page. */
import { useRef, useState } from 'preact/hooks'
import { type ListPage, type Problem, problemOf } from '../api.ts'
import { Button } from './button.tsx'

/** The rows that are shown, their filter, and the cursor of the page after them. */
type Shown<Item, Filter> = { filter: Filter; items: readonly Item[]; cursor: string | null }

export type PagedList<Item, Filter> = {
  /** The chosen one; what is shown follows when it has arrived. */
  filter: Filter
  choose: (filter: Filter) => void
  /** Null: it could not be loaded, and `problem` says why. */
  shown: Shown<Item, Filter> | null
  problem: Problem | null
  /** Shows the first page as it is now. */
  reload: () => Promise<void>
  isGrowing: boolean
  /** Resolves with true when that was the last page. */
  grow: () => Promise<boolean>
}

/** `load` rejects with ApiError. Of several calls that are on their way only the last one counts. */
export function usePagedList<Item, Filter>(options: {
  first: { filter: Filter; page: ListPage<Item> }
  load: (filter: Filter, cursor: string | null) => Promise<ListPage<Item>>
  signal: AbortSignal
}): PagedList<Item, Filter> {
  const { first, load, signal } = options
  const [filter, setFilter] = useState(first.filter)
  const [shown, setShown] = useState<Shown<Item, Filter> | null>({
    filter: first.filter,
    items: first.page.data,
    cursor: first.page.next_cursor,
  })
  const [problem, setProblem] = useState<Problem | null>(null)
  const [isGrowing, setGrowing] = useState(false)
  const wanted = useRef({ filter: first.filter, call: 0 })

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
      setShown((still) => (still?.filter === filter ? still : null))
      return null
    }
  }
  const reload = async () => {
    await show([], null)
  }
  const choose = (chosen: Filter) => {
    setFilter(chosen)
    wanted.current.filter = chosen
    void reload()
  }
  async function grow(): Promise<boolean> {
    // The page after this one belongs to a filter that is about to be replaced.
    if (!shown?.cursor || shown.filter !== wanted.current.filter) return false
    setGrowing(true)
    try {
      const page = await show(shown.items, shown.cursor)
      return page !== null && page.next_cursor === null
    } finally {
      setGrowing(false)
    }
  }
  return { filter, choose, shown, problem, reload, isGrowing, grow }
}

/** `onEnd` is for the focus: the button that was pressed is gone with the last page. */
export function OlderButton<Item, Filter>(props: {
  list: PagedList<Item, Filter>
  onEnd: () => void
}) {
  const { list, onEnd } = props
  if (!list.shown?.cursor) return null
  return (
    <Button
      busy={list.isGrowing}
      onClick={async () => {
        if (await list.grow()) onEnd()
      }}
    >
      Older
    </Button>
  )
}
