/** Forms and notes for a key that may only read. */
import type { ComponentChildren } from 'preact'
import type { Scope } from '../../../schema/api-key.ts'
import { may } from '../rights.ts'
import { Notice } from './notice.tsx'

/** A form that a key without this right can read, and no more. */
export const Guarded = ({ scope, children }: { scope: Scope; children: ComponentChildren }) =>
  may(scope) ? children : <fieldset disabled>{children}</fieldset>

/** Says to a key without this right why it can only read. */
export const Explained = ({ scope, text }: { scope: Scope; text: string }) =>
  may(scope) ? null : <Notice tone="plain" title={text} />
