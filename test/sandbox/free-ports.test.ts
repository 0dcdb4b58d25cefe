import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import { freePorts, isFree } from './free-ports.ts'

it('returns distinct ports below the ephemeral range', async () => {
  const ports = await freePorts(50)
  expect(new Set(ports).size).toBe(50)
  for (const port of ports) {
    expect(port).toBeGreaterThanOrEqual(10_240)
    expect(port).toBeLessThan(32_768)
  }
})

it('does not report a port in use as free', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  expect(await isFree((server.address() as AddressInfo).port)).toBe(false)
})
