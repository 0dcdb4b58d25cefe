/** The form that stores the next credential. */
import type { CredentialInput } from '../../../../schema/credential.ts'
import { ApiError } from '../../api.ts'
import { useSubmission } from '../../components/form.tsx'
import { type CredentialDraft, credentialInputOf, pointersOf } from './credential-draft.ts'
import { CredentialFields } from './credential-fields.tsx'
import { ResultForm } from './result-form.tsx'

export function NextForm(props: {
  draft: CredentialDraft
  onEdit: (changes: Partial<CredentialDraft>) => void
  /** Rejects with ApiError. */
  onStore: (input: CredentialInput) => Promise<void>
}) {
  const { draft, onEdit, onStore } = props
  const input = credentialInputOf(draft)
  const submission = useSubmission({
    fields: pointersOf(draft, ''),
    check: () => (input === undefined ? { '': 'Enter it first.' } : {}),
    send: async () => {
      if (input !== undefined) await onStore(input).catch(refuseAtFields)
    },
  })
  return (
    <ResultForm label="Next credential" button="Store as the next one" submission={submission}>
      <p class="quiet">Nothing uses it yet. Make a new one at Entra, or a certificate here.</p>
      <CredentialFields
        labels={{
          kind: 'The next one is a',
          secret: 'Next client secret',
          end: 'End date of the next secret',
        }}
        draft={draft}
        stored={null}
        at=""
        submission={submission}
        onChange={onEdit}
      />
    </ResultForm>
  )
}

/** Throws the refusal of a secret's ID as an error of its field. */
function refuseAtFields(error: unknown): never {
  if (!(error instanceof ApiError) || error.problem.code !== 'client_secret_is_an_id') throw error
  const { problem } = error
  throw new ApiError({
    ...problem,
    errors: [{ pointer: '/client_secret', message: problem.detail }],
  })
}
