/** /v1/diagnoses: causes of an error, and the catalogue behind them. */
import { createRoute } from '@hono/zod-openapi'
import { CauseList, DiagnosisInput, DiagnosisResult } from '../../schema/diagnosis.ts'
import { listCauses } from '../diagnosis/diagnose.ts'
import { createDiagnosis } from '../domain/checks/create-diagnosis.ts'
import { callOf, createRouter } from './app-env.ts'
import { requireScope } from './guard.ts'
import { jsonBody, jsonResponse } from './json.ts'
import { unwrap } from './to-problem.ts'

const tags = ['Diagnoses']

/** Fits 64 KiB of error text with every character escaped in JSON, and the evidence. */
export const MAX_DIAGNOSIS_BODY_BYTES = 512 * 1024

const create = createRoute({
  method: 'post',
  path: '/diagnoses',
  ...requireScope('write'),
  operationId: 'createDiagnosis',
  tags,
  summary: 'Diagnose an error',
  description:
    'Explains an error from any mail program or sign-in page: the likely causes, who must act, and the fix. Send the complete text. Protocol and stage are detected in it unless the request states them. Each fact in `evidence` makes the diagnosis more precise, and unrecognised evidence is ignored. Nothing is stored. With `second_reader`, a text that the rules cannot read goes to the language model of this deployment, if it has one. If `ask` is not empty, find out what it asks and call again; `field` is the property of `evidence` for it.',
  request: jsonBody(DiagnosisInput),
  responses: {
    200: jsonResponse(
      'The causes, most likely first. An unrecognised error also returns 200.',
      DiagnosisResult,
    ),
  },
})

const causes = createRoute({
  method: 'get',
  path: '/diagnoses/causes',
  ...requireScope('read'),
  operationId: 'listCauses',
  tags,
  summary: 'List all causes that a diagnosis can return',
  description:
    'Returns the whole catalogue on one page: each cause with its explanation, its fixes, who must act, and the Microsoft error numbers that identify it.',
  responses: { 200: jsonResponse('The whole catalogue.', CauseList) },
})

export const diagnoses = createRouter()
  .openapi(create, async (c) =>
    c.json(unwrap(await createDiagnosis(c.get('services'), callOf(c), c.req.valid('json'))), 200),
  )
  .openapi(causes, (c) => {
    const { causes: causePages } = c.get('services').settings.urls
    return c.json({ data: listCauses({ causePages }), next_cursor: null }, 200)
  })
