/** Every cause that a diagnosis can name, with a search. Fetched when it is opened. */
import { useState } from 'preact/hooks'
import type { CauseEntry } from '../../../../schema/diagnosis.ts'
import { CauseBody } from '../../components/diagnosis.tsx'
import { Disclosure } from '../../components/disclosure.tsx'
import { TextField } from '../../components/fields.tsx'
import { Loaded } from '../../components/loaded.tsx'
import { count } from '../../ui/words.ts'
import { findCauses } from './search.ts'

export const Catalogue = () => (
  <Disclosure class="card" title="All known causes">
    <Loaded<{ data: CauseEntry[] }> path="/v1/diagnoses/causes">
      {({ data }) => <Causes causes={data} />}
    </Loaded>
  </Disclosure>
)

function Causes({ causes }: { causes: readonly CauseEntry[] }) {
  const [search, setSearch] = useState('')
  const found = findCauses(causes, search)
  return (
    <>
      <div class="fields">
        <TextField
          label="Search the causes"
          help="Words, or an error number such as AADSTS50126."
          type="search"
          value={search}
          onChange={setSearch}
        />
        <p role="status" class="quiet small">
          {count(found.length, 'cause')}
        </p>
      </div>
      <div>
        {found.map((cause) => (
          <Entry key={cause.cause} cause={cause} />
        ))}
      </div>
    </>
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
