import type { Protocol } from '../../../schema/mail-servers.ts'
import type { Texts } from './en.ts'
import { listIn } from './texts.ts'

const verbs: Record<Protocol, string> = {
  imap: 'à lire',
  smtp: 'à envoyer',
  graph_send: 'à envoyer',
}
const access: Record<Protocol, string> = {
  imap: 'la lecture des e-mails (IMAP)',
  smtp: 'l’envoi d’e-mails (SMTP)',
  graph_send: 'l’envoi d’e-mails (Microsoft Graph)',
}

const list = listIn('fr')

export const fr: Texts = {
  lang: 'fr',
  byMailgrant: 'avec Mailgrant',
  continue: 'Continuer',
  goBack: 'Retour',
  tryAgain: 'Réessayer',
  closeWindow: 'Vous pouvez fermer cette fenêtre.',
  nextStep: 'Étape suivante',
  copyLink: 'Copier le lien',
  copyDetails: 'Copier les détails',
  copyAddress: 'Copier l’adresse',
  copied: 'Copié',
  titles: {
    account_mismatch: 'Connexion avec un autre compte',
    authorization_ended: 'Le lien ne fonctionne plus',
    authorization_expired: 'Le lien a expiré',
    authorization_used: 'Le lien a déjà été utilisé',
    bad_request: 'Impossible de continuer sur cette page',
    credential_rejected: 'La connexion est actuellement indisponible',
    grant_not_usable: 'La boîte aux lettres n’a pas pu être reconnectée',
    integration_inactive: 'La connexion est désactivée',
    integration_not_configured: 'La connexion n’est pas encore configurée',
    internal_error: 'Erreur interne',
    key_missing: 'Une clé de chiffrement est manquante',
    not_found: 'Ce lien ne fonctionne pas',
    protocol_not_granted: 'L’accès aux e-mails n’a pas été accordé',
    provider_unavailable: 'Microsoft est actuellement injoignable',
    rate_limited: 'Trop de tentatives',
    sign_in_refused: 'Microsoft n’a pas terminé la connexion',
    storage_unavailable: 'La base de données est actuellement injoignable',
    tenant_not_allowed: 'Cette organisation appartient à un autre client',
    wrong_browser: 'La connexion a commencé dans un autre navigateur',
  },
  consent: {
    title: 'Connecter une boîte aux lettres',
    asks: (product, mailbox, protocols) =>
      `${product} demande ${list(verbs, protocols)} des e-mails en tant que ${mailbox}`,
    intro:
      'Vous allez vous connecter à Microsoft et autoriser l’accès à une boîte aux lettres. Ne continuez que si vous savez qui le demande.',
    requestedBy: 'Demandé par',
    requester: (name, origin) => {
      const who = name === null ? 'Votre administrateur Mailgrant' : `« ${name} »`
      return origin === null ? who : `${who} sur ${origin}`
    },
    customer: 'Client',
    mailbox: 'Boîte aux lettres',
    signInAs: 'Compte à utiliser',
    access: 'Autorisations demandées',
    rights: {
      imap: 'Lire, modifier et supprimer les e-mails des boîtes aux lettres auxquelles vous avez accès (IMAP)',
      smtp: 'Envoyer des e-mails en votre nom (SMTP)',
      graph_send: 'Envoyer des e-mails en votre nom (Microsoft Graph)',
    },
    keepsAccess: 'Conserver cet accès jusqu’à sa révocation',
    submit: 'Continuer vers Microsoft',
    unexpected:
      'Vous ne vous attendiez pas à cette demande ? Fermez cette page, rien ne se passera.',
  },
  redirecting: {
    title: 'Redirection vers Microsoft',
    text: 'La page de connexion de Microsoft va s’ouvrir.',
  },
  completed: {
    title: 'Connexion réussie',
    granted: (account, protocols) =>
      `${account} a autorisé l’accès pour ${list(access, protocols)}.`,
    missing: (protocols) =>
      `Microsoft n’a pas accordé l’accès pour ${list(access, protocols)}. Votre administrateur Microsoft 365 doit peut-être l’autoriser.`,
    reconnected: 'La boîte aux lettres est de nouveau connectée.',
    sent: 'Vous avez terminé. La personne qui vous a envoyé le lien s’occupe du reste.',
    save: 'Revenez au formulaire et enregistrez-le.',
    saveAs: (account) =>
      `Revenez au formulaire, indiquez ${account} comme compte de connexion, puis enregistrez.`,
    unsaved: 'Une connexion non enregistrée est supprimée au bout d’une heure.',
  },
  mismatch: {
    title: 'Est-ce le bon compte ?',
    expected: 'Compte attendu',
    either: (mailbox, delegate) => `${mailbox} ou ${delegate}`,
    signedIn: 'Compte connecté',
    discard: 'Ne pas le conserver',
    samePerson: 'Le conserver : autre adresse de la même personne',
    shared: 'Le conserver : boîte aux lettres partagée à laquelle ce compte a accès',
    nothingStored:
      'Rien n’est enregistré tant que vous ne conservez pas ce compte. Sinon, recommencez : Microsoft vous demandera quel compte utiliser.',
  },
  adminConsent: {
    completed: {
      title: 'Consentement reçu',
      text: 'Microsoft indique que vous avez autorisé l’application à utiliser les e-mails dans toute votre organisation.',
      step: 'Dites à la personne qui vous a envoyé le lien de recommencer : la connexion est maintenant possible. Si vous avez reçu deux liens, ouvrez d’abord l’autre.',
      note: 'Pour vérifier ou révoquer ce consentement, ouvrez l’application dans le centre d’administration Microsoft Entra, sous « Applications d’entreprise ».',
    },
    already_completed: {
      title: 'Déjà fait',
      text: 'Le consentement a déjà été donné par ce lien. Il n’y a rien d’autre à faire avec celui-ci.',
    },
    refused: {
      title: 'Consentement non accordé',
      text: 'Microsoft indique que l’application n’a pas été autorisée à utiliser les e-mails. Rien n’a été modifié.',
      step: 'Ouvrez à nouveau le même lien et acceptez. Il faut pour cela un rôle autorisé à consentir pour l’organisation, par exemple Administrateur d’application cloud. Si vous ne l’avez pas, transmettez le lien à un administrateur qui en dispose.',
    },
  },
  whoActs: {
    user: 'Vous, ou la personne qui se connecte, pouvez vous en charger.',
    tenant_admin: 'Votre administrateur Microsoft 365 doit s’en charger.',
    app_owner: 'Le responsable de l’inscription d’application doit s’en charger.',
    operator: 'Votre administrateur Mailgrant doit s’en charger.',
    microsoft: 'Seul Microsoft peut corriger ce problème.',
  },
  showThem: 'Montrez-lui cette page :',
  sendLink:
    'Envoyez ce lien à votre administrateur Microsoft 365. Recommencez une fois l’approbation donnée.',
  sendLinkIfAsked:
    'Si Microsoft a demandé l’approbation d’un administrateur, envoyez ce lien à votre administrateur Microsoft 365, puis recommencez une fois l’approbation donnée.',
  approval: 'Ce que l’administrateur doit approuver (en anglais)',
  help: {
    title: 'Bloqué sur la page de Microsoft ?',
    error:
      'Si Microsoft affiche une erreur, copiez tout le texte de cette page et collez-le ici. Rien n’est enregistré.',
    submit: 'Expliquer l’erreur',
    unknown:
      'Cette erreur n’est pas connue. Vérifiez que vous avez copié toute la page, y compris le numéro qui commence par AADSTS, parfois masqué sous « Plus de détails ».',
    continueThere: 'La connexion se poursuit dans la fenêtre de Microsoft.',
  },
  open: (host) => `Ouvrir ${host}`,
  whatIsWrong: 'Cause détaillée (en anglais)',
  whatIsLikelyWrong: 'Cause probable (en anglais)',
  newLink:
    'Retournez à la page d’origine et recommencez. Si quelqu’un vous a envoyé le lien, demandez-en un nouveau.',
  askForNewLink: 'Si quelqu’un vous a envoyé le lien, demandez-lui un nouveau lien.',
  tellAndStartAgain: 'Prévenez votre administrateur Mailgrant, puis recommencez.',
  waitAndStartAgain:
    'Patientez quelques minutes, puis retournez à la page d’origine et recommencez.',
  details: {
    title: 'Détails pour l’assistance',
    label: 'Ces lignes permettent à l’assistance de retrouver cette tentative.',
    error: 'Erreur',
    correlationId: 'ID de corrélation',
    signIn: 'Connexion',
    requestId: 'ID de la requête',
    time: 'Date et heure',
  },
  sentences: {
    general: 'La connexion n’a pas abouti. La cause, en anglais :',
    rejections: {
      authorization_expired:
        'Le lien n’a pas été ouvert à temps, ou la connexion n’a pas été terminée à temps. Rien n’a été enregistré.',
      authorization_overtaken: 'Cette connexion était déjà terminée. Cette page n’a rien modifié.',
      authorization_used:
        'Cette connexion a déjà été utilisée. S’il manque quelque chose, retournez à la page d’origine et recommencez.',
      broken_form:
        'Ce formulaire est incomplet ou ne provient pas d’une page de Mailgrant. Ouvrez à nouveau le lien.',
      callback_empty:
        'Le résultat d’une connexion n’est affiché qu’une fois et reste valable. Si cette page n’en a affiché aucun, retournez à la page d’origine et recommencez.',
      callback_malformed:
        'Ce n’est pas une réponse valide de Microsoft. Retournez à la page d’origine et recommencez.',
      callback_unknown:
        'Cette connexion est inconnue ou a été recommencée depuis. Terminez-la dans la fenêtre la plus récente, ou retournez à la page d’origine et recommencez.',
      consent_link_expired: 'Ce lien a expiré : il était valable 14 jours. Demandez-en un nouveau.',
      integration_inactive:
        'La connexion à Microsoft est désactivée. Aucune donnée n’est perdue. Votre administrateur Mailgrant peut la réactiver.',
      integration_not_configured:
        'Aucune inscription d’application n’est encore configurée pour la connexion à Microsoft.',
      internal_error:
        'Recommencez. Si le problème persiste, prévenez votre administrateur Mailgrant.',
      key_missing:
        'Rien n’est perdu. Prévenez votre administrateur Mailgrant, puis rechargez cette page.',
      link_ended:
        'L’expéditeur a retiré ce lien, l’a remplacé par un lien plus récent ou n’a plus d’accès. Rien n’a été modifié.',
      link_outlived: 'Ce lien est trop ancien pour commencer une nouvelle connexion.',
      link_unknown:
        'Ce lien est incomplet ou a expiré depuis longtemps. Demandez-en un nouveau à la personne qui vous l’a envoyé.',
      signing_keys_unavailable:
        'Les clés de signature de Microsoft n’ont pas pu être récupérées : la connexion n’est pas encore terminée. Rien n’est perdu. Rechargez cette page dans un instant.',
      storage_unavailable: 'Rien n’est perdu. Rechargez cette page dans un instant.',
      too_often:
        'Trop de demandes ont été faites pour cette connexion. Attendez une minute, puis réessayez.',
      wrong_browser:
        'Cette connexion n’a pas commencé dans ce navigateur, ou a été recommencée depuis. Retournez à la page d’origine et recommencez dans ce navigateur.',
    },
    failures: {
      credential_rejected:
        'Microsoft refuse les informations d’identification de l’application. Votre administrateur Mailgrant doit les renouveler.',
      grant_not_usable:
        'La boîte aux lettres a été modifiée ou déconnectée entre-temps. Rien n’a été enregistré. Recommencez.',
      protocol_not_granted:
        'Microsoft n’a pas accordé toutes les autorisations demandées. Rien n’a été modifié. Votre administrateur Microsoft 365 doit peut-être donner son consentement.',
      provider_unavailable: 'Le service de connexion de Microsoft n’a pas répondu comme prévu.',
      sign_in_refused:
        'L’inscription d’application a été modifiée pendant la connexion. Recommencez.',
      storage_unavailable:
        'La connexion a réussi, mais la base de données n’a pas confirmé l’enregistrement du résultat. Retournez à la page d’origine. Si la boîte aux lettres n’y apparaît pas comme connectée, recommencez dans quelques minutes.',
      tenant_not_allowed:
        'Votre organisation a déjà ici des boîtes aux lettres chez un autre client. Rien n’a été enregistré. La personne qui vous a envoyé le lien doit s’adresser à son administrateur Mailgrant.',
    },
    discarded: (signedInAs, expected) =>
      `${signedInAs} s’est connecté à la place de ${expected}. Rien n’a été enregistré. Recommencez et connectez-vous avec le compte attendu.`,
    appFault:
      'L’application ou Mailgrant n’est pas correctement configuré, la connexion est donc impossible.',
    causes: {
      'account-mismatch': 'La connexion n’a pas été effectuée avec le compte attendu.',
      'account-type-not-allowed': 'L’application n’accepte pas ce type de compte.',
      'admin-consent-required':
        'Seul votre administrateur Microsoft 365 peut autoriser cette application.',
      'code-exchange-problem': 'Cette connexion n’est plus valable.',
      'conditional-access-block':
        'Une stratégie d’accès conditionnel de votre organisation bloque la connexion.',
      'guest-or-external-user': 'Le compte connecté appartient à une autre organisation.',
      'identity-not-proven': 'La réponse de Microsoft ne prouve pas qui s’est connecté.',
      'mfa-or-interaction-required': 'Microsoft exige une étape de connexion supplémentaire.',
      'refresh-token-missing': 'Microsoft n’a pas accordé d’accès durable.',
      'resource-not-in-tenant': 'Exchange Online n’est pas disponible dans votre organisation.',
      'resource-permission-misdeclared':
        'Une autorisation manque ou est mal déclarée dans l’inscription d’application.',
      'tenant-restrictions': 'Le réseau ou une stratégie n’autorise pas cette organisation.',
      'tenant-unavailable': 'L’organisation est bloquée par Microsoft ou n’existe plus.',
      'user-consent-missing': 'Les autorisations demandées n’ont pas été acceptées.',
      'user-not-assigned': 'Ce compte n’est pas affecté à l’application.',
      'user-sign-in-refused':
        'Microsoft a refusé le compte ou son mot de passe, ou le compte est bloqué.',
    },
    steps: {
      'account-mismatch':
        'Recommencez et choisissez le bon compte sur la page de Microsoft. Une fenêtre de navigation privée peut aider.',
      'account-type-not-allowed':
        'Connectez-vous avec un compte de votre organisation et non un compte personnel, ou inversement.',
      'code-exchange-problem':
        'Commencez une nouvelle connexion et terminez-la dans une seule fenêtre, sans revenir en arrière ni recharger la page.',
      'guest-or-external-user':
        'Connectez-vous avec un compte de l’organisation à laquelle appartient la boîte aux lettres. Déconnectez d’abord les autres comptes ou utilisez une fenêtre de navigation privée.',
      'mfa-or-interaction-required':
        'Recommencez et effectuez l’étape demandée, par exemple l’authentification multifacteur.',
      'resource-permission-misdeclared':
        'Recommencez : les autorisations de l’application ont été modifiées pendant la connexion.',
      'user-consent-missing':
        'Connectez-vous à nouveau et acceptez les autorisations sur la page de Microsoft.',
      'user-sign-in-refused':
        'Connectez-vous à Outlook sur le web avec le même compte pour voir ce qui ne va pas.',
    },
  },
}
