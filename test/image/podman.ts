/**
 * Podman as far as these tests use it, as root. As a program of its own, prints why containers cannot run here and exits
 * with 1.
 */
import { execFile, execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'

const root = join(import.meta.dirname, '../..')
const LOCAL_BASE = 'localhost/mailgrant-test/node'
const CERTIFICATES = '/etc/ssl/certs'

/** Runs Podman. Returns its output; throws with what it printed. */
export function podman(...args: string[]): string {
  // runc also runs where the kernel has both versions of cgroups.
  const { status, stdout, stderr, error } = spawnSync('podman', ['--runtime', 'runc', ...args], {
    encoding: 'utf8',
    env: { ...process.env, PODMAN_IGNORE_CGROUPSV1_WARNING: '1' },
    maxBuffer: 50_000_000,
  })
  if (error) throw error
  if (status !== 0) throw new Error(`podman ${args[0]}: ${stdout}${stderr}`)
  return stdout.trim()
}

/**
 * Returns an image with Node and npm: NODE_IMAGE, or else one made of this machine's Node, npm and certificates, for
 * which no registry is asked.
 */
export function baseImage(): string {
  if (process.env.NODE_IMAGE) return process.env.NODE_IMAGE
  const files = mkdtempSync(join(tmpdir(), 'mailgrant-base-'))
  try {
    const put = (from: string, to = from) => {
      mkdirSync(join(files, dirname(to)), { recursive: true })
      execFileSync('cp', ['-rL', '--no-target-directory', from, join(files, to)])
    }
    const programs = ['/bin/sh', '/usr/bin/env', '/bin/mkdir']
    for (const program of [...programs, process.execPath]) {
      put(program, program === process.execPath ? '/usr/bin/node' : program)
      const libraries = execFileSync('ldd', [program], { encoding: 'utf8' })
      for (const [library] of libraries.matchAll(/\/\S+(?= \(0x)/g)) put(library)
    }
    const npm = join(execFileSync('npm', ['root', '-g'], { encoding: 'utf8' }).trim(), 'npm')
    put(npm, '/usr/lib/npm')
    writeFileSync(
      join(files, 'usr/bin/npm'),
      '#!/bin/sh\nexec node /usr/lib/npm/bin/npm-cli.js "$@"\n',
      { mode: 0o755 },
    )
    if (existsSync(CERTIFICATES)) put(CERTIFICATES)
    mkdirSync(join(files, 'etc'), { recursive: true })
    mkdirSync(join(files, 'root'))
    // npm reads its settings in the home of root.
    writeFileSync(join(files, 'etc/passwd'), 'root:x:0:0::/root:/bin/sh\n')
    execFileSync('tar', ['--create', '--file', `${files}.tar`, '--directory', files, '.'])
    // Removes the image of an earlier run, which would otherwise stay without a name.
    podman('rmi', '--force', '--ignore', LOCAL_BASE)
    podman('import', '--change', 'ENV PATH=/usr/bin:/bin', `${files}.tar`, LOCAL_BASE)
    return LOCAL_BASE
  } finally {
    rmSync(files, { recursive: true, force: true })
    rmSync(`${files}.tar`, { force: true })
  }
}

/** Keeps the limits of this process. Podman would raise them, which root isn't always allowed to do. */
const limits = () =>
  ['nofile', 'nproc'].flatMap((name) => {
    const columns = ['--noheadings', '--raw', '--output', 'SOFT,HARD']
    const found = execFileSync('prlimit', [...columns, `--${name}`], { encoding: 'utf8' }).trim()
    return ['--ulimit', `${name}=${found.replace(' ', ':').replaceAll('unlimited', '-1')}`]
  })

/** Builds an image from the repository, with the network and the npm settings of this machine. */
export function build(dockerfile: string, tag: string, args: Record<string, string>): void {
  const folder = mkdtempSync(join(tmpdir(), 'mailgrant-npmrc-'))
  try {
    const npmrc = ['userconfig', 'globalconfig']
      .map((name) => execFileSync('npm', ['config', 'get', name], { encoding: 'utf8' }).trim())
      .filter((path) => existsSync(path))
      .map((path) => readFileSync(path, 'utf8'))
    writeFileSync(join(folder, 'npmrc'), npmrc.join('\n'), { mode: 0o600 })
    podman(
      ...['build', '--file', dockerfile, '--tag', tag, '--format', 'docker', '--layers=false'],
      ...['--network', 'host', ...limits()],
      ...['--volume', `${join(folder, 'npmrc')}:/root/.npmrc:ro`],
      ...(existsSync(CERTIFICATES) ? ['--volume', `${CERTIFICATES}:${CERTIFICATES}:ro`] : []),
      ...Object.entries(args).flatMap(([name, value]) => ['--build-arg', `${name}=${value}`]),
      root,
    )
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Starts a container as the guides harden it: a read-only root, no capabilities and no way to new ones. */
export function start(
  image: string,
  name: string,
  settings: Record<string, string>,
  options: string[] = [],
): void {
  podman(
    ...['run', '--detach', '--name', name, '--network', 'host', '--ulimit', 'host'],
    ...['--read-only', '--read-only-tmpfs=false', '--cap-drop', 'ALL'],
    ...['--security-opt', 'no-new-privileges', ...options],
    ...Object.entries(settings).flatMap(([key, value]) => ['--env', `${key}=${value}`]),
    image,
  )
}

/** Stops the container, meanwhile letting this process respond to it. Resolves with the milliseconds that it took. */
export async function stop(name: string): Promise<number> {
  const began = performance.now()
  await promisify(execFile)('podman', ['--runtime', 'runc', 'stop', '--time', '30', name])
  return Math.round(performance.now() - began)
}

if (import.meta.main) {
  try {
    podman('run', '--rm', '--network', 'host', '--ulimit', 'host', baseImage(), 'node', '--version')
  } catch (error) {
    console.error(`Containers do not run here: ${(error as Error).message}`)
    process.exit(1)
  }
}
