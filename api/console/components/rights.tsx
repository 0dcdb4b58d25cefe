/** Forms and notes for a key that may only read. */
import type { ComponentChildren } from 'preact'
import type { Scope } from '../../../schema/api-key.ts'
import { may } from '../rights.ts'
import { Notice } from './notice.tsx'

/** A form that is read-only for a key without this scope. */
export const Guarded = ({ scope, children }: { scope: Scope; children: ComponentChildren }) =>
  may(scope) ? children : <fieldset disabled>{children}</fieldset>

/** Explains to a key without this scope why it can only read. */
export const Explained = ({ scope, text }: { scope: Scope; text: string }) =>
  may(scope) ? null : <Notice tone="plain" title={text} />
