import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { startRefresher } from '../../../../api/console/components/use-live.ts'

beforeEach(() => {
  vi.useFakeTimers()
  vi.stubGlobal('window', new EventTarget())
  vi.stubGlobal('document', Object.assign(new EventTarget(), { visibilityState: 'visible' }))
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

/** Starts a refresher in a window whose time and visibility the test moves. */
function createRefresher() {
  const state = { refreshes: 0, works: true }
  let respond: (worked: boolean) => void = () => {}
  const stop = startRefresher(() => {
    state.refreshes += 1
    return new Promise<boolean>((resolve) => {
      respond = resolve
    })
  })
  return {
    stop,
    state,
    show: (visibilityState: 'hidden' | 'visible') => Object.assign(document, { visibilityState }),
    comeBack() {
      window.dispatchEvent(new Event('focus'))
      document.dispatchEvent(new Event('visibilitychange'))
    },
    /** Settles the refresh that is running. */
    async respond() {
      respond(state.works)
      await vi.advanceTimersByTimeAsync(0)
    },
    pass: (seconds: number) => vi.advanceTimersByTime(seconds * 1000),
  }
}

describe('the data of a page', () => {
  it('are refreshed every minute, and when the reader comes back', async () => {
    const { state, pass, respond, comeBack } = createRefresher()
    pass(59)
    expect(state.refreshes).toBe(0)
    pass(1)
    expect(state.refreshes).toBe(1)
    await respond()
    pass(30)
    comeBack()
    expect(state.refreshes).toBe(2)
    await respond()
    pass(59)
    expect(state.refreshes).toBe(2)
    pass(1)
    expect(state.refreshes).toBe(3)
  })

  it('are not refreshed twice at once', async () => {
    const { state, pass, comeBack } = createRefresher()
    comeBack()
    comeBack()
    pass(600)
    expect(state.refreshes).toBe(1)
  })

  it('are left alone while the window is hidden, and refreshed when it is seen again', async () => {
    const { state, show, pass, respond, comeBack } = createRefresher()
    show('hidden')
    comeBack()
    pass(600)
    expect(state.refreshes).toBe(0)
    show('visible')
    comeBack()
    expect(state.refreshes).toBe(1)
    await respond()
    pass(60)
    expect(state.refreshes).toBe(2)
  })

  it('are tried sooner after a failure', async () => {
    const { state, pass, respond } = createRefresher()
    state.works = false
    pass(60)
    await respond()
    pass(15)
    expect(state.refreshes).toBe(2)
    state.works = true
    await respond()
    pass(59)
    expect(state.refreshes).toBe(2)
  })

  it('are left alone once the page is left, also by a refresh that was running', async () => {
    const { stop, state, pass, respond, comeBack } = createRefresher()
    pass(60)
    stop()
    await respond()
    comeBack()
    pass(600)
    expect(state.refreshes).toBe(1)
    expect(vi.getTimerCount()).toBe(0)
  })
})
