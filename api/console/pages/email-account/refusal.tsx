/** A refusal of the API on validating or saving, in words and with the way out. */
import type { ComponentChildren } from 'preact'
import type { ApiError } from '../../api.ts'
import { Button } from '../../components/button.tsx'
import { DiagnosisView } from '../../components/diagnosis.tsx'
import { Notice } from '../../components/notice.tsx'
import { type FormState, shareMailbox } from './state.ts'
import type { AccountForm } from './use-account-form.ts'

type Problem = ApiError['problem']

/** The refusal of an action, with the ways out of it that the form offers. */
export function Refusal(props: { form: AccountForm; of: NonNullable<FormState['refusal']>['of'] }) {
  const { form, of } = props
  const { refusal, grant } = form.state
  if (refusal?.of !== of) return null
  const again = (
    <Button busy={form.access.busy} onClick={form.access.start}>
      Get Access Token again
    </Button>
  )
  const share = grant && (
    <Button onClick={() => form.update((now) => shareMailbox(now, grant.signed_in_as))}>
      Use as shared mailbox: signs in as {grant.signed_in_as}
    </Button>
  )
  return <RefusalNotice problem={refusal.problem} share={share} again={again} />
}

type RefusalProps = {
  problem: Problem
  /** Button that makes the mailbox a shared one. */
  share?: ComponentChildren
  /** Button that gets another access token. */
  again?: ComponentChildren
}

export function RefusalNotice({ problem, share, again }: RefusalProps) {
  const { code, detail, diagnosis } = problem
  if (code === 'account_mismatch') {
    return (
      <Notice tone="bad" title="Another account signed in">
        <div>Say that this account signs in for the mailbox, or get another access token.</div>
        <div class="row after">
          {share}
          {again}
        </div>
      </Notice>
    )
  }
  const needsToken = code !== undefined && TOKEN_CODES.includes(code)
  return (
    <>
      <Notice tone="bad" title={(code && titles[code]) ?? problem.title}>
        <div>{detail}</div>
        {needsToken && again && <div class="row after">{again}</div>}
        {code && <PageLink code={code} />}
      </Notice>
      {diagnosis && <DiagnosisView diagnosis={diagnosis} />}
    </>
  )
}

type Code = NonNullable<Problem['code']>

const titles: Partial<Record<Code, string>> = {
  protocol_not_granted: 'The access token does not cover this',
  grant_not_usable: 'The access token cannot be used',
  insufficient_scope: 'Your API key may not do this',
}

const TOKEN_CODES: readonly Code[] = [
  'protocol_not_granted',
  'grant_not_usable',
  'reconnect_required',
]

const settings = { href: '#/integrations/microsoft', text: 'Open the Microsoft settings' }

const links: Partial<Record<Code, { href: string; text: string }>> = {
  integration_inactive: { href: '#/integrations', text: 'Activate the integration' },
  integration_not_configured: settings,
  credential_rejected: settings,
}

/** Opens in a tab of its own: the form stays as it is, and the button can be pressed again. */
function PageLink({ code }: { code: Code }) {
  const link = links[code]
  return link ? (
    <div>
      <a href={link.href} target="_blank" rel="noopener">
        {link.text}
      </a>{' '}
      (opens a new tab), then try again.
    </div>
  ) : null
}
