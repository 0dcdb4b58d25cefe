/** The values of a federated credential, to be entered at Entra. */
import type { IntegrationSettings } from '../../../../schema/integration.ts'
import { Copyable } from '../../components/copyable.tsx'

export type FederatedValues = IntegrationSettings['federated']

/** Shows the values under the labels of Entra. */
export const FederatedView = ({ values }: { values: Omit<FederatedValues, 'available'> }) => (
  <div class="stack">
    <p>
      In the Entra admin center, at the app registration: Certificates &amp; secrets &gt; Federated
      credentials &gt; Add credential &gt; Other issuer. Enter these values exactly. Entra may take
      a few minutes to accept them.
    </p>
    {fields.map(([name, label]) => (
      <div key={name}>
        <span class="quiet">{label}</span>
        <Copyable text={values[name]} name={label} />
      </div>
    ))}
  </div>
)

const fields = [
  ['issuer', 'Issuer'],
  ['subject', 'Value (subject identifier)'],
  ['audience', 'Audience'],
] as const
