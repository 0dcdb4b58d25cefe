/** Programs that fetch a first access token, for the page of a mailbox in the console. All are examples that the tests run. */
import type { Protocol } from '../../schema/mail-servers.ts'
import type { MarkdownFile } from './markdown.ts'

/** `protocols`: those of the accounts for which it works. */
export type FirstProgram = {
  name: string
  protocols: readonly Protocol[]
  steps: { title: string; name: string; text: string }[]
}

const LANGUAGES = [
  { name: 'curl', extension: 'sh', command: 'sh' },
  { name: 'Python', extension: 'py', command: 'python3' },
  { name: 'Node.js', extension: 'mjs', command: 'node' },
  { name: 'PHP', extension: 'php', command: 'php' },
] as const

const GRAPH_SETTINGS = `export MAILGRANT_URL=https://mail.example.com MAILGRANT_ACCOUNT=ma_... \\
  MAILGRANT_KEY_FILE="$HOME/.config/mailgrant/key"
`

export function firstPrograms(
  mailPrograms: readonly MarkdownFile[],
  readText: (path: string) => string,
): FirstProgram[] {
  const read = (file: string) => readText(`test/examples/workers/${file}`)
  const chapter = (name: string) => mailPrograms.find((file) => file.name === name)?.text ?? ''
  const send = blockOf(chapter('msmtp.md'), 'sh')
  const [, script = ''] = chapter('README.md').split('## The script')
  const save = (file: string, text: string) => ({
    title: `Save this as ${file}`,
    name: file,
    text,
  })
  const run = (text: string) => ({ title: 'Run this', name: 'command', text })
  const token = LANGUAGES.map(({ name, extension, command }): FirstProgram => {
    const file = `token.${extension}`
    const steps = [save(file, read(file)), run(`${command} ${file}`)]
    // curl needs no file. An interactive zsh does not know comments, so they are removed.
    return {
      name,
      protocols: ['imap', 'smtp'],
      steps: command === 'sh' ? [run(read(file).replace(/^#.*\n/gm, ''))] : steps,
    }
  })
  const graph = LANGUAGES.map(({ name, extension, command }): FirstProgram => {
    const file = `graph-send.${extension}`
    const sendIt = GRAPH_SETTINGS + send.replace('msmtp -t', `${command} ${file}`)
    return { name, protocols: ['graph_send'], steps: [save(file, read(file)), run(sendIt)] }
  })
  const msmtp: FirstProgram = {
    name: 'msmtp',
    protocols: ['smtp'],
    steps: [
      save('~/.msmtprc', blockOf(chapter('msmtp.md'), 'ini ~/.msmtprc')),
      run(blockOf(script, 'sh') + send),
    ],
  }
  return [...token, msmtp, ...graph]
}

/** Returns the first block of code of this kind. Throws if there is none. */
function blockOf(markdown: string, info: string): string {
  const [, rest] = markdown.split(`\`\`\`${info}\n`)
  const code = rest?.split('```')[0]
  if (code === undefined) throw new Error(`There is no block of code "${info}".`)
  return code
}
