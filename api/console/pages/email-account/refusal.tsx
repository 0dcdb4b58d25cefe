/** A refusal of a validation or save, with what to do. */
import type { Problem } from '../../api.ts'
import { Button, NewTab } from '../../components/button.tsx'
import { DiagnosisView } from '../../components/diagnosis.tsx'
import { Notice } from '../../components/notice.tsx'
import type { AccountForm } from './use-account-form.ts'

/** `access`: offers another access token. */
export function RefusalNotice(props: { problem: Problem; access?: AccountForm['access'] }) {
  const { problem, access } = props
  const { code, detail, diagnosis } = problem
  // In a new tab, so that the form stays as it is.
  const link = code && pageLinks[code]
  const needsToken = code !== undefined && TOKEN_CODES.includes(code)
  return (
    <>
      <Notice tone="bad" title={(code && titles[code]) ?? problem.title} text={detail}>
        {needsToken && access && (
          <div class="row after">
            <Button busy={access.busy} onClick={access.start}>
              Get Access Token again
            </Button>
          </div>
        )}
        {link && (
          <div>
            <NewTab {...link} /> (opens a new tab), then try again.
          </div>
        )}
      </Notice>
      {diagnosis && <DiagnosisView diagnosis={diagnosis} />}
    </>
  )
}

type Code = NonNullable<Problem['code']>

const titles: Partial<Record<Code, string>> = {
  account_mismatch: 'Another account signed in',
  protocol_not_granted: 'The sign-in does not cover this',
  grant_not_usable: 'The sign-in cannot be used',
  insufficient_scope: "Your API key doesn't have permission to do this",
}

const TOKEN_CODES: readonly Code[] = [
  'account_mismatch',
  'protocol_not_granted',
  'grant_not_usable',
  'reconnect_required',
]

const settings = { href: '#/integrations/microsoft', text: 'Open the Microsoft settings' }

/** The page of the console where a problem is solved, by its code. */
export const pageLinks: Partial<Record<string, { href: string; text: string }>> = {
  integration_inactive: { href: '#/integrations/microsoft', text: 'Activate the integration' },
  integration_not_configured: settings,
  credential_rejected: settings,
}
