/** Every cause that a diagnosis can name, to be searched. Fetched when it is opened first. */
import { useState } from 'preact/hooks'
import type { CauseEntry } from '../../../../schema/diagnosis.ts'
import { ApiError, get } from '../../api.ts'
import { CauseBody } from '../../components/diagnosis.tsx'
import { TextField } from '../../components/fields.tsx'
import { ProblemNotice } from '../../components/notice.tsx'
import { findCauses } from './search.ts'

type Fetched = readonly CauseEntry[] | 'loading' | ApiError | null

export function Catalogue() {
  const [fetched, setFetched] = useState<Fetched>(null)
  const [search, setSearch] = useState('')
  async function load(): Promise<void> {
    setFetched('loading')
    try {
      setFetched((await get<{ data: CauseEntry[] }>('/v1/diagnoses/causes')).data)
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      setFetched(error)
    }
  }
  const isWanted = fetched === null || fetched instanceof ApiError
  const found = Array.isArray(fetched) ? findCauses(fetched, search) : []
  return (
    <details
      class="card"
      onToggle={({ currentTarget }) => {
        if (currentTarget.open && isWanted) void load()
      }}
    >
      <summary>All known causes</summary>
      <div class="fields">
        <TextField
          label="Search the causes"
          help="Words, or an error number such as AADSTS50126."
          type="search"
          value={search}
          onChange={setSearch}
        />
        <p role="status" class="quiet small">
          {fetched === 'loading' && 'Loading…'}
          {Array.isArray(fetched) && (found.length === 1 ? '1 cause' : `${found.length} causes`)}
        </p>
      </div>
      <div>
        {fetched instanceof ApiError && <ProblemNotice problem={fetched.problem} />}
        {found.map((cause) => (
          <Entry key={cause.cause} cause={cause} />
        ))}
      </div>
    </details>
  )
}

const Entry = ({ cause }: { cause: CauseEntry }) => (
  <details class="entry">
    <summary>{cause.title}</summary>
    <CauseBody cause={cause} />
    {cause.aadsts.length > 0 && (
      <p class="small quiet">
        Error numbers: {cause.aadsts.map((number) => `AADSTS${number}`).join(', ')}
      </p>
    )}
  </details>
)
