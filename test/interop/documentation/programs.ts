/** Runs the code of the documentation as it is written, in each of its languages. */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createTemporaryFolder } from '../cleanup.ts'

export type Language = 'sh' | 'js' | 'python' | 'php'
export const LANGUAGES: readonly Language[] = ['sh', 'js', 'python', 'php']

const REPOSITORY = new URL('../../../', import.meta.url).pathname
const PROGRAMS: Record<Language, string> = {
  sh: '/bin/sh',
  js: process.execPath,
  python: '/usr/bin/python3',
  php: '/usr/bin/php',
}
const EXTENSIONS: Record<Language, string> = { sh: 'sh', js: 'mjs', python: 'py', php: 'php' }

const missing = Object.values(PROGRAMS).filter((program) => !existsSync(program))
if (missing.length > 0) {
  throw new Error(
    `The code of the documentation needs ${missing.join(', ')}: apt-get install --no-install-recommends php-cli python3`,
  )
}

export type Outcome = { exitCode: number | null; output: string }

/** Returns the first block of code of a guide in this language. */
export async function codeOf(guide: string, language: string): Promise<string> {
  const markdown = await readFile(`${REPOSITORY}api/docs/guides/${guide}.md`, 'utf8')
  const code = new RegExp(`^\`\`\`${language}\n([^]*?)^\`\`\`$`, 'm').exec(markdown)?.[1]
  if (code === undefined) throw new Error(`${guide}.md has no code in ${language}.`)
  return code
}

export type Workshop = Awaited<ReturnType<typeof createWorkshop>>

/** Creates a folder for programs, which trust the certificates of the file. */
export async function createWorkshop(caFile?: string) {
  const { path, remove } = await createTemporaryFolder()
  await symlink(`${REPOSITORY}node_modules`, join(path, 'node_modules'))
  let count = 0

  /** Writes a program to a file and returns how to start it. */
  async function prepare(language: Language, code: string) {
    count += 1
    const file = join(path, `${count}.${EXTENSIONS[language]}`)
    await writeFile(file, code)
    const trust = { NODE_EXTRA_CA_CERTS: caFile, SSL_CERT_FILE: caFile, CURL_CA_BUNDLE: caFile }
    return {
      program: PROGRAMS[language],
      file,
      env: { PATH: process.env.PATH, HOME: path, ...(caFile !== undefined && trust) },
    }
  }

  return {
    prepare,
    remove,
    /** Runs a program to its end. `input`: its standard input. */
    async run(
      language: Language,
      code: string,
      {
        key,
        env: more = {},
        input = '',
      }: { key: string; env?: Record<string, string>; input?: string },
    ): Promise<Outcome> {
      const { program, file, env } = await prepare(language, code)
      return new Promise((resolve, reject) => {
        const child = spawn(program, [file], {
          cwd: path,
          env: { ...env, ...more, MAILGRANT_KEY: key },
          stdio: 'pipe',
          timeout: 50_000,
        })
        // A program that reads nothing may have ended before.
        child.stdin.on('error', () => {}).end(input)
        let output = ''
        for (const stream of [child.stdout, child.stderr]) {
          stream.setEncoding('utf8').on('data', (text: string) => {
            output += text
          })
        }
        child.once('error', reject)
        child.once('close', (exitCode) => resolve({ exitCode, output }))
      })
    },
  }
}
