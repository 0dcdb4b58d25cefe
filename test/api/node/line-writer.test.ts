import { execFile } from 'node:child_process'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { createLineWriter } from '../../../api/node/line-writer.ts'

function createWriter() {
  const written: string[] = []
  const stream = { writableLength: 0, write: (text: string) => written.push(text) > 0 }
  const lines = createLineWriter(stream, (count) => `${count} dropped\n`)
  return { written, stream, lines }
}

it('writes the lines of one turn together, in order, and those of the next turn after them', async () => {
  const { written, lines } = createWriter()
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
  const { written, lines } = createWriter()
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
      const lines = createLineWriter(process.stdout, String)
      process.on('exit', lines.flush)
      for (let line = 0; line < 5000; line += 1) lines.write('line ' + line + '\\n')
      ${end}`
    const run = promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program])
    const { stdout } = await run.catch((error: { stdout: string }) => error)
    expect(stdout.trim().split('\n')).toHaveLength(5000)
  },
)

it('drops lines while a reader that has stopped leaves 4 MiB in memory, and counts them', () => {
  const { written, stream, lines } = createWriter()
  stream.writableLength = 4_194_305
  for (const line of ['a\n', 'b\n', 'c\n']) lines.write(line)
  lines.flush()
  expect(written).toEqual([])
  stream.writableLength = 0
  for (const line of ['d\n', 'e\n']) {
    lines.write(line)
    lines.flush()
  }
  expect(written).toEqual(['3 dropped\nd\n', 'e\n'])
})
