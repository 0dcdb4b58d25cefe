/** The message with a sign-in link, in the languages of the hosted pages. Pure. */
import { plainLine } from '../../ui/plain-text.ts'

export const languages = [
  { value: 'en', label: 'English' },
  { value: 'de', label: 'Deutsch' },
  { value: 'fr', label: 'Français' },
  { value: 'es', label: 'Español' },
  { value: 'ja', label: '日本語' },
] as const
export type Language = (typeof languages)[number]['value']

/** Returns the first of these language tags in which there is a message, or English. */
export const ownLanguage = (tags: readonly string[]): Language =>
  tags
    .map((tag) => languages.find(({ value }) => tag.split('-')[0] === value)?.value)
    .find((language) => language !== undefined) ?? 'en'

type LinkFacts = {
  /** Name of the person or API key that asks; null for the root key. */
  asker: string | null
  mailbox: string
  url: string
  expiresAt: string
  /** Host of Microsoft's sign-in page. */
  loginHost: string
}

type Texts = {
  /** The requester if there is no name. */
  administrator: string
  subject: (mailbox: string) => string
  /** Texts before the link (`asks`) and after it. */
  asks: (asker: string, mailbox: string) => string
  works: (until: string) => string
  page: (host: string) => string
  doubt: (asker: string) => string
}

const words: Record<Language, Texts> = {
  en: {
    administrator: 'your Mailgrant administrator',
    subject: (mailbox) => `Please sign in for ${mailbox}`,
    asks: (asker, mailbox) =>
      `Hello,\n\nplease use this link to sign in for the mailbox ${mailbox}. Requested by ${asker}.`,
    works: (until) => `The link works until ${until}.`,
    page: (host) =>
      `It first shows who is asking for what, then takes you to Microsoft's page at https://${host}, which may send you on to login.live.com or your organisation's own page. Enter your password only there, and don't share it with anyone.`,
    doubt: (asker) =>
      `Weren't expecting this message? Ask ${asker} in person before you open the link.`,
  },
  de: {
    administrator: 'Ihre Mailgrant-Administration',
    subject: (mailbox) => `Bitte für ${mailbox} anmelden`,
    asks: (asker, mailbox) =>
      `Guten Tag,\n\nbitte melden Sie sich mit diesem Link für das Postfach ${mailbox} an. Darum bittet: ${asker}.`,
    works: (until) => `Der Link funktioniert bis ${until}.`,
    page: (host) =>
      `Er zeigt zuerst, wer worum bittet, und führt dann zur Seite von Microsoft unter https://${host}, die an login.live.com oder die Seite Ihrer eigenen Organisation weiterleiten kann. Geben Sie Ihr Kennwort nur dort ein und nennen Sie es niemandem.`,
    doubt: (asker) =>
      `Sie haben diese Nachricht nicht erwartet? Fragen Sie persönlich nach (${asker}), bevor Sie den Link öffnen.`,
  },
  fr: {
    administrator: 'votre administrateur Mailgrant',
    subject: (mailbox) => `Connexion demandée pour ${mailbox}`,
    asks: (asker, mailbox) =>
      `Bonjour,\n\nveuillez vous connecter pour la boîte aux lettres ${mailbox} avec ce lien. Demandé par : ${asker}.`,
    works: (until) => `Le lien fonctionne jusqu’au ${until}.`,
    page: (host) =>
      `Il montre d’abord qui demande quoi, puis mène à la page de Microsoft à l’adresse https://${host}, qui peut vous diriger vers login.live.com ou vers la page de votre organisation. Ne saisissez votre mot de passe que là et ne le communiquez à personne.`,
    doubt: (asker) =>
      `Vous n’attendiez pas ce message ? Renseignez-vous de vive voix (${asker}) avant d’ouvrir le lien.`,
  },
  es: {
    administrator: 'su administrador de Mailgrant',
    subject: (mailbox) => `Inicie sesión para ${mailbox}`,
    asks: (asker, mailbox) =>
      `Hola:\n\nInicie sesión para el buzón ${mailbox} con este enlace. Lo solicita: ${asker}.`,
    works: (until) => `El enlace funciona hasta el ${until}.`,
    page: (host) =>
      `Primero muestra quién solicita qué y después lleva a la página de Microsoft en https://${host}, que puede dirigirle a login.live.com o a la página de su organización. Escriba su contraseña solo allí y no se la diga a nadie.`,
    doubt: (asker) =>
      `¿No esperaba este mensaje? Pregunte en persona (${asker}) antes de abrir el enlace.`,
  },
  ja: {
    administrator: 'Mailgrant の管理者',
    subject: (mailbox) => `${mailbox} のサインインのお願い`,
    asks: (asker, mailbox) =>
      `次のリンクから、メールボックス ${mailbox} にサインインしてください。依頼者: ${asker}`,
    works: (until) => `リンクの有効期限: ${until}`,
    page: (host) =>
      `最初に依頼の内容、次に Microsoft のページ (https://${host}) が表示されます。そこから login.live.com または所属組織のページに移動することもあります。パスワードはこれらのページだけに入力し、だれにも教えないでください。`,
    doubt: (asker) =>
      `心当たりがない場合は、リンクを開く前に依頼者 (${asker}) に直接確認してください。`,
  },
}

/** Returns the message in this language. The expiry is in the time zone of the sender's browser, and shows the zone. */
export function linkMessage(
  language: Language,
  { asker, mailbox, url, expiresAt, loginHost }: LinkFacts,
): { subject: string; body: string } {
  const { administrator, subject, asks, works, page, doubt } = words[language]
  const who = asker === null ? administrator : plainLine(asker)
  const until = new Intl.DateTimeFormat(language, {
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    hour: '2-digit',
    minute: '2-digit',
    timeZoneName: 'short',
  }).format(new Date(expiresAt))
  const name = plainLine(mailbox)
  return {
    subject: subject(name),
    body: [asks(who, name), url, `${works(until)} ${page(loginHost)}`, doubt(who)].join('\n\n'),
  }
}

/** Returns the link that opens the message in the mail program. */
export const mailtoOf = (recipient: string, { subject, body }: { subject: string; body: string }) =>
  // RFC 6068: line breaks are CRLF, and a space is never a plus.
  `mailto:${encodeURIComponent(recipient)}?subject=${encodeURIComponent(subject)}&body=${encodeURIComponent(body.replaceAll('\n', '\r\n'))}`
