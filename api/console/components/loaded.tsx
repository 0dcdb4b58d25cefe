/** Parts of a page that load their data later. */
import type { ComponentChildren } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { get, type Problem, problemOf } from '../api.ts'
import { ProblemNotice } from './notice.tsx'

/** Loads its own data, so that the page need not wait for it. */
export function Loaded<Body>(props: { path: string; children: (body: Body) => ComponentChildren }) {
  const { path, children } = props
  const [body, setBody] = useState<Body | null>(null)
  const [problem, setProblem] = useState<Problem | null>(null)
  useEffect(() => {
    const loading = new AbortController()
    get<Body>(path, loading.signal).then(setBody, (error: unknown) => {
      if (!loading.signal.aborted) setProblem(problemOf(error))
    })
    return () => loading.abort()
  }, [path])
  if (problem) return <ProblemNotice problem={problem} />
  if (body !== null) return children(body)
  return (
    <div class="loading">
      <span class="unseen">Loading…</span>
    </div>
  )
}

/** A collapsed part, which is rendered, and loads its data, when it is opened. */
export function Disclosure(props: { title: ComponentChildren; children: ComponentChildren }) {
  const [isOpen, setOpen] = useState(false)
  return (
    <details onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>{props.title}</summary>
      {isOpen && props.children}
    </details>
  )
}
