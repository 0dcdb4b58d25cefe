/**
 * Builds the files that browsers load into `.assets/`, where each is served at its own path. wrangler
 * runs it before it bundles the Worker, the tests before they start. The build is reproducible, and an
 * unchanged file is not touched: a server or watcher of the folder never sees a partial file or a
 * change without one in the source.
 */
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type BuildOptions, build as bundle } from 'esbuild'

const root = fileURLToPath(new URL('..', import.meta.url))
const out = join(root, '.assets')

/** Entry points by the path of the bundle. */
const bundled = {
  'console/console.js': 'api/console/main.ts',
  'console/console.css': 'api/console/console.css',
  'connect.js': 'api/connect/connect.ts',
  'docs/reference.js': 'api/docs/reference.ts',
  'docs/reference.css': 'api/docs/reference.css',
  'docs/problems.css': 'api/docs/problems.css',
  'oauth/page.css': 'api/pages/page.css',
}

/** Classic scripts by path: this one reads `document.currentScript`, which modules lack. */
const scripts = { 'oauth/page.js': 'api/pages/page.js' }

/** Files served unchanged, by path. */
const copied = {
  'console/index.html': 'api/console/index.html',
  'connect.d.ts': 'api/connect/connect.d.ts',
  'icon.svg': 'api/icon.svg',
  'openapi.json': 'schema/openapi.json',
}

/** Targets browsers of the last three years. No source maps: the sources are public anyway. */
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

/** Returns esbuild's entry points: its output names have no extension. */
const entryPoints = (files: Record<string, string>) =>
  Object.entries(files).map(([path, source]) => ({
    in: source,
    out: path.replace(/\.[^.]+$/, ''),
  }))

type Files = Map<string, Uint8Array>

async function build(): Promise<Files> {
  const sources = Object.values({ ...bundled, ...scripts, ...copied })
  const missing = sources.filter((source) => !existsSync(join(root, source)))
  if (missing.length > 0) throw new Error(`Missing sources: ${missing.join(', ')}`)
  const results = await Promise.all([
    bundle({ ...options, write: false, format: 'esm', entryPoints: entryPoints(bundled) }),
    bundle({ ...options, write: false, format: 'iife', entryPoints: entryPoints(scripts) }),
  ])
  const files: Files = new Map()
  for (const { path, contents } of results.flatMap(({ outputFiles }) => outputFiles)) {
    files.set(relative(out, path), contents)
  }
  for (const [path, source] of Object.entries(copied)) {
    files.set(path, await readFile(join(root, source)))
  }
  return files
}

/** Writes each changed file atomically: several processes often build at once. */
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

/**
 * Bundles api/node/main.ts into `dist/mailgrant.js`: Node does not run JSX, and the bundle needs nothing
 * from node_modules.
 */
export async function buildServer(): Promise<void> {
  await bundle({
    absWorkingDir: root,
    entryPoints: ['api/node/main.ts'],
    outfile: 'dist/mailgrant.js',
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    sourcemap: true,
    logLevel: 'error',
    alias: { zod: './api/zod/zod.ts' },
    // CommonJS packages in the bundle load Node's modules with require().
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url)",
    },
  })
}

/** Builds all files. Rejects when a source is missing or does not compile, and leaves the old files. */
export async function buildAssets(): Promise<void> {
  const files = await build()
  await write(files)
  await removeOthers(files)
}

if (import.meta.main) await Promise.all([buildAssets(), buildServer()])
