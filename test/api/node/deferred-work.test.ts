import { expect, it } from 'vitest'
import { createDeferredWork } from '../../../api/node/deferred-work.ts'

it('waits for deferred work, and for what is deferred meanwhile', async () => {
  const { context, idle } = createDeferredWork(() => {})
  const [first, second] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const done: string[] = []
  context.waitUntil(
    first.promise.then(() => {
      done.push('first')
      context.waitUntil(second.promise.then(() => done.push('second')))
    }),
  )
  const ended = idle().then(() => done.push('idle'))
  first.resolve()
  await first.promise
  second.resolve()
  await ended
  expect(done).toEqual(['first', 'second', 'idle'])
})

it('reports work that fails, and waits for the rest', async () => {
  const errors: unknown[] = []
  const { context, idle } = createDeferredWork((error) => void errors.push(error))
  const failure = new Error('no disk')
  context.waitUntil(Promise.reject(failure))
  await idle()
  expect(errors).toEqual([failure])
})
