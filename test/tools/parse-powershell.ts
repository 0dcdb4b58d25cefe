/**
 * Parses the PowerShell scripts of the setup guide with tree-sitter's grammar of PowerShell, in every variant
 * of cloud, audience and credential. The grammar finds unbalanced blocks, quotes and here-strings; it does not
 * know cmdlets and their parameters, which only PowerShell with its modules does.
 */
import { readFile } from 'node:fs/promises'
import { pathToFileURL } from 'node:url'
import { setupGuide } from '../../api/domain/setup/guide.ts'
import { SETUP_CALLS } from '../../api/paths.ts'
import { Cloud } from '../../schema/mail-servers.ts'
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

const FEDERATION = {
  issuer: 'https://mail.example.com',
  subject: "mailgrant:o'clock",
  audience: 'api://AzureADTokenExchange',
}
const CERTIFICATE = { certificate: '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----' }

const variants = Cloud.options.flatMap((cloud) =>
  ['common', 'consumers', 'contoso.com'].flatMap((tenant) =>
    [FEDERATION, null].flatMap((federation) =>
      [CERTIFICATE, null].map((nextCredential) => {
        const clientId = nextCredential && '6f1b1e1a-3a0b-4f0e-9a39-3b8f4a2f9c11'
        const { scripts, app_only } = setupGuide({
          settings: { clientId, cloud, tenant, homeTenant: null, credential: null, nextCredential },
          federation,
          redirectUri: 'https://mail.example.com/oauth/microsoft/callback',
          adminConsentRedirectUri: 'https://mail.example.com/oauth/microsoft/admin-consent',
          consoleRedirectUri: 'https://mail.example.com/console/callback',
          calls: SETUP_CALLS,
          appName: "O'Brien \u2019s $(app)",
        })
        return {
          name: `${cloud}, ${tenant}, ${federation ? 'public' : 'private'}, ${clientId ? 'stored' : 'new'}`,
          scripts: [scripts.powershell, ...(app_only ? [app_only.scripts.powershell] : [])],
        }
      }),
    ),
  ),
)

let parsed = 0
const failures: string[] = []
for (const { name, scripts } of variants) {
  for (const script of scripts) {
    parsed += 1
    failures.push(...errorsIn(script).map((error) => `${name}: ${error}`))
    // A parser that accepts everything would prove nothing.
    if (errorsIn(script.replace('{\n', '\n')).length === 0) {
      failures.push(`${name}: it was accepted without its first brace, too.`)
    }
  }
}
for (const failure of failures) console.error(failure)
console.log(`${parsed} PowerShell scripts parsed, ${failures.length} errors`)
if (failures.length > 0) process.exitCode = 1
