/**
 * Parses the PowerShell scripts of the setup guide with tree-sitter's grammar of PowerShell. The grammar finds unbalanced blocks,
 * quotes and here-strings; it does not know cmdlets and their parameters, which only PowerShell with its modules does.
 */
import { readFile } from 'node:fs/promises'
import { pathToFileURL } from 'node:url'
import { fillIn } from '../../api/domain/app/setup/scripts.ts'
import { installTools, toolPath } from './install.ts'

installTools()
/** The parts of web-tree-sitter that are used, whose types are not installed with the project. */
type Node = {
  isError: boolean
  isMissing: boolean
  hasError: boolean
  startPosition: { row: number }
  text: string
  children: readonly (Node | null)[]
}
type Parser = {
  setLanguage(language: unknown): void
  parse(text: string): { rootNode: Node; delete(): void } | null
}
type TreeSitter = {
  Parser: (new () => Parser) & { init(): Promise<void> }
  Language: { load(wasm: Uint8Array): Promise<unknown> }
}

const library = pathToFileURL(toolPath('web-tree-sitter/tree-sitter.js')).href
const { Language, Parser }: TreeSitter = await import(library)
await Parser.init()
const parser = new Parser()
const grammar = await readFile(toolPath('tree-sitter-powershell/tree-sitter-powershell.wasm'))
parser.setLanguage(await Language.load(grammar))

/** Returns the places that the grammar does not understand. */
function errorsIn(script: string): string[] {
  // The grammar takes "2P" in this parameter for a redirection of stream 2.
  const tree = parser.parse(script.replaceAll('-OAuth2PermissionGrantId', '-OAuthGrantId'))
  if (!tree) return ['It was not parsed.']
  const find = (node: Node): string[] =>
    node.isError || node.isMissing
      ? [`line ${node.startPosition.row + 1}: ${node.text.slice(0, 80)}`]
      : node.children.flatMap((child) => (child?.hasError || child?.isMissing ? find(child) : []))
  const errors = find(tree.rootNode)
  tree.delete()
  return errors
}

// With values as the setup guide fills them in, too.
const values = { appName: "O'Brien \u2019s $(app)", appId: '6f1b1e1a', tenant: "x'; y" }
const failures: string[] = []
for (const name of ['setup.ps1', 'app-only.ps1']) {
  const script = await readFile(new URL(`../../api/setup/${name}`, import.meta.url), 'utf8')
  const filled = fillIn({ azure_cli: '', powershell: script }, values).powershell
  failures.push(...[script, filled].flatMap(errorsIn).map((error) => `${name}: ${error}`))
  // A parser that accepts everything would prove nothing.
  if (errorsIn(script.replace('{\n', '\n')).length === 0) {
    failures.push(`${name}: it was accepted without its first brace, too.`)
  }
}
for (const failure of failures) console.error(failure)
console.log(`The PowerShell scripts were parsed with ${failures.length} errors`)
if (failures.length > 0) process.exitCode = 1
