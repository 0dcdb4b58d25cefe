import { afterEach, expect, it, vi } from 'vitest'
import { deliverWebhooks } from '../../../../api/domain/webhooks/deliver.ts'
import { createWorld } from '../../harness.ts'

afterEach(() => {
  vi.restoreAllMocks()
})

it('a receiver that never answers is let go of after 15 s, and the log of deliveries says so', async () => {
  /** Answers nobody; the request ends with its signal, and without one it would not end at all. */
  const silent: typeof fetch = (_input, init) =>
    Promise.reject(init?.signal?.aborted ? init.signal.reason : new Error('it hangs'))
  const world = await createWorld({ externalFetch: silent })
  const created = await world.call('POST', '/v1/webhooks', { url: 'https://slow.example.com/hook' })
  const { id } = await created.json<{ id: string }>()
  const timeout = vi
    .spyOn(AbortSignal, 'timeout')
    .mockImplementation(() => AbortSignal.abort(new DOMException('', 'TimeoutError')))
  await world.call('POST', `/v1/webhooks/${id}/test`)
  await deliverWebhooks(world.services)
  expect(timeout).toHaveBeenCalledWith(15_000)
  const deliveries = await world.call('GET', `/v1/webhooks/${id}/deliveries`)
  expect(await deliveries.json()).toMatchObject({
    data: [{ status: 'pending', last_status: null, last_error: 'It did not answer within 15 s.' }],
  })
})
