/**
 * A throwaway copy of this machine, for programs that run as a service of the system: an overlay, with the
 * files of the recipe, in which the commands run as root. It ends with them, and with all that they started.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Outcome, type RecipeContent, runInNamespace, TIME_LIMIT } from './namespace.ts'

/** Folder into which `.ci/run` unpacks Exim, which cannot be installed beside Postfix. */
export const UNPACKED = fileURLToPath(new URL('../../.tmp/unpacked', import.meta.url))

type Service = {
  /** Installs and starts what the recipe expects on the machine. */
  start: string
  /** Waits until its work is done, and shows the outcome. */
  settle?: string
  /** Folder to copy over the root of the machine. */
  unpacked?: string
}

/** Services by the name of the recipe. */
const SERVICES: Readonly<Record<string, Service>> = {
  postfix: {
    // Listens nowhere, as this machine has another one.
    start: 'postconf -MX smtp/inet && postconf -e maillog_file=/var/log/mail.log && postfix start',
    settle: `
      for _ in $(seq 200); do
        mailq | grep -q '(\\|is empty' && break
        sleep 0.1
      done
      mailq`,
  },
  exim: {
    unpacked: UNPACKED,
    start: `
      useradd --system --no-create-home Debian-exim
      install -d -o Debian-exim -g Debian-exim /var/spool/exim4 /var/log/exim4`,
  },
  dovecot: {
    start: `
      printf '%s\\n' 'dovecot_config_version = 2.4.0' 'dovecot_storage_version = 2.4.0' \\
        'protocols =' >/etc/dovecot/dovecot.conf
      dovecot`,
  },
}

/** `$0`: folder with the files of the system. `$1`: folder with those of the recipe. `$2`: commands. `$3`: folder to unpack, or empty. */
const IN_OVERLAY = `
set -e
mount -t tmpfs tmpfs "$1/.overlay"
cd "$1/.overlay"
mkdir upper work root
mount -t overlay overlay -o lowerdir=/,upperdir=upper,workdir=work root
cd root
mount --rbind /dev dev
mount -t proc proc proc
cat "$0/hosts" >etc/hosts
cat "$0/nsswitch.conf" >etc/nsswitch.conf
cat "$0/certs/ca-certificates.crt" >etc/ssl/certs/ca-certificates.crt
cp -a "$1/root" "$1/etc" "$1/usr" .
if [ -n "$3" ]; then cp -a "$3/." .; fi
exec chroot . sh -c "$2"`

/** `machine`: folder with the files that replace those of the system. Each run starts from the same state. */
export async function createSystem(
  machine: string,
  recipe: string,
  { folder, keyFile, script, files }: RecipeContent,
) {
  const pathOf = (path: string) => join(folder, path.replace(/^~/, '/root'))
  const write = async (path: string, text: string, mode = 0o644) => {
    await mkdir(dirname(pathOf(path)), { recursive: true })
    await writeFile(pathOf(path), text, { mode })
  }
  await mkdir(join(folder, '.overlay'))
  await write('/etc/mailgrant/key', keyFile, 0o600)
  await write('~/.config/mailgrant/key', keyFile, 0o600)
  for (const [path, text] of files) await write(path, text)
  await write('/usr/local/bin/mailgrant-token', await readFile(script, 'utf8'), 0o755)

  const { start = '', settle = '', unpacked = '' } = SERVICES[recipe] ?? {}
  return {
    run(lines: string): Promise<Outcome> {
      const commands = `
        { ${start || ':'}; } >/dev/null 2>&1 || exit 99
        (${lines}
        )
        code=$?
        ${settle}
        exit $code`
      const args = ['--pid', '--fork', '--kill-child', ...TIME_LIMIT]
      return runInNamespace(
        [...args, 'sh', '-c', IN_OVERLAY, machine, folder, commands, unpacked],
        {
          cwd: folder,
          env: {
            HOME: '/root',
            USER: 'root',
            LANG: 'C.UTF-8',
            PATH: '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin',
          },
        },
      )
    },
    /** The programs keep no files between runs. */
    files: async () => '',
  }
}
