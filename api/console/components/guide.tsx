/** Steps of the setup guide: what to do, where, and the values to enter. */
import { type Step, valuesOf } from '../ui/guide.ts'
import { Copyable } from './copyable.tsx'
import { NewTab } from './new-tab.tsx'

export const GuideSteps = ({ steps }: { steps: readonly Step[] }) => (
  <ol class="guide">
    {steps.map((step) => (
      <GuideStep key={step.title} step={step} />
    ))}
  </ol>
)

const GuideStep = ({ step }: { step: Step }) => (
  <li>
    <h3>{step.title}</h3>
    <p>{step.text}</p>
    <dl class="facts">
      {valuesOf(step).map(({ name, value, isCopyable }) => (
        <div key={`${name} ${value}`}>
          <dt>{name}</dt>
          <dd>{isCopyable ? <Copyable text={value} name={name} /> : value}</dd>
        </div>
      ))}
    </dl>
    {step.url !== null && (
      <p>
        <NewTab href={step.url} text="Open this page at Microsoft" />
      </p>
    )}
  </li>
)

/** A script that replaces the steps. */
export const GuideScript = (props: {
  title: string
  about: string
  /** Name of the text, for screen readers. */
  name: string
  script: string
}) => (
  <details>
    <summary>{props.title}</summary>
    <p class="quiet">{props.about}</p>
    <Copyable text={props.script} name={props.name} lines />
  </details>
)
