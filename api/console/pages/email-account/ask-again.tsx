/** "Ask again": retries a refused access token immediately, for example after an administrator has fixed it. */
import { useState } from 'preact/hooks'
import type { Grant } from '../../../../schema/grant.ts'
import type { MailAccount } from '../../../../schema/mail-account.ts'
import { post } from '../../api.ts'
import { Button } from '../../components/button.tsx'
import { Notice, ProblemNotice } from '../../components/notice.tsx'
import { Ago } from '../../components/time.tsx'
import { useAction } from '../../components/use-action.ts'
import { go, mayLeave } from '../../router.ts'
import { setFlash } from '../../ui/flash.ts'
import { askAgainWords } from './words.ts'

/** Renders nothing while the access token works. */
export function AskAgain({ account, grant }: { account: MailAccount; grant: Grant | null }) {
  const { health, authentication } = account
  if (health !== 'blocked' && health !== 'cooling_down' && health !== 'reconnect_required') {
    return null
  }
  if (authentication.type === 'oauth' && authentication.flow === 'app_only') {
    return <div class="small">{askAgainWords.appOnly}</div>
  }
  return grant && <AskMicrosoft account={account} grant={grant} about={askAgainWords[health]} />
}

type Answer = { grant: Grant; works: boolean }

function AskMicrosoft(props: { account: MailAccount; grant: Grant; about: string }) {
  const { account, grant, about } = props
  const { busy, problem, run } = useAction()
  const [answer, setAnswer] = useState<Answer | null>(null)

  async function ask(): Promise<void> {
    setAnswer(null)
    const now = await post<Grant>(`/v1/grants/${grant.id}/retry`)
    const works = now.status === 'active' && now.protocols.includes(account.protocol)
    if (works) setFlash('The access token works again')
    if ((works || now.status !== grant.status) && mayLeave()) go(location.hash)
    else setAnswer({ grant: now, works })
  }

  return (
    <div>
      <div class="row after">
        <Button busy={busy} onClick={() => run(ask)}>
          Ask again
        </Button>
        <span class="small">
          {about}
          {grant.retry_at && (
            <>
              {' '}
              Otherwise Mailgrant asks <Ago time={grant.retry_at} />.
            </>
          )}
        </span>
      </div>
      <div role="status" class="result">
        {problem && <ProblemNotice problem={problem} />}
        {answer && <AnswerNotice answer={answer} />}
      </div>
    </div>
  )
}

function AnswerNotice({ answer }: { answer: Answer }) {
  if (answer.works) return <Notice tone="good" title="The access token works again" />
  return (
    <Notice tone="ask" title={askAgainWords.still}>
      {answer.grant.problem && <div>{answer.grant.problem.detail}</div>}
    </Notice>
  )
}
