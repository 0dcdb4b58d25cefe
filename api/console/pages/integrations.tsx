/** Third-Party Integrations: the list, with a button to activate each. */
import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import type { Integration } from '../../../schema/integration.ts'
import { get, type Problem } from '../api.ts'
import {
  IntegrationBadge,
  IntegrationProblems,
  IntegrationSwitch,
  SwitchedNotice,
} from '../components/integration.tsx'
import { ProblemAlert } from '../components/notice.tsx'
import { PageHead } from '../components/page-head.tsx'
import { type Column, Table } from '../components/table.tsx'
import type { Page, Visit } from '../router.ts'

export async function integrationsPage(visit: Visit): Promise<Page> {
  const { data } = await get<{ data: Integration[] }>('/v1/integrations', visit.signal)
  return {
    title: 'Third-Party Integrations',
    content: <Integrations initial={data} />,
  }
}

/** Result of the last button that was pressed. */
type Result = { switched?: Integration; problem?: Problem }

function Integrations({ initial }: { initial: readonly Integration[] }) {
  const [integrations, setIntegrations] = useState(initial)
  const [result, setResult] = useState<Result>({})
  const show = (switched: Integration) => {
    setIntegrations((before) => before.map((one) => (one.id === switched.id ? switched : one)))
    setResult({ switched })
  }
  return (
    <>
      <PageHead title="Third-Party Integrations" lead="Ways to connect mailboxes." />
      <div role="status">{result.switched && <SwitchedNotice integration={result.switched} />}</div>
      <ProblemAlert problem={result.problem ?? null} />
      <div>
        {integrations.map(({ id, problems }) => (
          <IntegrationProblems key={id} problems={problems} />
        ))}
        <IntegrationTable
          integrations={integrations}
          actions={(integration) => (
            <IntegrationSwitch
              integration={integration}
              onSwitched={show}
              onProblem={(problem) => setResult({ problem })}
            />
          )}
        />
      </div>
    </>
  )
}

const purposes: Record<string, string> = {
  microsoft: 'Sign in to Microsoft 365 and Outlook.com mailboxes with OAuth.',
}

function IntegrationTable(props: {
  integrations: readonly Integration[]
  actions: (integration: Integration) => ComponentChildren
}) {
  const columns: Column<Integration>[] = [
    {
      name: 'Integration',
      cell: (integration) => (
        <div class="row">
          {props.actions(integration)}
          <div>
            <a href={`#/integrations/${integration.id}`}>{integration.name}</a>
            <div class="quiet small plain">{purposes[integration.id]}</div>
          </div>
        </div>
      ),
    },
    { name: 'Status', cell: ({ status }) => <IntegrationBadge status={status} /> },
    {
      name: 'App registration',
      cell: ({ configured }) => (configured ? 'Entered' : 'Not entered yet'),
    },
    {
      name: 'Actions',
      actions: true,
      cell: ({ id, configured }) => (
        <a class="button" href={`#/integrations/${id}`}>
          {configured ? 'Settings' : 'Set up'}
        </a>
      ),
    },
  ]
  return <Table caption="Integrations" columns={columns} rows={props.integrations} />
}
