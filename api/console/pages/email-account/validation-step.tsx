/** Third step: "Validate Authentication", and its result. */
import type { Protocol } from '../../../../schema/mail-servers.ts'
import { Button } from '../../components/button.tsx'
import { Progress } from '../../components/progress.tsx'
import { Ago, Day } from '../../components/time.tsx'
import { ValidationView } from '../../components/validation.tsx'
import { describeUses, protocolLabels } from '../../ui/mail-account.ts'
import { joined } from '../../ui/phrase.ts'
import { GraphOffer } from './graph.tsx'
import { pastLabel } from './labels.ts'
import { RefusalNotice } from './refusal.tsx'
import { currentLogin, isPassed, verdictOf } from './state.ts'
import { FormStep } from './step.tsx'
import type { AccountForm } from './use-account-form.ts'
import { MAX_SECONDS } from './use-validation.ts'

type Props = { form: AccountForm }

export function WorksStep({ form }: Props) {
  const { values, validation } = form
  const { hosts, status, run } = validation
  const { protocols, checks } = values
  const isRunning = hosts.length > 0
  const verdict = verdictOf(values)
  const failedFirst = protocols.toSorted(
    (a, b) => Number(isPassed(values, a)) - Number(isPassed(values, b)),
  )
  const isUntouched =
    !isRunning && protocols.length > 0 && protocols.every((one) => checks[one] === undefined)
  const isOpen =
    isRunning || verdict === 'untried' || protocols.some((one) => hasStoppedWorking(form, one))
  const validate = (
    <Button busy={isRunning} onClick={() => void run()}>
      Validate Authentication
    </Button>
  )
  return (
    <FormStep
      name="works"
      title="Does it work?"
      sign={isOpen ? undefined : verdict === 'passed' ? 'good' : 'bad'}
      button={validate}
    >
      {isUntouched && (
        <p class="quiet">
          Checks access for {describeUses(protocols)}. No mail is changed or sent.
        </p>
      )}
      <div role="status" class="unseen">
        {status}
      </div>
      {isRunning && <Progress title={`Logging in to ${joined(hosts)}`} maxSeconds={MAX_SECONDS} />}
      {/* Logins that are running will replace the results. */}
      <div class="results" tabIndex={-1} data-focus="results">
        {!isRunning &&
          failedFirst.map((protocol) => (
            <ProtocolResult key={protocol} form={form} of={protocol} />
          ))}
      </div>
    </FormStep>
  )
}

/** Returns true if the last validation passed, but the account has stopped working since. */
const hasStoppedWorking = (form: AccountForm, protocol: Protocol) =>
  isPassed(form.values, protocol) &&
  form.isLoginSaved &&
  factsOf(form, protocol)?.account.health !== 'ok'

const factsOf = ({ validation }: AccountForm, protocol: Protocol) =>
  validation.facts.find(({ account }) => account.protocol === protocol)

function ProtocolResult({ form, of: protocol }: Props & { of: Protocol }) {
  const { access, values } = form
  const check = values.checks[protocol]
  if (check === undefined) return null
  const isOutdated = check.login !== currentLogin(values, protocol)
  if ('problem' in check) {
    return isOutdated ? null : (
      <div role="alert">
        <RefusalNotice problem={check.problem} access={access} />
      </div>
    )
  }
  const { validation } = check
  if (isOutdated) {
    return (
      <p role="status">
        {pastLabel(validation)} with earlier values <Ago time={validation.checked_at} />. Validate
        it again.
      </p>
    )
  }
  if (hasStoppedWorking(form, protocol)) {
    return (
      <p>
        Last worked on <Day time={validation.checked_at} />.
      </p>
    )
  }
  const name = values.protocols.length > 1 ? protocolLabels[protocol] : undefined
  return (
    <ValidationView validation={validation} mailbox={values.mailbox} name={name}>
      <GraphOffer form={form} validation={validation} />
    </ValidationView>
  )
}
