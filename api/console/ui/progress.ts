/** Something that takes seconds, and at most how many. */
import { fill, h } from '../dom.ts'

/** Counts the seconds, for the eye only: read out each second they would drown everything else. */
export function showProgress(place: HTMLElement, title: string, most: number): () => void {
  const started = Date.now()
  const bar = h('progress', { max: most, value: 0, 'aria-label': title })
  const seconds = h('span', { class: 'quiet small', 'aria-hidden': 'true' })
  const tick = () => {
    const passed = Math.round((Date.now() - started) / 1000)
    bar.value = Math.min(passed, most)
    seconds.textContent = `${passed} of at most ${most} seconds`
  }
  tick()
  const timer = setInterval(tick, 1000)
  fill(place, h('div', { class: 'row spread' }, h('span', {}, `${title} ...`), seconds), bar)
  return () => {
    clearInterval(timer)
    fill(place)
  }
}
