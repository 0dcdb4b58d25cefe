import type { Protocol } from '../../../schema/mail-servers.ts'
import type { Texts } from './en.ts'
import { listIn } from './texts.ts'

const verbs: Record<Protocol, string> = { imap: 'leer', smtp: 'enviar', graph_send: 'enviar' }
const access: Record<Protocol, string> = {
  imap: 'leer correo (IMAP)',
  smtp: 'enviar correo (SMTP)',
  graph_send: 'enviar correo (Microsoft Graph)',
}

const list = listIn('es')

export const es: Texts = {
  lang: 'es',
  byMailgrant: 'con Mailgrant',
  continue: 'Continuar',
  goBack: 'Volver',
  tryAgain: 'Intentar de nuevo',
  closeWindow: 'Puede cerrar esta ventana.',
  nextStep: 'Siguiente paso',
  copyLink: 'Copiar enlace',
  copyDetails: 'Copiar detalles',
  copyAddress: 'Copiar dirección',
  copied: 'Copiado',
  titles: {
    account_mismatch: 'Se ha iniciado sesión con otra cuenta',
    authorization_ended: 'El enlace ya no funciona',
    authorization_expired: 'El enlace ha caducado',
    authorization_used: 'El enlace ya se ha utilizado',
    bad_request: 'No es posible continuar en esta página',
    credential_rejected: 'El inicio de sesión no está disponible por ahora',
    grant_not_usable: 'No se ha podido volver a conectar el buzón',
    integration_inactive: 'El inicio de sesión está desactivado',
    integration_not_configured: 'El inicio de sesión aún no está configurado',
    internal_error: 'Error interno',
    key_missing: 'Falta una clave de cifrado',
    not_found: 'Este enlace no funciona',
    protocol_not_granted: 'No se ha concedido acceso al correo',
    provider_unavailable: 'No es posible conectar con Microsoft en este momento',
    rate_limited: 'Demasiados intentos',
    sign_in_refused: 'Microsoft no ha completado el inicio de sesión',
    storage_unavailable: 'La base de datos no responde en este momento',
    tenant_not_allowed: 'Esta organización pertenece a otro cliente',
    wrong_browser: 'El inicio de sesión comenzó en otro navegador',
  },
  consent: {
    title: 'Conectar un buzón',
    asks: (product, mailbox, protocols) =>
      `${product} solicita permiso para ${list(verbs, protocols)} correo como ${mailbox}`,
    intro:
      'Va a iniciar sesión en Microsoft y a conceder acceso a un buzón. Continúe solo si sabe quién lo solicita.',
    requestedBy: 'Solicitado por',
    requester: (name, origin) => {
      const who = name === null ? 'Su administrador de Mailgrant' : `«${name}»`
      return origin === null ? who : `${who} en ${origin}`
    },
    customer: 'Cliente',
    mailbox: 'Buzón',
    signInAs: 'Iniciar sesión como',
    access: 'Permisos solicitados',
    rights: {
      imap: 'Leer, modificar y eliminar el correo de los buzones que usted puede abrir (IMAP)',
      smtp: 'Enviar correo en su nombre (SMTP)',
      graph_send: 'Enviar correo en su nombre (Microsoft Graph)',
    },
    keepsAccess: 'Conservar este acceso hasta que se revoque',
    submit: 'Ir a Microsoft',
    unexpected: '¿No esperaba esta solicitud? Cierre esta página y no ocurrirá nada.',
  },
  redirecting: {
    title: 'Redirección a Microsoft',
    text: 'Se le está redirigiendo al inicio de sesión de Microsoft.',
  },
  completed: {
    title: 'Sesión iniciada',
    granted: (account, protocols) =>
      `${account} ha concedido acceso para ${list(access, protocols)}.`,
    missing: (protocols) =>
      `Microsoft no ha concedido acceso para ${list(access, protocols)}. Es posible que su administrador de Microsoft 365 deba permitirlo.`,
    reconnected: 'El buzón vuelve a estar conectado.',
    sent: 'Ya ha terminado. La persona que le envió el enlace se encargará del resto.',
    save: 'Vuelva al formulario y guárdelo.',
    saveAs: (account) =>
      `Vuelva al formulario, indique ${account} como cuenta de inicio de sesión y guarde los cambios.`,
    unsaved: 'Un inicio de sesión que no se guarda se elimina al cabo de una hora.',
  },
  mismatch: {
    title: '¿Es esta la cuenta correcta?',
    expected: 'Cuenta esperada',
    either: (mailbox, delegate) => `${mailbox} o ${delegate}`,
    signedIn: 'Cuenta utilizada',
    discard: 'Descartarla',
    samePerson: 'Conservarla: otra dirección de la misma persona',
    shared: 'Conservarla: buzón compartido al que esta cuenta tiene acceso',
    nothingStored:
      'No se guarda nada a menos que conserve la cuenta. Si la descarta, empiece de nuevo: Microsoft le preguntará qué cuenta desea usar.',
  },
  adminConsent: {
    completed: {
      title: 'Consentimiento recibido',
      text: 'Microsoft informa de que usted ha permitido que la aplicación use el correo en toda su organización.',
      step: 'Pida a la persona que le envió el enlace que empiece de nuevo: ya se puede iniciar sesión. Si recibió dos enlaces, abra antes el otro.',
      note: 'Para revisar o revocar este permiso, abra la aplicación en el Centro de administración de Microsoft Entra, en «Aplicaciones empresariales».',
    },
    already_completed: {
      title: 'Ya está hecho',
      text: 'Ya se dio el consentimiento con este enlace. No hay nada más que hacer.',
    },
    refused: {
      title: 'Consentimiento no concedido',
      text: 'Microsoft informa de que no se ha permitido que la aplicación use el correo. No se ha cambiado nada.',
      step: 'Abra de nuevo el mismo enlace y acepte. Para ello se necesita un rol que pueda dar el consentimiento en nombre de la organización, como Administrador de aplicaciones en la nube. Si no lo tiene, envíe el enlace a un administrador que lo tenga.',
    },
  },
  whoActs: {
    user: 'Puede hacerlo usted o la persona que inicia sesión.',
    tenant_admin: 'Debe hacerlo su administrador de Microsoft 365.',
    app_owner: 'Debe hacerlo el responsable del registro de la aplicación.',
    operator: 'Debe hacerlo su administrador de Mailgrant.',
    microsoft: 'Solo Microsoft puede corregirlo.',
  },
  showThem: 'Muéstrele esta página:',
  sendLink:
    'Envíe este enlace a su administrador de Microsoft 365. Cuando lo haya aprobado, empiece de nuevo.',
  sendLinkIfAsked:
    'Si Microsoft ha pedido la aprobación de un administrador, envíe este enlace a su administrador de Microsoft 365 y empiece de nuevo cuando lo haya aprobado.',
  approval: 'Qué se pide aprobar al administrador (en inglés)',
  help: {
    title: '¿No puede continuar en Microsoft?',
    error:
      'Si Microsoft muestra un error, copie todo el texto de esa página y péguelo aquí. No se guarda nada.',
    submit: 'Explicar el error',
    unknown:
      'Este error no se conoce. Compruebe que ha copiado toda la página, también el número que empieza por AADSTS, que puede estar oculto en «Más detalles».',
    continueThere: 'El inicio de sesión continúa en la ventana de Microsoft.',
  },
  open: (host) => `Abrir ${host}`,
  whatIsWrong: 'Causa detallada (en inglés)',
  whatIsLikelyWrong: 'Causa probable (en inglés)',
  newLink:
    'Vuelva a la página de origen y empiece de nuevo. Si alguien le envió el enlace, pida uno nuevo.',
  askForNewLink: 'Si alguien le envió el enlace, pídale uno nuevo.',
  tellAndStartAgain: 'Avise a su administrador de Mailgrant y, después, empiece de nuevo.',
  waitAndStartAgain:
    'Espere unos minutos y, después, vuelva a la página de origen y empiece de nuevo.',
  details: {
    title: 'Detalles para el soporte técnico',
    label: 'Con estos datos, el soporte técnico puede encontrar este intento.',
    error: 'Error',
    correlationId: 'Id. de correlación',
    signIn: 'Inicio de sesión',
    requestId: 'Id. de solicitud',
    time: 'Hora',
  },
  sentences: {
    general: 'No se ha podido iniciar sesión. La causa, en inglés:',
    rejections: {
      authorization_expired:
        'El enlace no se abrió a tiempo o el inicio de sesión no se completó a tiempo. No se ha guardado nada.',
      authorization_overtaken:
        'Este inicio de sesión ya había terminado. Esta página no ha cambiado nada.',
      authorization_used:
        'Este inicio de sesión ya se ha utilizado. Si falta algo, vuelva a la página de origen y empiece de nuevo.',
      broken_form:
        'Este formulario está incompleto o no se envió desde una página de Mailgrant. Abra de nuevo el enlace.',
      callback_empty:
        'El resultado de un inicio de sesión se muestra una sola vez y sigue siendo válido. Si esta página no mostró ninguno, vuelva a la página de origen y empiece de nuevo.',
      callback_malformed:
        'Esta no es una respuesta válida de Microsoft. Vuelva a la página de origen y empiece de nuevo.',
      callback_unknown:
        'Este inicio de sesión es desconocido o se reinició después. Termínelo en la ventana más reciente, o vuelva a la página de origen y empiece de nuevo.',
      consent_link_expired: 'Este enlace ha caducado: era válido durante 14 días. Pida uno nuevo.',
      integration_inactive:
        'El inicio de sesión en Microsoft está desactivado. No se ha perdido ningún dato. Su administrador de Mailgrant puede volver a activarlo.',
      integration_not_configured:
        'Aún no se ha configurado un registro de aplicación para el inicio de sesión en Microsoft.',
      internal_error:
        'Empiece de nuevo. Si el problema continúa, avise a su administrador de Mailgrant.',
      key_missing:
        'No se ha perdido nada. Avise a su administrador de Mailgrant y, después, recargue esta página.',
      link_ended:
        'El remitente retiró este enlace, lo sustituyó por uno más reciente o ya no tiene acceso. No se ha cambiado nada.',
      link_outlived: 'Este enlace es demasiado antiguo para empezar otro inicio de sesión.',
      link_unknown:
        'Este enlace está incompleto o caducó hace tiempo. Pida uno nuevo a la persona que se lo envió.',
      signing_keys_unavailable:
        'No se han podido obtener las claves de firma de Microsoft, por lo que el inicio de sesión aún no ha terminado. No se ha perdido nada. Recargue esta página en un momento.',
      storage_unavailable: 'No se ha perdido nada. Recargue esta página en un momento.',
      too_often:
        'Hubo demasiadas solicitudes para este inicio de sesión. Espere un minuto y vuelva a intentarlo.',
      wrong_browser:
        'Este inicio de sesión no comenzó en este navegador o se reinició después. Vuelva a la página de origen y empiece de nuevo en este navegador.',
    },
    failures: {
      credential_rejected:
        'Microsoft rechaza las credenciales de la aplicación. Su administrador de Mailgrant debe renovarlas.',
      grant_not_usable:
        'El buzón se modificó o se desconectó entretanto. No se ha guardado nada. Empiece de nuevo.',
      protocol_not_granted:
        'Microsoft no ha concedido todos los permisos solicitados. No se ha cambiado nada. Es posible que su administrador de Microsoft 365 deba dar su consentimiento.',
      provider_unavailable:
        'El servicio de inicio de sesión de Microsoft no ha respondido como se esperaba.',
      sign_in_refused:
        'El registro de la aplicación se modificó durante el inicio de sesión. Empiece de nuevo.',
      storage_unavailable:
        'El inicio de sesión se completó, pero la base de datos no confirmó que el resultado se guardara. Vuelva a la página de origen. Si el buzón no aparece allí como conectado, empiece de nuevo dentro de unos minutos.',
      tenant_not_allowed:
        'Su organización ya tiene buzones aquí con otro cliente. No se ha guardado nada. Quien le envió el enlace debe ponerse en contacto con su administrador de Mailgrant.',
    },
    discarded: (signedInAs, expected) =>
      `Se ha iniciado sesión como ${signedInAs}, pero se esperaba ${expected}. No se ha guardado nada. Empiece de nuevo e inicie sesión con la cuenta esperada.`,
    appFault:
      'La aplicación o Mailgrant no está bien configurado, por lo que no se puede iniciar sesión.',
    causes: {
      'account-mismatch': 'No se ha iniciado sesión con la cuenta esperada.',
      'account-type-not-allowed': 'La aplicación no admite este tipo de cuenta.',
      'admin-consent-required':
        'Solo su administrador de Microsoft 365 puede autorizar esta aplicación.',
      'code-exchange-problem': 'Este inicio de sesión ya no es válido.',
      'conditional-access-block':
        'Una directiva de acceso condicional de su organización bloquea el inicio de sesión.',
      'guest-or-external-user':
        'La cuenta con la que se ha iniciado sesión pertenece a otra organización.',
      'identity-not-proven': 'La respuesta de Microsoft no demuestra quién ha iniciado sesión.',
      'mfa-or-interaction-required': 'Microsoft exige un paso más para iniciar sesión.',
      'refresh-token-missing': 'Microsoft no ha concedido un acceso duradero.',
      'resource-not-in-tenant': 'Exchange Online no está disponible en su organización.',
      'resource-permission-misdeclared':
        'Falta un permiso en el registro de la aplicación o está mal declarado.',
      'tenant-restrictions': 'La red o una directiva no permite el acceso a esta organización.',
      'tenant-unavailable': 'Microsoft ha bloqueado la organización, o esta ya no existe.',
      'user-consent-missing': 'No se han aceptado los permisos solicitados.',
      'user-not-assigned': 'Esta cuenta no está asignada a la aplicación.',
      'user-sign-in-refused':
        'Microsoft ha rechazado la cuenta o su contraseña, o la cuenta está bloqueada.',
    },
    steps: {
      'account-mismatch':
        'Empiece de nuevo y elija la cuenta correcta en la página de Microsoft. Una ventana privada puede ayudar.',
      'account-type-not-allowed':
        'Inicie sesión con una cuenta de su organización y no con una personal, o viceversa.',
      'code-exchange-problem':
        'Empiece un nuevo inicio de sesión y complételo en una sola ventana, sin retroceder ni recargar la página.',
      'guest-or-external-user':
        'Inicie sesión con una cuenta de la organización a la que pertenece el buzón. Antes, cierre la sesión de las demás cuentas o use una ventana privada.',
      'mfa-or-interaction-required':
        'Empiece de nuevo y complete el paso adicional, por ejemplo, la autenticación multifactor.',
      'resource-permission-misdeclared':
        'Empiece de nuevo. Los permisos de la aplicación cambiaron durante el inicio de sesión.',
      'user-consent-missing':
        'Inicie sesión de nuevo y acepte los permisos en la página de Microsoft.',
      'user-sign-in-refused':
        'Inicie sesión en Outlook en la Web con la misma cuenta para ver cuál es el problema.',
    },
  },
}
