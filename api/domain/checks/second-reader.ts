/** The second reader: a language model that may read what the rules could not. It only adds candidates. */
import type { Diagnosis, SecondReading } from '../../../schema/diagnosis.ts'
import { DAY_MS, HOUR_MS } from '../../../schema/durations.ts'
import { newJti } from '../../checker-client.ts'
import type { Report } from '../../diagnosis/report.ts'
import { composeReadingRequest, readReply } from '../../diagnosis/second-reader.ts'
import type { Call, Services } from '../../services.ts'

/** Subject of its counted calls and prefix of their actors, so that they do not count as test messages. */
const SECOND_READER = 'second_reader'
const MOST = { perHour: 60, perDay: 500, perActor: 10 }

/**
 * Lets the model read a report that the rules could not read, if the caller asked for it. Otherwise returns the text
 * that it would send. Returns null if the verdict is certain or likely, or if the model is off and was not asked for.
 * `customer`: that of the account or the caller, for whose errors the model is off.
 */
export async function readAgain(
  services: Services,
  call: Call,
  report: Report,
  { verdict, interpretation }: Diagnosis,
  { isRequested, customer }: { isRequested: boolean; customer: string | null },
): Promise<SecondReading | null> {
  if (verdict === 'certain' || verdict === 'likely') return null
  const { chat, settings, store } = services
  const { diagnosisModel: model, urls } = settings
  // The operator chose the recipient for the deployment's own errors, not for those of its customers.
  if (chat === null || model === null || customer !== null) {
    return isRequested ? { status: 'off', model: null, text: null, candidates: [] } : null
  }
  const request = composeReadingRequest(report, interpretation)
  const result = (status: SecondReading['status']): SecondReading => ({
    status,
    model: model.name,
    text: request.text,
    candidates: [],
  })
  if (!isRequested) return result('offered')
  const requestedAt = services.now()
  const ago = (ms: number) => new Date(requestedAt.getTime() - ms)
  const actorId = `${SECOND_READER}:${call.actor.id ?? ''}`
  const isCounted = await store.countedCalls.claim(
    { id: newJti(services.random), subject: SECOND_READER, actorId, requestedAt },
    [
      { of: 'subject', since: ago(HOUR_MS), most: MOST.perHour },
      { of: 'subject', since: ago(DAY_MS), most: MOST.perDay },
      { of: 'actorId', since: ago(HOUR_MS), most: MOST.perActor },
    ],
    null,
  )
  if (!isCounted) return result('limited')
  const reply = await chat(request)
  const candidates = reply.ok ? readReply(reply.content, request, urls.causes) : null
  services.log(candidates ? 'info' : 'warn', 'second_reading', {
    ...(call.requestId && { request_id: call.requestId }),
    outcome: candidates ? 'used' : 'unavailable',
    ...(candidates === null && { kind: reply.ok ? 'unexpected_content' : reply.failure }),
  })
  return candidates ? { ...result('used'), candidates } : result('unavailable')
}
