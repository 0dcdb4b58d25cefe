/** Changes that an administrator makes in the tenant, each with what undoes it. */

/** `do` and `undo`: clicks or commands. `{...}` stands for a value of the run. */
export type Change = { id: ChangeId; do: string; undo: string }

/** Name of the app registration of this run. */
export const APP_NAME = 'Mailgrant acceptance'

export type ChangeId =
  | 'app'
  | 'approval'
  | 'smtp-off'
  | 'imap-off'
  | 'exchange-app'
  | 'mailbox-permission'
  | 'certificate'
  | 'federated'
  | 'sending-role'

type Values = {
  clientId: string
  mailbox: string
  /** Folder with the scripts and the certificate of this run. */
  folder: string
  issuer: string
  subject: string
}

const WHOLE_APP =
  'Delete the app registration "Mailgrant acceptance" in the Entra admin center, which also undoes the other changes of the app in Entra.'

/** Returns the change with the values of this run. */
export function changeOf(id: ChangeId, values: Values): Change {
  const { clientId, mailbox, folder, issuer, subject } = values
  const principal = `(Get-ServicePrincipal -Identity ${clientId}).ObjectId`
  const changes: Record<ChangeId, Omit<Change, 'id'>> = {
    app: {
      do: `Register an app, with the script ${folder}/setup.sh (Azure CLI) or ${folder}/setup.ps1 (PowerShell). It prints the client ID and a client secret.`,
      undo: WHOLE_APP,
    },
    approval: {
      do: 'Entra admin center > App registrations > Mailgrant acceptance > API permissions > Add a permission > APIs my organization uses > Office 365 Exchange Online > Application permissions > IMAP.AccessAsApp > Add. Do not grant consent there: the next pages ask for it.',
      undo: 'Entra admin center > Enterprise apps > Mailgrant acceptance > Properties > Delete.',
    },
    'smtp-off': {
      do: `Set-CASMailbox -Identity ${mailbox} -SmtpClientAuthenticationDisabled $true`,
      undo: `Set-CASMailbox -Identity ${mailbox} -SmtpClientAuthenticationDisabled $false`,
    },
    'imap-off': {
      do: `Set-CASMailbox -Identity ${mailbox} -ImapEnabled $false`,
      undo: `Set-CASMailbox -Identity ${mailbox} -ImapEnabled $true`,
    },
    'exchange-app': {
      do: `New-ServicePrincipal -AppId ${clientId} -ObjectId (the object ID under Enterprise apps)`,
      undo: `Remove-ServicePrincipal -Identity ${clientId}`,
    },
    'mailbox-permission': {
      do: `Add-MailboxPermission -Identity ${mailbox} -User ${principal} -AccessRights FullAccess`,
      undo: `Remove-MailboxPermission -Identity ${mailbox} -User ${principal} -AccessRights FullAccess`,
    },
    'sending-role': {
      do: `New-ManagementScope -Name '${APP_NAME}' -RecipientRestrictionFilter "PrimarySmtpAddress -eq '${mailbox}'"; New-ManagementRoleAssignment -Role 'Application Mail.Send' -App ${clientId} -CustomResourceScope '${APP_NAME}'`,
      undo: `Get-ManagementRoleAssignment -RoleAssignee ${clientId} | Remove-ManagementRoleAssignment; Remove-ManagementScope '${APP_NAME}'`,
    },
    certificate: {
      do: `Entra admin center > App registrations > Mailgrant acceptance > Certificates & secrets > Certificates > Upload: ${folder}/certificate.pem`,
      undo: 'Delete the certificate there.',
    },
    federated: {
      do: `Entra admin center > App registrations > Mailgrant acceptance > Certificates & secrets > Federated credentials > Add > Other issuer: issuer ${issuer}, subject ${subject}`,
      undo: 'Delete the federated credential there.',
    },
  }
  return { id, ...changes[id] }
}
