import { execFile } from 'node:child_process'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { createLineWriter } from '../../../api/node/line-writer.ts'

it('writes the lines of one turn together, in order, and those of the next turn after them', async () => {
  const written: string[] = []
  const lines = createLineWriter((text) => written.push(text))
  lines.write('a\n')
  lines.write('b\n')
  expect(written).toEqual([])
  await nextTurn()
  expect(written).toEqual(['a\nb\n'])
  lines.write('c\n')
  await nextTurn()
  expect(written).toEqual(['a\nb\n', 'c\n'])
})

it('writes at once when flushed, and nothing twice', async () => {
  const written: string[] = []
  const lines = createLineWriter((text) => written.push(text))
  lines.write('a\n')
  lines.flush()
  lines.flush()
  await nextTurn()
  expect(written).toEqual(['a\n'])
})

it.each(['process.exit(3)', "throw new Error('crash')"])(
  'loses no line to a process that ends: %s',
  async (end) => {
    const module = new URL('../../../api/node/line-writer.ts', import.meta.url).href
    const program = `
      import { createLineWriter } from ${JSON.stringify(module)}
      const lines = createLineWriter((text) => process.stdout.write(text))
      process.on('exit', lines.flush)
      for (let line = 0; line < 5000; line += 1) lines.write('line ' + line + '\\n')
      ${end}`
    const run = promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program])
    const { stdout } = await run.catch((error: { stdout: string }) => error)
    expect(stdout.trim().split('\n')).toHaveLength(5000)
  },
)
