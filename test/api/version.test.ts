import { describe, expect, it } from 'vitest'
import { version } from '../../package.json' with { type: 'json' }
import packageLock from '../../package-lock.json' with { type: 'json' }
import openapi from '../../schema/openapi.json' with { type: 'json' }
import { VERSION } from '../../schema/version.ts'
import { createWorld } from './harness.ts'

describe('the version of package.json', () => {
  it('is that of the source, the lock file and the OpenAPI document', () => {
    expect({
      source: VERSION,
      lock: packageLock.version,
      lockedRoot: packageLock.packages[''].version,
      openapi: openapi.info.version,
    }).toEqual({ source: version, lock: version, lockedRoot: version, openapi: version })
  })

  it('is in the response of /healthz', async () => {
    const world = await createWorld()
    expect(await world.get('/healthz')).toEqual({ status: 'ok', version })
  })
})
