import { describe, expect, it } from 'vitest'
import { type Environment, startRefresher } from '../../../../api/console/ui/refresher.ts'

/** Starts a refresher in a window whose time and visibility the test moves. */
function createRefresher() {
  let now = 0
  const timers = new Map<() => void, number>()
  const returns = new Set<() => void>()
  const state = { isVisible: true, refreshes: 0, works: true }
  let respond: (worked: boolean) => void = () => {}
  const around: Environment = {
    isVisible: () => state.isVisible,
    onReturn(call) {
      returns.add(call)
      return () => returns.delete(call)
    },
    after(ms, call) {
      const entry = () => call()
      timers.set(entry, now + ms)
      return () => timers.delete(entry)
    },
  }
  const settle = () => new Promise((resolve) => queueMicrotask(() => resolve(null)))
  const refresh = () => {
    state.refreshes += 1
    return new Promise<boolean>((resolve) => {
      respond = resolve
    })
  }
  return {
    stop: startRefresher(refresh, around),
    state,
    timers,
    returns,
    comeBack() {
      for (const call of returns) call()
    },
    /** Settles the refresh that is running. */
    async respond() {
      respond(state.works)
      await settle()
      await settle()
    },
    pass(seconds: number) {
      now += seconds * 1000
      for (const [call, at] of [...timers]) {
        if (at > now) continue
        timers.delete(call)
        call()
      }
    },
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
    const { state, pass, respond, comeBack } = createRefresher()
    state.isVisible = false
    comeBack()
    pass(600)
    expect(state.refreshes).toBe(0)
    state.isVisible = true
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
    const { stop, state, pass, respond, comeBack, timers, returns } = createRefresher()
    pass(60)
    stop()
    await respond()
    comeBack()
    pass(600)
    expect(state.refreshes).toBe(1)
    expect([timers.size, returns.size]).toEqual([0, 0])
  })
})
