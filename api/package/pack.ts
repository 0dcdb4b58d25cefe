/**
 * `npm run package`: writes `dist/package/mailgrant-VERSION.tgz`, which npx runs on Node 24. It has no dependencies, since the
 * bundles contain them.
 */
import { spawnSync } from 'node:child_process'
import { chmod, cp, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { buildAssets, buildChecker, buildCheckMailbox, buildServer } from '../build.ts'
import { replaceLinks } from '../docs/replace-links.ts'

const root = join(import.meta.dirname, '../..')
const out = join(root, 'dist/package')

/** Guides and the files that they link to, at the paths of the repository. */
const guides = [
  'api/operating/settings.md',
  'api/operating/credentials.md',
  'api/operating/capacity.md',
  'api/operating/runbook.md',
  'api/operating/data-protection.md',
  'api/cloudflare.md',
  'api/node/install.md',
  'api/node/backup.md',
  'api/node/standby.md',
  'api/node/moving.md',
  'api/node/kubernetes.yaml',
  'checker/alone.md',
  'api/docs/guides/alerts.md',
  'api/docs/guides/console-sign-in.md',
  'api/docs/guides/first-mailbox.md',
  'api/docs/guides/many-customers.md',
  'api/docs/guides/webhooks.md',
  'api/grafana.json',
  'api/prometheus-alerts.yaml',
  '.github/SECURITY.md',
]

/** Paths in the package by their path in the repository. */
export const contents: Readonly<Record<string, string>> = {
  'api/package/mailgrant.js': 'mailgrant.js',
  'api/package/README.md': 'README.md',
  'api/exit-with-parent.js': 'exit-with-parent.js',
  'dist/mailgrant.js': 'dist/mailgrant.js',
  'dist/checker.js': 'dist/checker.js',
  'dist/check-mailbox.js': 'dist/check-mailbox.js',
  '.assets': '.assets',
  LICENSE: 'LICENSE',
  ...Object.fromEntries(guides.map((path) => [path, path])),
}

/** Returns the text of a Markdown file of the package. A link to a file that the package lacks is replaced by its text. */
export const packedMarkdown = (from: string, text: string): string =>
  replaceLinks(text, from, (path, anchor) => {
    const to = contents[path]
    return to === undefined ? undefined : relative(dirname(contents[from] ?? from), to) + anchor
  })

const readJson = async (path: string) => JSON.parse(await readFile(join(root, path), 'utf8'))

type Locked = { version: string; license?: string; dev?: true; optional?: true; link?: true }

/** Returns the licenses of the packages in the bundles, as most of them require. */
async function thirdPartyLicenses(): Promise<string> {
  const { packages }: { packages: Record<string, Locked> } = await readJson('package-lock.json')
  const bundled = Object.entries(packages).filter(
    ([path, { dev, optional, link }]) =>
      path.startsWith('node_modules/') && !dev && !optional && !link,
  )
  const texts = bundled.map(async ([path, { version, license = 'see its files' }]) => {
    const names = await readdir(join(root, path))
    const files = names.filter((name) => /^licen[cs]e/i.test(name)).sort()
    const parts = await Promise.all(files.map((name) => readFile(join(root, path, name), 'utf8')))
    const title = `${path.slice(path.lastIndexOf('node_modules/') + 13)} ${version}: ${license}`
    return [title, ...parts.map((part) => part.trim())].join('\n\n')
  })
  return `${(await Promise.all(texts)).join(`\n\n${'-'.repeat(80)}\n\n`)}\n`
}

/** Builds everything, and returns the path of the package. */
export async function buildPackage(): Promise<string> {
  await Promise.all([buildAssets(), buildServer(), buildChecker(), buildCheckMailbox()])
  const { name, version, description, license } = await readJson('package.json')
  const folder = join(out, 'contents')
  await rm(out, { recursive: true, force: true })
  for (const [from, to] of Object.entries(contents)) {
    const target = join(folder, to)
    await mkdir(dirname(target), { recursive: true })
    if (from.endsWith('.md')) {
      await writeFile(target, packedMarkdown(from, await readFile(join(root, from), 'utf8')))
    } else {
      await cp(join(root, from), target, { recursive: true })
    }
  }
  await chmod(join(folder, 'mailgrant.js'), 0o755)
  await writeFile(join(folder, 'LICENSES-OF-PACKAGES.txt'), await thirdPartyLicenses())
  const manifest = {
    ...{ name, version, description, license, type: 'module' },
    engines: { node: '>=24.2' },
    bin: { mailgrant: 'mailgrant.js' },
  }
  await writeFile(join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`)
  const packed = spawnSync('npm', ['pack', '--ignore-scripts', '--pack-destination', out], {
    cwd: folder,
    encoding: 'utf8',
    // npm is a script there.
    shell: process.platform === 'win32',
  })
  if (packed.status !== 0) throw new Error(`npm pack failed:\n${packed.stderr}`)
  return join(out, `${name}-${version}.tgz`)
}

if (import.meta.main) {
  const path = await buildPackage()
  console.log(`${path}: ${Math.round((await stat(path)).size / 1024)} KiB`)
}
