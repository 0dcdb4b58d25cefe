/** A link with which an administrator allows the app for a whole organisation. */
import { useState } from 'preact/hooks'
import type { AdminConsentLink } from '../../../../schema/integration.ts'
import { post } from '../../api.ts'
import { ApprovalPage } from '../../components/consent-link.tsx'
import { Copyable } from '../../components/copyable.tsx'
import { Checkbox, TextField } from '../../components/fields.tsx'
import { Form, useForm } from '../../components/form.tsx'
import { Notice } from '../../components/notice.tsx'
import { Day } from '../../components/time.tsx'
import { resourceNames } from '../../ui/integration.ts'

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
      done={link && <LinkToSend link={link} />}
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

const LinkToSend = ({ link: { links, expires_at } }: { link: AdminConsentLink }) => (
  <Notice
    tone="good"
    title={`Send ${links.length > 1 ? 'each' : 'this'} link to the administrator`}
  >
    <p>
      It works until <Day time={expires_at} />, or until it has been used successfully.
    </p>
    {links.map(({ resource, url }) => (
      <div key={resource}>
        {links.length > 1 && <span class="quiet">For {resourceNames[resource]}</span>}
        <Copyable text={url} name={`link for an administrator, ${resourceNames[resource]}`} />
      </div>
    ))}
    <ApprovalPage />
  </Notice>
)
