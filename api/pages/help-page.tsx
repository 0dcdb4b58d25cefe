/** Help during a sign-in, for a person whom Microsoft's page sends to an administrator or shows an error. */
import type { Diagnosis } from '../../schema/diagnosis.ts'
import { Layout, type PageContext } from './layout.tsx'
import { AdminLinks, causeOf, NextStep } from './next-step.tsx'

export function HelpPage(props: {
  context: PageContext
  /** Links to send to an administrator; none for a personal account. */
  adminLinks: readonly string[]
  /** The diagnosis of the pasted text, or null without one. */
  diagnosis: Diagnosis | null
}) {
  const { context, adminLinks, diagnosis } = props
  const { texts } = context
  const { help } = texts
  return (
    <Layout context={context} title={help.title}>
      {diagnosis && !causeOf(diagnosis) && <p>{help.unknown}</p>}
      {causeOf(diagnosis) ? (
        <NextStep texts={texts} diagnosis={diagnosis} adminLinks={adminLinks} />
      ) : (
        <AdminLinks texts={texts} links={adminLinks} label={texts.sendLinkIfAsked} />
      )}
      <form method="post">
        <label>
          {help.error}
          <textarea name="error" rows={4} required spellcheck={false} />
        </label>
        <button type="submit">{help.submit}</button>
      </form>
      <p class="quiet">{help.continueThere}</p>
    </Layout>
  )
}
