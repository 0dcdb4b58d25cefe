/** Reads a Dockerfile, as far as Mailgrant's use the syntax, and the list of files that reach a build. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

export type Instruction = { name: string; text: string }
/** A stage: its name if it has one, the image that it begins with, and what follows FROM. */
export type Stage = { name: string | null; base: string; instructions: Instruction[] }
export type Copy = { from: string | null; sources: string[]; target: string }

/** Throws for an instruction that this reader does not know. */
export function readDockerfile(path: string): Stage[] {
  const lines = readFileSync(path, 'utf8')
    .replace(/^#.*\n/gm, '')
    .replace(/\\\n\s*/g, '')
    .split('\n')
    .filter(Boolean)
  const stages: Stage[] = []
  for (const line of lines) {
    const [, name = '', text = ''] = /^([A-Z]+) (.+)$/.exec(line) ?? []
    if (
      !/^(?:ARG|FROM|WORKDIR|COPY|RUN|LABEL|ENV|USER|VOLUME|EXPOSE|STOPSIGNAL|HEALTHCHECK|CMD)$/.test(
        name,
      )
    ) {
      throw new Error(`${path}: ${line}`)
    }
    if (name === 'FROM') {
      const [, base = '', stage = null] = /^(?:--\S+ )?(\S+)(?: AS (\w+))?$/.exec(text) ?? []
      stages.push({ name: stage, base, instructions: [] })
    } else {
      stages.at(-1)?.instructions.push({ name, text })
    }
  }
  return stages
}

export const textsOf = ({ instructions }: Stage, name: string): string[] =>
  instructions.filter((instruction) => instruction.name === name).map(({ text }) => text)

export const copiesOf = (stage: Stage): Copy[] =>
  textsOf(stage, 'COPY').map((text) => {
    const words = text.split(' ')
    const paths = words.filter((word) => !word.startsWith('--'))
    const from = words.find((word) => word.startsWith('--from='))?.slice(7) ?? null
    return { from, sources: paths.slice(0, -1), target: paths.at(-1) ?? '' }
  })

export const environmentOf = (stage: Stage): Record<string, string> =>
  Object.fromEntries(
    textsOf(stage, 'ENV')
      .flatMap((text) => text.split(' '))
      .map((pair) => pair.split('=') as [string, string]),
  )

/** Returns the files of the repository that reach a build, new ones included. */
export function buildContext(root: string): string[] {
  const ignored = readDockerignore(`${root}/.dockerignore`)
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
  })
  return listed.split('\n').filter((file) => file !== '' && !ignored(file))
}

/** Returns whether a file is ignored. The last pattern that matches it or a folder above it decides. */
export function readDockerignore(path: string): (file: string) => boolean {
  const patterns = readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => ({ isException: line.startsWith('!'), glob: toRegExp(line.replace(/^!/, '')) }))
  return (file) => {
    const parts = file.split('/')
    const paths = parts.map((_part, index) => parts.slice(0, index + 1).join('/'))
    const last = patterns.findLast(({ glob }) => paths.some((each) => glob.test(each)))
    return last !== undefined && !last.isException
  }
}

/** Unlike in a shell, `*` also stands for a leading dot. */
const toRegExp = (glob: string) =>
  new RegExp(
    `^${glob
      .replaceAll('.', '\\.')
      .replaceAll('*', '[^/]*')
      .replaceAll('[^/]*[^/]*/', '(?:.+/)?')}$`,
  )
