/** Programs that fetch a first access token, with the values of an account. Pure. */
import type { MailAccount } from '../../../../schema/mail-account.ts'

/** `protocols`: those of the accounts for which it works. */
export type Program = {
  name: string
  protocols: readonly MailAccount['protocol'][]
  /** `name`: of the text, for screen readers. */
  steps: { title: string; name: string; text: string }[]
}

/** `examples`: programs with the values of the documentation. `url`: the address of this deployment. */
export function programsFor(
  examples: readonly Program[],
  { id, protocol, host, port, security, username, delegate, from }: MailAccount,
  url: string,
): Program[] {
  const sender = from ?? username
  const values: Record<string, string> = {
    'https://mail.example.com': url,
    'ma_...': id,
    'smtp.office365.com': host,
    'port 587': `port ${port}`,
    'tls on': security === 'tls' ? 'tls on\ntls_starttls off' : 'tls on',
    'user alice@contoso.com': `user ${delegate ?? username}`,
    'alice@contoso.com': sender,
    // This value is in a format of printf, and quoted for the shell.
    'bob@example.com': sender.replaceAll('%', '%%').replaceAll("'", "'\\''"),
  }
  // All at once, so that no value is replaced again.
  const olds = new RegExp(Object.keys(values).join('|').replaceAll('.', '\\.'), 'g')
  const fill = (example: string) => example.trim().replace(olds, (old) => values[old] ?? old)
  return examples
    .filter(({ protocols }) => protocols.includes(protocol))
    .map((program) => ({
      ...program,
      steps: program.steps.map((step) => ({ ...step, text: fill(step.text) })),
    }))
}

/**
 * Returns the command that stores the API key that is then pasted, which so gets into no history of a shell. Keeps a key
 * that the file already holds, unless it is a replaced one. `replaced`: their IDs.
 */
export const storeKey = (replaced: readonly string[]) => `(
  umask 077 && mkdir -p ~/.config/mailgrant && cd ~/.config/mailgrant || exit
  [ -s key ]${replaced.map((id) => ` && ! grep -q ${id} key`).join('')} &&
    echo 'This machine already has an API key, which is kept.' && exit 1
  read -r key
  [ "\${key#mg_key_}" = "$key" ] && echo 'Nothing is stored: this is not an API key.' && exit 1
  rm -f key && printf 'Authorization: Bearer %s\\n' "$key" >key
)`
