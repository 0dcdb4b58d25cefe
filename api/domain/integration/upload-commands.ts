/** Commands that add a certificate to the app registration and keep the existing ones. Pure. */
import { base64OfPem } from '../../../schema/base64.ts'
import { bashQuote, powershellQuote } from '../shell-quotes.ts'

/** Names the certificate at Entra by its last characters, a part of the signature. The scripts do the same. */
const nameOf = (base64: string) => `mailgrant-${base64.slice(-12)}`

export function uploadCommands(clientId: string, pem: string) {
  const base64 = base64OfPem(pem)
  return {
    // The Azure CLI caps the end date at that of the certificate.
    azure_cli: `az ad app credential reset --append --id ${clientId} --display-name ${bashQuote(nameOf(base64))} --end-date 2099-12-31 --output none --cert ${bashQuote(base64)}`,
    powershell: `$app = Get-MgApplication -Filter "appId eq '${clientId}'"
$key = @{ Type = 'AsymmetricX509Cert'; Usage = 'Verify'; DisplayName = ${powershellQuote(nameOf(base64))}; Key = [Convert]::FromBase64String(${powershellQuote(base64)}) }
Update-MgApplication -ApplicationId $app.Id -KeyCredentials (@($app.KeyCredentials | Where-Object { $_ }) + $key)`,
  }
}
