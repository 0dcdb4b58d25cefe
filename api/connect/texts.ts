/** The texts of the dialog in the languages of the hosted pages, chosen by the `lang` of the page. */

type Texts = { title: string; text: string; help: string; again: string; cancel: string }

const en: Texts = {
  title: 'Waiting for the sign-in at Microsoft',
  text: 'Continue in the window that has opened, or close it and cancel here.',
  help: 'Microsoft asks for admin approval, or shows an error?',
  again: 'Open again',
  cancel: 'Cancel',
}

export const texts: Record<string, Texts> = {
  en,
  de: {
    title: 'Warten auf die Anmeldung bei Microsoft',
    text: 'Fahren Sie in dem Fenster fort, das sich geöffnet hat, oder schließen Sie es und brechen Sie hier ab.',
    help: 'Microsoft verlangt eine Administratorgenehmigung oder zeigt einen Fehler?',
    again: 'Erneut öffnen',
    cancel: 'Abbrechen',
  },
  fr: {
    title: 'En attente de la connexion à Microsoft',
    text: 'Continuez dans la fenêtre qui s’est ouverte, ou fermez-la et annulez ici.',
    help: 'Microsoft demande l’approbation d’un administrateur ou affiche une erreur ?',
    again: 'Rouvrir',
    cancel: 'Annuler',
  },
  es: {
    title: 'Esperando el inicio de sesión en Microsoft',
    text: 'Continúe en la ventana que se ha abierto, o ciérrela y cancele aquí.',
    help: '¿Microsoft pide la aprobación de un administrador o muestra un error?',
    again: 'Abrir de nuevo',
    cancel: 'Cancelar',
  },
  ja: {
    title: 'Microsoft でのサインインを待っています',
    text: '開いたウィンドウで続けるか、ウィンドウを閉じてここでキャンセルしてください。',
    help: 'Microsoft で管理者の承認を求められたか、エラーが表示されましたか?',
    again: 'もう一度開く',
    cancel: 'キャンセル',
  },
}

/** Returns the texts for a language tag. `de-AT` gets German, and languages without texts get English. */
export function textsFor(tag: string): [lang: string, texts: Texts] {
  const [lang = ''] = tag.toLowerCase().split('-')
  const found = texts[lang]
  return found ? [lang, found] : ['en', en]
}
