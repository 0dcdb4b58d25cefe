/** /v1/diagnoses: causes of an error, and the catalogue behind them. */
import { CauseList, DiagnosisInput, DiagnosisResult } from '../../schema/diagnosis.ts'
import { listCauses } from '../diagnosis/diagnose.ts'
import { createDiagnosis } from '../domain/checks/create-diagnosis.ts'
import { ok } from '../model/result.ts'
import { createRouter } from './app-env.ts'
import { operationsOf } from './operation.ts'

/** Fits 64 KiB of error text with every character escaped in JSON, and the evidence. */
export const MAX_DIAGNOSIS_BODY_BYTES = 512 * 1024

export const diagnoses = createRouter()
const operation = operationsOf(diagnoses, 'Diagnoses')

operation('post', '/diagnoses', {
  scope: 'write',
  operationId: 'createDiagnosis',
  summary: 'Diagnose an error',
  description:
    'Explains an error from any mail program or sign-in page, with the likely causes, who must act, and the fix. Send the complete text. Protocol and stage are detected in it unless the request has them. Each fact in `evidence` makes the diagnosis more precise. Nothing is stored. An unknown error is a 200, too. With `second_reader`, a text that the rules cannot read goes to the language model in this deployment, if it has one. If `ask` has questions, call again with the answers in `evidence`, under their `field`.',
  body: DiagnosisInput,
  returns: DiagnosisResult,
  run: ({ services, call, body }) => createDiagnosis(services, call, body),
})

operation('get', '/diagnoses/causes', {
  scope: 'read',
  operationId: 'listCauses',
  summary: 'List all causes that a diagnosis can return',
  description:
    'Returns the whole catalogue on one page: each cause with its explanation, its fixes, who must act, and the Microsoft error numbers that identify it.',
  returns: CauseList,
  run: async ({ services: { settings } }) => {
    const data = listCauses({ causePages: settings.urls.causes })
    return ok({ data, next_cursor: null })
  },
})
