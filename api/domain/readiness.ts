/** Whether this deployment can do its work: database, key ring, checker. */
import type { Readiness } from '../../schema/health.ts'
import type { Services } from '../services.ts'

type Check = Readiness['checks']['database']

export async function readiness(services: Services): Promise<Readiness> {
  const [database, keyRing, checker] = await Promise.all([
    checkDatabase(services),
    checkKeyRing(services),
    checkChecker(services),
  ])
  const failed = [database, keyRing, checker].some(({ status }) => status === 'failed')
  return { status: failed ? 'failed' : 'ok', checks: { database, key_ring: keyRing, checker } }
}

const fine: Check = { status: 'ok' }

async function checkDatabase({ store }: Services): Promise<Check> {
  try {
    await store.maintenance.ping()
    return fine
  } catch {
    return {
      status: 'failed',
      detail: 'D1 does not answer, or its tables are missing: apply the migrations.',
    }
  }
}

/**
 * Seals and opens: a ring that cannot do that would lose what it is given. And has every key that
 * sealed what is stored: the ids are no secret, and who runs this must know which one to put back.
 */
async function checkKeyRing({ store }: Services): Promise<Check> {
  const context = { table: 'readiness', row: 'probe', column: 'probe' }
  try {
    const opened = await store.sealer.open(await store.sealer.seal('probe', context), context)
    if (opened !== 'probe') return broken
  } catch {
    return broken
  }
  // Without an answer of D1 there is nothing to say about keys: the other check tells.
  const inUse = await store.keyRing.kidsInUse().catch(() => [])
  const missing = inUse.filter((kid) => !store.sealer.kids.includes(kid))
  return missing.length === 0 ? fine : { status: 'failed', detail: missingKeys(missing) }
}

const broken: Check = {
  status: 'failed',
  detail: 'The newest key of ENCRYPTION_KEYS does not work.',
}

const missingKeys = (kids: string[]) =>
  `ENCRYPTION_KEYS lacks ${kids.map((kid) => `"${kid}"`).join(', ')}, which sealed what is stored. Put it back: nothing is lost, but what it sealed cannot be opened.`

/** The address of the checker stays unsaid: anybody may ask whether this deployment is ready. */
async function checkChecker({ checker }: Services): Promise<Check> {
  if (await checker.ready()) return fine
  return { status: 'failed', detail: 'The checker does not answer at CHECKER_URL.' }
}
