import { afterEach, expect, it, vi } from 'vitest'
import { deliverWebhooks } from '../../../../api/domain/webhooks/deliver.ts'
import { createWorld } from '../../harness.ts'

afterEach(() => {
  vi.restoreAllMocks()
})

it('gives up on a receiver after 15 seconds without a response, and records the reason', async () => {
  /** Never responds: the request ends only through its signal. */
  const silent: typeof fetch = (_input, init) =>
    Promise.reject(init?.signal?.aborted ? init.signal.reason : new Error('the request hangs'))
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
    data: [
      {
        status: 'pending',
        last_status: null,
        last_error: 'The receiver did not respond within 15 seconds.',
      },
    ],
  })
})
