/** GET /v1/events: the audit trail. */
import { createRoute } from '@hono/zod-openapi'
import { EventList, EventQuery } from '../../schema/event.ts'
import { listEvents } from '../domain/events.ts'
import { problems } from '../problem.ts'
import { createRouter } from './app-env.ts'
import { guardProblems, requireScope } from './guard.ts'
import { jsonResponse } from './json.ts'

const list = createRoute({
  method: 'get',
  path: '/events',
  ...requireScope('admin'),
  operationId: 'listEvents',
  tags: ['Events'],
  summary: 'List audit events, newest first',
  description:
    'Returns who did what, including automatic actions of Mailgrant. Events never contain secrets. Filter by `type` or by `subject`, the id of the resource that an event is about.',
  request: { query: EventQuery },
  responses: {
    200: jsonResponse('A page of events.', EventList),
    ...guardProblems,
    ...problems('validation_failed'),
  },
})

export const events = createRouter().openapi(list, async (c) =>
  c.json(await listEvents(c.get('services'), c.req.valid('query')), 200),
)
