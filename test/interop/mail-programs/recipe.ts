/** Parses the recipes of mail programs (`test/examples/mail-programs/*.md`), which the suite runs as they are written. */
import { readdirSync, readFileSync } from 'node:fs'

const folder = new URL('../../examples/mail-programs/', import.meta.url)

/** A recipe's output of a failure: lines in which `…` stands for any text, and the exit code. */
export type Failure = { lines: readonly string[]; exitCode: number }

/** `read`: prints or stores the mail of the inbox. `send`: sends one message. */
export type Use = 'read' | 'send'

export type Command = {
  use: Use
  /** Lines for the shell. */
  script: string
  refused: Failure
  signInEnded: Failure
}

export type Recipe = {
  name: string
  /** Packages to install before. */
  packages: readonly string[]
  /** Library from npm; empty without one. */
  npmPackage: string
  mechanism: string
  /** Files by path, which begins with `~/`. */
  files: ReadonlyMap<string, string>
  commands: readonly Command[]
  /** True if it changes the system, and not only the home folder. */
  needsRoot: boolean
  /** True if the program runs in a terminal only. */
  needsTerminal: boolean
  /** True if the program runs until it is stopped. It has no exit code then. */
  staysOpen: boolean
}

type Block = { info: string; text: string; section: string }

/** Returns the fenced blocks, each with the bold heading of the paragraphs above it. */
function readBlocks(markdown: string): Block[] {
  let section = ''
  return [
    ...markdown.matchAll(/^\*\*(?<heading>.+?)\*\*|^```(?<info>.*)\n(?<text>[\s\S]*?)^```$/gm),
  ]
    .map(({ groups = {} }) => {
      section = groups.heading ?? section
      return { info: (groups.info ?? '').trim(), text: groups.text ?? '', section }
    })
    .filter(({ text }) => text !== '')
}

const staysOpen = (markdown: string) => /^- Stays open/m.test(markdown)

/** Returns what the section says about the command at this position; one description may hold for all. */
function readFailure(markdown: string, blocks: Block[], heading: string, at: number): Failure {
  const outputs = blocks.filter((block) => block.section === heading && block.info === 'text')
  const start = markdown.indexOf(`**${heading}**`)
  const section = markdown.slice(start, markdown.indexOf('\n**', start + 1) >>> 0)
  const codes = [...section.matchAll(/exit code (\d+)/gi)].map((match) => Number(match[1]))
  const output = outputs[at] ?? outputs.at(-1)
  const exitCode = staysOpen(markdown) ? 0 : (codes[at] ?? codes.at(-1))
  if (start < 0 || !output || exitCode === undefined) {
    throw new Error(`"${heading}" must show the output and name the exit code.`)
  }
  return { lines: output.text.trim().split('\n'), exitCode }
}

/** Parses a recipe. Throws a readable message if a part is missing. */
export function parseRecipe(name: string, markdown: string): Recipe {
  const blocks = readBlocks(markdown)
  const fact = (title: string) => RegExp(`^- ${title}: (.+)$`, 'm').exec(markdown)?.[1] ?? ''
  const files = blocks.flatMap(({ info, text }) => {
    const path = info.split(' ')[1]
    return path === undefined ? [] : [[path, text] as const]
  })
  const uses = [...markdown.matchAll(/^- (Reads|Sends)\b/gm)].map(
    (match): Use => (match[1] === 'Reads' ? 'read' : 'send'),
  )
  const scripts = blocks.filter(({ info }) => info === 'sh')
  if (uses.length === 0 || uses.length !== scripts.length) {
    throw new Error(`${name}: every "- Reads" and "- Sends" must have one block of commands.`)
  }
  return {
    name,
    packages: [...fact('Debian packages?').matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? ''),
    npmPackage: fact('npm package').replaceAll('`', ''),
    mechanism: fact('Mechanism'),
    files: new Map(files),
    commands: uses.map((use, at) => ({
      use,
      script: scripts[at]?.text ?? '',
      refused: readFailure(markdown, blocks, 'Login refused', at),
      signInEnded: readFailure(markdown, blocks, 'Sign-in ended', at),
    })),
    needsRoot: /^- Needs root/m.test(markdown),
    needsTerminal: /^- Needs a terminal/m.test(markdown),
    staysOpen: staysOpen(markdown),
  }
}

/** Reads all recipes, in alphabetical order. */
export const readRecipes = (): Recipe[] =>
  readdirSync(folder)
    .filter((file) => /^[a-z].*\.md$/.test(file))
    .sort()
    .map((file) =>
      parseRecipe(file.replace(/\.md$/, ''), readFileSync(new URL(file, folder), 'utf8')),
    )
