import type { Protocol } from '../../../schema/mail-servers.ts'
import type { Texts } from './en.ts'
import { listIn } from './texts.ts'

const verbs: Record<Protocol, string> = { imap: 'lesen', smtp: 'senden', graph_send: 'senden' }
const access: Record<Protocol, string> = {
  imap: 'das Lesen von E-Mails (IMAP)',
  smtp: 'das Senden von E-Mails (SMTP)',
  graph_send: 'das Senden von E-Mails (Microsoft Graph)',
}

const list = listIn('de')

export const de: Texts = {
  lang: 'de',
  byMailgrant: 'mit Mailgrant',
  continue: 'Weiter',
  goBack: 'Zurück',
  tryAgain: 'Erneut versuchen',
  closeWindow: 'Sie können dieses Fenster schließen.',
  nextStep: 'Nächster Schritt',
  copyLink: 'Link kopieren',
  copyDetails: 'Angaben kopieren',
  copyAddress: 'Adresse kopieren',
  copied: 'Kopiert',
  titles: {
    account_mismatch: 'Anmeldung mit einem anderen Konto',
    authorization_ended: 'Der Link funktioniert nicht mehr',
    authorization_expired: 'Der Link ist abgelaufen',
    authorization_used: 'Der Link wurde bereits verwendet',
    bad_request: 'Hier geht es nicht weiter',
    credential_rejected: 'Die Anmeldung ist zurzeit nicht möglich',
    grant_not_usable: 'Das Postfach konnte nicht neu verbunden werden',
    integration_inactive: 'Die Anmeldung ist ausgeschaltet',
    integration_not_configured: 'Die Anmeldung ist noch nicht eingerichtet',
    internal_error: 'Interner Fehler',
    key_missing: 'Ein kryptografischer Schlüssel fehlt',
    not_found: 'Dieser Link funktioniert nicht',
    protocol_not_granted: 'Der Zugriff auf E-Mails wurde nicht gewährt',
    provider_unavailable: 'Microsoft ist zurzeit nicht erreichbar',
    rate_limited: 'Zu viele Versuche',
    sign_in_refused: 'Microsoft hat die Anmeldung nicht abgeschlossen',
    storage_unavailable: 'Die Datenbank ist zurzeit nicht erreichbar',
    tenant_not_allowed: 'Diese Organisation gehört zu einem anderen Kunden',
    wrong_browser: 'Die Anmeldung wurde in einem anderen Browser begonnen',
  },
  consent: {
    title: 'Postfach verbinden',
    asks: (product, mailbox, protocols) =>
      `${product} möchte E-Mails als ${mailbox} ${list(verbs, protocols)}`,
    intro:
      'Sie melden sich gleich bei Microsoft an und gewähren Zugriff auf ein Postfach. Fahren Sie nur fort, wenn Sie wissen, wer ihn anfordert.',
    requestedBy: 'Angefordert von',
    requester: (name, origin) => {
      const who = name === null ? 'Ihre Mailgrant-Administration' : `„${name}“`
      return origin === null ? who : `${who} auf ${origin}`
    },
    customer: 'Kunde',
    mailbox: 'Postfach',
    signInAs: 'Anmelden als',
    access: 'Angeforderte Berechtigungen',
    rights: {
      imap: 'E-Mails in den Postfächern, die Sie öffnen können, lesen, ändern und löschen (IMAP)',
      smtp: 'E-Mails in Ihrem Namen senden (SMTP)',
      graph_send: 'E-Mails in Ihrem Namen senden (Microsoft Graph)',
    },
    keepsAccess: 'Diesen Zugriff behalten, bis er widerrufen wird',
    submit: 'Weiter zu Microsoft',
    unexpected: 'Sie haben das nicht erwartet? Schließen Sie diese Seite, dann passiert nichts.',
  },
  redirecting: {
    title: 'Weiterleitung zu Microsoft',
    text: 'Sie werden zur Anmeldung bei Microsoft weitergeleitet.',
  },
  completed: {
    title: 'Angemeldet',
    granted: (account, protocols) =>
      `${account} hat den Zugriff für ${list(access, protocols)} gewährt.`,
    missing: (protocols) =>
      `Microsoft hat den Zugriff für ${list(access, protocols)} nicht gewährt. Möglicherweise muss ihn Ihre Microsoft 365-Administration genehmigen.`,
    reconnected: 'Das Postfach ist wieder verbunden.',
    sent: 'Sie sind fertig. Wer Ihnen den Link geschickt hat, schließt die Verbindung ab.',
    save: 'Kehren Sie zum Formular zurück und speichern Sie es.',
    saveAs: (account) =>
      `Kehren Sie zum Formular zurück, tragen Sie ${account} als Konto für die Anmeldung ein und speichern Sie.`,
    unsaved: 'Eine nicht gespeicherte Anmeldung wird nach einer Stunde gelöscht.',
  },
  mismatch: {
    title: 'Ist das das richtige Konto?',
    expected: 'Erwartet',
    either: (mailbox, delegate) => `${mailbox} oder ${delegate}`,
    signedIn: 'Angemeldet',
    discard: 'Verwerfen',
    samePerson: 'Behalten: andere Adresse derselben Person',
    shared: 'Behalten: freigegebenes Postfach, auf das dieses Konto Zugriff hat',
    nothingStored:
      'Gespeichert wird erst, wenn Sie das Konto behalten. Wenn Sie es verwerfen, beginnen Sie von vorn: Microsoft fragt dann, welches Konto verwendet werden soll.',
  },
  adminConsent: {
    completed: {
      title: 'Zustimmung erhalten',
      text: 'Microsoft meldet, dass Sie der App den Zugriff auf E-Mails in Ihrer gesamten Organisation gewährt haben.',
      step: 'Bitten Sie die Person, die Ihnen den Link geschickt hat, von vorn zu beginnen: Die Anmeldung ist jetzt möglich. Wenn Sie zwei Links erhalten haben, öffnen Sie zuerst den anderen.',
      note: 'Um dies zu prüfen oder zu widerrufen, öffnen Sie die App im Microsoft Entra Admin Center unter „Unternehmens-Apps“.',
    },
    already_completed: {
      title: 'Bereits erledigt',
      text: 'Über diesen Link wurde bereits zugestimmt. Es ist nichts weiter zu tun.',
    },
    refused: {
      title: 'Zustimmung nicht erteilt',
      text: 'Microsoft meldet, dass der Zugriff auf E-Mails nicht gewährt wurde. Es wurde nichts geändert.',
      step: 'Öffnen Sie denselben Link noch einmal und stimmen Sie zu. Dafür ist eine Rolle nötig, die für die Organisation zustimmen darf, zum Beispiel Cloudanwendungsadministrator. Haben Sie keine solche Rolle, leiten Sie den Link an jemanden weiter, der sie hat.',
    },
  },
  whoActs: {
    user: 'Das können Sie oder die Person, die sich anmeldet, selbst erledigen.',
    tenant_admin: 'Darum muss sich Ihre Microsoft 365-Administration kümmern.',
    app_owner: 'Darum muss sich kümmern, wer die App-Registrierung verwaltet.',
    operator: 'Darum muss sich Ihre Mailgrant-Administration kümmern.',
    microsoft: 'Das kann nur Microsoft beheben.',
  },
  showThem: 'Zeigen Sie dort diese Seite:',
  sendLink:
    'Senden Sie diesen Link an Ihre Microsoft 365-Administration. Sobald sie zugestimmt hat, beginnen Sie von vorn.',
  sendLinkIfAsked:
    'Falls Microsoft eine Administratorgenehmigung verlangt hat, senden Sie diesen Link an Ihre Microsoft 365-Administration und beginnen Sie von vorn, sobald sie zugestimmt hat.',
  approval: 'Was Ihre Microsoft 365-Administration genehmigen soll (auf Englisch)',
  help: {
    title: 'Geht es bei Microsoft nicht weiter?',
    error:
      'Falls Microsoft einen Fehler zeigt, kopieren Sie den ganzen Text jener Seite und fügen Sie ihn hier ein. Es wird nichts gespeichert.',
    submit: 'Fehler erklären',
    unknown:
      'Dieser Fehler ist nicht bekannt. Prüfen Sie, ob Sie die ganze Seite kopiert haben, auch die Nummer, die mit AADSTS beginnt und sich unter „Weitere Details“ verbergen kann.',
    continueThere: 'Die Anmeldung geht im Fenster von Microsoft weiter.',
  },
  open: (host) => `${host} öffnen`,
  whatIsWrong: 'Genaue Ursache (auf Englisch)',
  whatIsLikelyWrong: 'Wahrscheinliche Ursache (auf Englisch)',
  newLink:
    'Kehren Sie zur Ausgangsseite zurück und beginnen Sie von vorn. Falls Ihnen jemand den Link geschickt hat, bitten Sie um einen neuen.',
  askForNewLink:
    'Falls Ihnen jemand den Link geschickt hat, bitten Sie diese Person um einen neuen.',
  tellAndStartAgain:
    'Informieren Sie Ihre Mailgrant-Administration und beginnen Sie danach von vorn.',
  waitAndStartAgain:
    'Warten Sie einige Minuten, kehren Sie dann zur Ausgangsseite zurück und beginnen Sie von vorn.',
  details: {
    title: 'Angaben für den Support',
    label: 'Damit findet der Support diesen Versuch.',
    error: 'Fehler',
    correlationId: 'Korrelations-ID',
    signIn: 'Anmeldung',
    requestId: 'Anfrage-ID',
    time: 'Zeit',
  },
  sentences: {
    general: 'Die Anmeldung ist nicht gelungen. Die Ursache, auf Englisch:',
    rejections: {
      authorization_expired:
        'Der Link wurde nicht rechtzeitig geöffnet, oder die Anmeldung wurde nicht rechtzeitig abgeschlossen. Es wurde nichts gespeichert.',
      authorization_overtaken:
        'Diese Anmeldung war schon beendet. Diese Seite hat nichts geändert.',
      authorization_used:
        'Diese Anmeldung wurde schon verwendet. Falls etwas fehlt, kehren Sie zur Ausgangsseite zurück und beginnen Sie von vorn.',
      broken_form:
        'Dieses Formular ist unvollständig oder kam nicht von einer Seite von Mailgrant. Öffnen Sie den Link noch einmal.',
      callback_empty:
        'Das Ergebnis einer Anmeldung wird nur einmal angezeigt und gilt weiterhin. Falls diese Seite keines gezeigt hat, kehren Sie zur Ausgangsseite zurück und beginnen Sie von vorn.',
      callback_malformed:
        'Das ist keine gültige Antwort von Microsoft. Kehren Sie zur Ausgangsseite zurück und beginnen Sie von vorn.',
      callback_unknown:
        'Diese Anmeldung ist nicht bekannt oder wurde inzwischen neu begonnen. Schließen Sie sie im neuesten Fenster ab oder beginnen Sie von vorn.',
      consent_link_expired:
        'Dieser Link ist abgelaufen: Er war 14 Tage gültig. Bitten Sie um einen neuen.',
      integration_inactive:
        'Die Anmeldung bei Microsoft ist ausgeschaltet. Es sind keine Daten verloren: Ihre Mailgrant-Administration kann sie wieder einschalten.',
      integration_not_configured:
        'Für die Anmeldung bei Microsoft ist noch keine App-Registrierung hinterlegt.',
      internal_error:
        'Beginnen Sie von vorn. Falls das Problem bestehen bleibt, informieren Sie Ihre Mailgrant-Administration.',
      key_missing:
        'Es ist nichts verloren. Informieren Sie Ihre Mailgrant-Administration und laden Sie diese Seite danach neu.',
      link_ended:
        'Der Link wurde zurückgezogen oder durch einen neueren ersetzt, oder wer ihn geschickt hat, hat keinen Zugang mehr. Es wurde nichts geändert.',
      link_outlived: 'Dieser Link ist zu alt, um noch eine Anmeldung zu beginnen.',
      link_unknown:
        'Dieser Link ist unvollständig oder schon lange abgelaufen. Bitten Sie die Person, die ihn geschickt hat, um einen neuen.',
      signing_keys_unavailable:
        'Die Signaturschlüssel von Microsoft konnten nicht geladen werden, daher ist die Anmeldung noch nicht abgeschlossen. Es ist nichts verloren. Laden Sie diese Seite gleich noch einmal.',
      storage_unavailable: 'Es ist nichts verloren. Laden Sie diese Seite gleich noch einmal.',
      too_often:
        'Für diese Anmeldung kamen zu viele Anfragen. Warten Sie eine Minute, und versuchen Sie es dann erneut.',
      wrong_browser:
        'Diese Anmeldung wurde nicht in diesem Browser begonnen oder wurde inzwischen neu begonnen. Kehren Sie zur Ausgangsseite zurück und beginnen Sie in diesem Browser von vorn.',
    },
    failures: {
      credential_rejected:
        'Microsoft akzeptiert die Anmeldeinformationen der App nicht. Ihre Mailgrant-Administration muss sie erneuern.',
      grant_not_usable:
        'Das Postfach wurde inzwischen geändert oder getrennt. Es wurde nichts gespeichert. Beginnen Sie von vorn.',
      protocol_not_granted:
        'Microsoft hat nicht alle angeforderten E-Mail-Berechtigungen erteilt. Es wurde nichts geändert. Möglicherweise muss Ihre Microsoft 365-Administration zustimmen.',
      provider_unavailable: 'Der Anmeldedienst von Microsoft hat nicht wie erwartet geantwortet.',
      sign_in_refused:
        'Die App-Registrierung wurde während der Anmeldung geändert. Beginnen Sie von vorn.',
      storage_unavailable:
        'Die Anmeldung war erfolgreich, aber die Datenbank hat nicht bestätigt, dass das Ergebnis gespeichert wurde. Kehren Sie zur Ausgangsseite zurück. Falls das Postfach dort nicht als verbunden erscheint, beginnen Sie in einigen Minuten von vorn.',
      tenant_not_allowed:
        'Ihre Organisation hat hier bereits Postfächer bei einem anderen Kunden. Es wurde nichts gespeichert. Wer Ihnen den Link geschickt hat, muss sich an die eigene Mailgrant-Administration wenden.',
    },
    discarded: (signedInAs, expected) =>
      `${signedInAs} hat sich angemeldet, erwartet wurde ${expected}. Es wurde nichts gespeichert. Beginnen Sie von vorn und melden Sie sich mit dem erwarteten Konto an.`,
    appFault:
      'Die App oder Mailgrant ist nicht richtig eingerichtet, daher ist keine Anmeldung möglich.',
    causes: {
      'account-mismatch': 'Die Anmeldung erfolgte nicht mit dem erwarteten Konto.',
      'account-type-not-allowed': 'Die App akzeptiert diese Art von Konto nicht.',
      'admin-consent-required': 'Nur Ihre Microsoft 365-Administration darf dieser App zustimmen.',
      'code-exchange-problem': 'Diese Anmeldung ist nicht mehr gültig.',
      'conditional-access-block':
        'Eine Richtlinie Ihrer Organisation (bedingter Zugriff) verhindert die Anmeldung.',
      'guest-or-external-user': 'Das angemeldete Konto gehört zu einer anderen Organisation.',
      'identity-not-proven': 'Die Antwort von Microsoft belegt nicht, wer sich angemeldet hat.',
      'mfa-or-interaction-required': 'Microsoft verlangt einen weiteren Anmeldeschritt.',
      'refresh-token-missing': 'Microsoft hat keinen dauerhaften Zugriff erteilt.',
      'resource-not-in-tenant': 'Exchange Online ist in Ihrer Organisation nicht verfügbar.',
      'resource-permission-misdeclared':
        'In der App-Registrierung fehlt eine Berechtigung, oder sie ist falsch eingetragen.',
      'tenant-restrictions': 'Das Netzwerk oder eine Richtlinie lässt diese Organisation nicht zu.',
      'tenant-unavailable': 'Die Organisation ist bei Microsoft gesperrt oder besteht nicht mehr.',
      'user-consent-missing': 'Die Zustimmung zu den angeforderten Berechtigungen fehlt.',
      'user-not-assigned': 'Dieses Konto ist der App nicht zugewiesen.',
      'user-sign-in-refused':
        'Microsoft hat das Konto oder sein Kennwort abgelehnt, oder das Konto ist gesperrt.',
    },
    steps: {
      'account-mismatch':
        'Beginnen Sie von vorn und wählen Sie bei Microsoft das richtige Konto. Ein privates Fenster hilft dabei.',
      'account-type-not-allowed':
        'Melden Sie sich mit einem Konto Ihrer Organisation an, nicht mit einem persönlichen – oder umgekehrt.',
      'code-exchange-problem':
        'Beginnen Sie eine neue Anmeldung und schließen Sie sie in einem Fenster ab, ohne zurückzugehen oder neu zu laden.',
      'guest-or-external-user':
        'Melden Sie sich mit einem Konto der Organisation an, der das Postfach gehört. Melden Sie vorher andere Konten ab oder verwenden Sie ein privates Fenster.',
      'mfa-or-interaction-required':
        'Beginnen Sie von vorn und schließen Sie den zusätzlichen Schritt ab, zum Beispiel die Multi-Faktor-Authentifizierung.',
      'resource-permission-misdeclared':
        'Beginnen Sie von vorn. Die Berechtigungen der App wurden während der Anmeldung geändert.',
      'user-consent-missing':
        'Melden Sie sich noch einmal an und stimmen Sie den Berechtigungen auf der Seite von Microsoft zu.',
      'user-sign-in-refused':
        'Melden Sie sich mit demselben Konto bei Outlook im Web an, um zu sehen, woran es liegt.',
    },
  },
}
