/** A check that Microsoft accepts client ID and credential, without a sign-in. */
import { useState } from 'preact/hooks'
import type { VerifyResult } from '../../../../schema/integration.ts'
import type { Outcome } from '../../../../schema/probe.ts'
import { post } from '../../api.ts'
import { DiagnosisView } from '../../components/diagnosis.tsx'
import { Notice, ProblemAlert } from '../../components/notice.tsx'
import { useAction } from '../../components/use-action.ts'
import { SETTINGS } from './settings-form.tsx'

const verdicts = {
  passed: ['good', 'The client ID and credential work'],
  failed: ['bad', 'The client ID and credential do not work'],
  inconclusive: ['ask', 'Not verified yet'],
} as const satisfies Record<Outcome, unknown>

function Verdict({ result: { outcome, detail, diagnosis } }: { result: VerifyResult }) {
  const [tone, title] = verdicts[outcome]
  return (
    <>
      <Notice tone={tone} title={title} text={detail} />
      {diagnosis && <DiagnosisView diagnosis={diagnosis} />}
    </>
  )
}

export type Check = ReturnType<typeof useCheck>

/** Returns the state of a check of a stored credential. `onChecked` is called after each. */
export function useCheck(onChecked: () => void, credential: 'current' | 'next' = 'current') {
  const { busy, problem, setProblem, run } = useAction()
  const [result, setResult] = useState<VerifyResult | null>(null)
  return {
    busy,
    result,
    problem,
    /** Runs the check, after `first` if given. `first` rejects with ApiError. */
    run: (first?: () => Promise<void>) =>
      run(async () => {
        setResult(null)
        await first?.()
        setResult(await post<VerifyResult>(`${SETTINGS}/verify`, { credential }))
        onChecked()
      }),
    /** Clears the response, which is about other settings. */
    clear() {
      setResult(null)
      setProblem(null)
    },
  }
}

/** The result of a check, announced when it arrives. */
export const CheckResult = ({ check: { busy, result, problem } }: { check: Check }) => (
  <>
    <ProblemAlert class="result" problem={problem} />
    <div role="status" class="result">
      {busy && <p>Verifying the client ID and credential with Microsoft ...</p>}
      {result && <Verdict result={result} />}
    </div>
  </>
)
