/** A link with which an administrator allows the app for a whole organisation. */
import { useState } from 'preact/hooks'
import type { AdminConsentLink } from '../../../../schema/integration.ts'
import { post } from '../../api.ts'
import { LinksToSend } from '../../components/consent-link.tsx'
import { Checkbox, TextField } from '../../components/fields.tsx'
import { Form, useForm } from '../../components/form.tsx'

export function Consent() {
  const [link, setLink] = useState<AdminConsentLink | null>(null)
  const { values, change, field, submission } = useForm({
    initial: { tenant: '', isAppOnly: false },
    pointers: { tenant: '/tenant' },
    send: async ({ tenant, isAppOnly }) => {
      setLink(null)
      setLink(
        await post<AdminConsentLink>('/v1/integrations/microsoft/admin-consent', {
          ...(tenant.trim() !== '' && { tenant: tenant.trim() }),
          ...(isAppOnly && { flow: 'app_only' }),
        }),
      )
    },
  })
  return (
    <Form
      label="Link for an administrator"
      button="Link for an administrator"
      submission={submission}
      minor
      done={link && <LinksToSend link={link} next="mailboxes can be connected" />}
    >
      <TextField
        {...field('tenant')}
        label="For which tenant (optional)"
        help="The organisation's Directory (tenant) ID or one of its domains. Leave blank for the tenant of the person who opens the link."
      />
      <Checkbox
        label="For app-only access (no sign-in)"
        checked={values.isAppOnly}
        onChange={(isAppOnly) => change({ isAppOnly })}
      />
    </Form>
  )
}
