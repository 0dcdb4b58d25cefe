/** All steps, in order. Those that end something come last. */
import { adminSteps, endSteps } from './steps/admin.ts'
import { appSteps } from './steps/app.ts'
import { graphSteps } from './steps/graph.ts'
import { mailSteps, settingSteps } from './steps/mail.ts'
import { bothSteps, lastSteps, signInSteps } from './steps/sign-in.ts'
import type { Step } from './steps/step.ts'

export const steps: readonly Step[] = [
  ...appSteps,
  ...signInSteps,
  ...mailSteps,
  ...graphSteps,
  ...bothSteps,
  ...settingSteps,
  ...adminSteps,
  ...lastSteps,
  ...endSteps,
]
