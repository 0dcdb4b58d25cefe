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
  const values = Object.entries({
    'https://mail.example.com': url,
    'ma_...': id,
    'smtp.office365.com': host,
    'port 587': `port ${port}`,
    'tls on': security === 'tls' ? 'tls on\ntls_starttls off' : 'tls on',
    'user alice@contoso.com': `user ${delegate ?? username}`,
    'alice@contoso.com': sender,
    // In a format of printf, and quoted for the shell.
    'bob@example.com': sender.replaceAll('%', '%%').replaceAll("'", "'\\''"),
  })
  const fill = (example: string) =>
    values.reduce((text, [old, value]) => text.replaceAll(old, () => value), example.trim())
  return examples
    .filter(({ protocols }) => protocols.includes(protocol))
    .map((program) => ({
      ...program,
      steps: program.steps.map((step) => ({ ...step, text: fill(step.text) })),
    }))
}

/** Stores the API key that is then pasted, which so gets into no history of a shell. */
export const STORE_KEY = `mkdir -p ~/.config/mailgrant &&
  (umask 077 && { printf 'Authorization: Bearer '; head -n 1; } >~/.config/mailgrant/key)`
