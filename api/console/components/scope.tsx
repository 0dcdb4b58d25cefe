/** Forms and notices for sessions without a scope. */
import type { ComponentChildren } from 'preact'
import type { Scope } from '../../../schema/api-key.ts'
import { may } from '../rights.ts'
import { Notice } from './notice.tsx'

/** Disables a form for a session without this scope. */
export const ScopeFieldset = ({
  scope,
  children,
}: {
  scope: Scope
  children: ComponentChildren
}) => (may(scope) ? children : <fieldset disabled>{children}</fieldset>)

/** Explains to a session without this scope what it cannot do. */
export const ScopeNotice = ({ scope, text }: { scope: Scope; text: string }) =>
  may(scope) ? null : <Notice tone="plain" title={text} />
