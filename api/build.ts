/**
 * Makes the files that browsers load, in `.assets/`: what stands there is served at the same path.
 * wrangler runs it before it bundles the Worker, the tests before they start. The same sources give
 * the same bytes, and a file that would not change is not touched: whoever serves or watches the
 * folder meanwhile sees whole files and no change where there is none.
 */
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type BuildOptions, build as bundle } from 'esbuild'

const root = fileURLToPath(new URL('..', import.meta.url))
const out = join(root, '.assets')

/** The path it is served at: what it is bundled from. */
const bundled = {
  'console/console.js': 'api/console/main.ts',
  'console/console.css': 'api/console/console.css',
  'connect.js': 'api/connect/connect.ts',
  'docs/reference.js': 'api/docs/reference.ts',
  'docs/reference.css': 'api/docs/reference.css',
  'docs/problems.css': 'api/docs/problems.css',
  'oauth/page.css': 'api/pages/page.css',
}

/** Not a module: it reads `document.currentScript`. */
const scripts = { 'oauth/page.js': 'api/pages/page.js' }

/** As they are. */
const copied = {
  'console/index.html': 'api/console/index.html',
  'connect.d.ts': 'api/connect/connect.d.ts',
  'icon.svg': 'api/icon.svg',
  'openapi.json': 'schema/openapi.json',
}

/** Browsers of the last three years. No source maps: the sources are public, the bytes are not free. */
const options: BuildOptions = {
  absWorkingDir: root,
  outdir: out,
  write: false,
  bundle: true,
  minify: true,
  target: ['es2022', 'chrome120', 'firefox121', 'safari17'],
  charset: 'utf8',
  legalComments: 'none',
  logLevel: 'error',
}

/** Paths without their ending, as esbuild wants the names of what it makes. */
const entryPoints = (files: Record<string, string>) =>
  Object.entries(files).map(([path, source]) => ({
    in: source,
    out: path.replace(/\.[^.]+$/, ''),
  }))

type Files = Map<string, Uint8Array>

async function make(): Promise<Files> {
  const sources = Object.values({ ...bundled, ...scripts, ...copied })
  const missing = sources.filter((source) => !existsSync(join(root, source)))
  if (missing.length > 0) throw new Error(`These sources are missing: ${missing.join(', ')}`)
  const made = await Promise.all([
    bundle({ ...options, write: false, format: 'esm', entryPoints: entryPoints(bundled) }),
    bundle({ ...options, write: false, format: 'iife', entryPoints: entryPoints(scripts) }),
  ])
  const files: Files = new Map()
  for (const { path, contents } of made.flatMap(({ outputFiles }) => outputFiles)) {
    files.set(relative(out, path), contents)
  }
  for (const [path, source] of Object.entries(copied)) {
    files.set(path, await readFile(join(root, source)))
  }
  return files
}

/** Builds are often run by several processes at once, so nothing is ever half there. */
async function write(files: Files): Promise<void> {
  const scratch = join(root, '.wrangler')
  await mkdir(scratch, { recursive: true })
  const folder = await mkdtemp(join(scratch, 'assets-'))
  try {
    for (const [path, contents] of files) {
      const target = join(out, path)
      const present = await readFile(target).catch(() => null)
      if (present?.equals(contents)) continue
      const fresh = join(folder, path.replaceAll('/', '+'))
      await writeFile(fresh, contents)
      await mkdir(dirname(target), { recursive: true })
      await rename(fresh, target)
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function removeOthers(files: Files): Promise<void> {
  const present = await readdir(out, { recursive: true, withFileTypes: true })
  for (const entry of present) {
    const path = join(entry.parentPath, entry.name)
    if (entry.isFile() && !files.has(relative(out, path))) await rm(path, { force: true })
  }
}

/** Rejects when a source is missing or does not compile; what was there before then stays. */
export async function buildAssets(): Promise<void> {
  const files = await make()
  await write(files)
  await removeOthers(files)
}

if (import.meta.main) await buildAssets()
