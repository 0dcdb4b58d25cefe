/** The form that stores the next credential. */
import type { CredentialInput } from '../../../../schema/credential.ts'
import { ApiError, problemOf } from '../../api.ts'
import { useSubmission } from '../../components/form.tsx'
import {
  type CredentialDraft,
  credentialErrors,
  credentialInputOf,
  pointersOf,
} from './credential-draft.ts'
import { CredentialFields } from './credential-fields.tsx'
import type { FederatedValues } from './federated.tsx'
import { Pictured, SecretsPicture } from './pictures.tsx'
import { ResultForm } from './result-form.tsx'

export function NextForm(props: {
  draft: CredentialDraft
  federated: FederatedValues
  onEdit: (changes: Partial<CredentialDraft>) => void
  /** Rejects with ApiError. */
  onStore: (input: CredentialInput) => Promise<void>
}) {
  const { draft, federated, onEdit, onStore } = props
  const submission = useSubmission({
    fields: pointersOf(draft, ''),
    check: () => credentialErrors(draft, null, ''),
    send: async () => {
      const input = credentialInputOf(draft, new Date())
      if (input !== undefined) await onStore(input).catch(refuseAtFields)
    },
  })
  return (
    <ResultForm label="Next credential" button="Add next credential" submission={submission}>
      <Pictured picture={draft.kind === 'client_secret' && <SecretsPicture first={1} />}>
        <CredentialFields
          label="Next client secret"
          first={1}
          draft={draft}
          stored={null}
          federated={federated}
          at=""
          submission={submission}
          onChange={onEdit}
        />
      </Pictured>
    </ResultForm>
  )
}

/** Throws the refusal of a secret's ID as an error of its field. */
function refuseAtFields(error: unknown): never {
  const problem = problemOf(error)
  if (problem.code !== 'client_secret_is_an_id') throw error
  throw new ApiError({
    ...problem,
    errors: [{ pointer: '/client_secret', message: problem.detail }],
  })
}
