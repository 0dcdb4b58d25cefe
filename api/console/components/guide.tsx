/** Steps of the setup guide: what to do, where, and the values to enter. */
import { type Step, valuesOf } from '../ui/guide.ts'
import { Download, NewTab } from './button.tsx'
import { Copyable } from './copyable.tsx'
import { Tabs } from './tabs.tsx'

export const GuideSteps = ({ steps }: { steps: readonly Step[] }) => (
  <ol class="guide">
    {steps.map((step, index) => (
      <GuideStep key={step.title} step={step} isOpen={index === 0} />
    ))}
  </ol>
)

const GuideStep = ({ step, isOpen }: { step: Step; isOpen: boolean }) => (
  <li>
    <details open={isOpen}>
      <summary>{step.title}</summary>
      <StepBody step={step} />
      {step.alternatives && (
        <Tabs
          label={step.title}
          tabs={step.alternatives.map((way) => ({
            title: way.title,
            content: <StepBody step={way} />,
          }))}
        />
      )}
      {step.url !== null && (
        <p>
          <NewTab href={step.url} text="Open this page at Microsoft" />
        </p>
      )}
    </details>
  </li>
)

const StepBody = ({ step }: { step: Step }) => (
  <>
    <p>{step.text}</p>
    <dl class="facts">
      {valuesOf(step).map(({ name, value, isCopyable }) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{isCopyable ? <Copyable text={value} name={name} /> : value}</dd>
        </div>
      ))}
    </dl>
  </>
)

/** A script that replaces the steps. `name`: for screen readers. */
export const GuideScript = (props: {
  about: string
  name: string
  script: string
  file: string
}) => (
  <>
    <p class="quiet">{props.about}</p>
    <Copyable text={props.script} name={props.name} lines>
      <Download text={props.script} file={props.file} label="Download" />
    </Copyable>
  </>
)
