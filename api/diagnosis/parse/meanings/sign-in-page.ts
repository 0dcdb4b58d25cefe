/** Meanings of sentences of Microsoft's sign-in pages, pasted by people or returned in a URL. */
import { CONSENT_DECLINED, CONSENT_MISSING } from '../../catalogue/numbers.ts'
import { anyEntraNumber, entraNumber } from './entra-numbers.ts'
import { meaningsOf } from './meaning.ts'

const row = <Name extends string>(name: Name, patterns: readonly RegExp[]) =>
  meaningsOf('sign_in_page')(name, { stage: 'authorize', anyStage: ['callback'] }, patterns)

/** The same sentences in other languages, matched by stems because articles and word order vary. */
export const signInPageMeanings = [
  row('entra-number', [anyEntraNumber]),
  row('sent-back', [/(?:[?&# ]|^)error=(?!state_|nonce_|csrf_|session_)[a-z_]{5,40}\b/]),
  row('sign-in-trouble', [
    /\btrouble signing you in\b|\bcouldn't sign you in\b/,
    /\bsign-?in error code\b|\btroubleshooting details\b/,
    /\bwir k\u00f6nnen sie nicht anmelden/,
    /\bdifficult\u00e9s pour vous connecter/,
    /\bproblemas para (?:iniciar su sesi\u00f3n|conectar voc\u00ea)/,
    /\bproblema durante l'accesso\b/,
    /\u30b5\u30a4\u30f3\u30a4\u30f3\u4e2d\u306b\u554f\u984c/,
  ]),
  row('consent-missing', [
    entraNumber(CONSENT_MISSING, CONSENT_DECLINED),
    /(?<![a-z])(?:access_denied|accessdeniederror)(?![a-z])/,
    /(?<![a-z])consent_required(?![a-z])/,
    /\buser (?:has )?(?:declined|denied)\b|\bresource owner or authorization server denied/,
    /\buser consent\b.{0,30}\bneeded\b/,
    /\bhas not consented to use the application\b/,
  ]),
  row('admin-consent-missing', [
    entraNumber(90093, 90094, 90095),
    /\b(?:needs?|requires?|needed|required)\b.{0,30}\badmin(?:istrator)?(?:'s)? (?:approval|consent)/,
    /\badmin(?:istrator)?(?:'s)? (?:approval|consent)\b.{0,20}\b(?:needed|required)\b/,
    /\bonly an admin(?:istrator)? can grant\b|\bask an admin(?:istrator)? to grant permission/,
    /\badmin(?:istrator)? must approve\b|\bapproval required\b/,
    // German: Administratorgenehmigung erforderlich; Berechtigungen, die nur ein Administrator erteilen kann.
    /\badministrator(?:genehmigung|zustimmung)\b|\bgenehmigung (?:durch|des|eines|vom) (?:\w{3,5} )?administrator/,
    /\bnur ein administrator erteilen kann/,
    /\bapprobation (?:de l'|d'un )?administrateur\b|\bseul un administrateur peut accorder/,
    /\baprobaci\u00f3n del? (?:un )?administrador\b|\bsolo un administrador puede conceder/,
    /\bapprovazione (?:dell'|di un |da parte dell')?amministratore\b|\bsolo un amministratore pu\u00f2 concedere/,
    /\baprova\u00e7\u00e3o d[eo] (?:um )?administrador\b|\bsomente um administrador pode conceder/,
    /\bgoedkeuring van (?:de |een )?beheerder\b|\balleen een beheerder kan verlenen/,
    /\bzatwierdzenie przez administratora\b|\budzieli\u0107 tylko administrator/,
    // Swedish, Russian, Japanese, Chinese
    /\bgodk\u00e4nnande av administrat\u00f6r|\u043e\u0434\u043e\u0431\u0440\u0435\u043d\u0438\u0435 \u0430\u0434\u043c\u0438\u043d/,
    /\u7ba1\u7406\u8005\u306e\u627f\u8a8d|\u4ed8\u4e0e\u3067\u304d\u308b\u306e\u306f\u7ba1\u7406\u8005|\u7ba1\u7406\u5458(?:\u6279\u51c6|\u5ba1\u6279)/,
  ]),
  row('redirect-mismatch', [
    entraNumber(50011),
    /\b(?:redirect uri|reply (?:url|address))\b.{0,300}\bdoes not match\b/,
    /\bparameter 'redirect_uri' is not valid\b/,
    /\bantwort(?:-url|adresse)\b.{0,120}\bstimmt nicht mit\b|\bumleitungs-uri\b.{0,120}\bstimmt nicht mit\b/,
    /\b(?:url de r\u00e9ponse|uri de redirection)\b.{0,120}\bne correspond pas\b/,
    /\b(?:url de respuesta|uri de redireccionamiento)\b.{0,120}\bno coincide\b/,
    /\b(?:url|indirizzo) di risposta\b.{0,160}\bnon corrisponde\b|\buri di reindirizzamento\b.{0,120}\bnon corrisponde\b/,
    /\u5fdc\u7b54 url.{0,80}\u4e00\u81f4\u3057\u307e\u305b\u3093/,
  ]),
  row('account-not-in-tenant', [
    /\baccount\b.{0,160}\bdoes not exist in (?:the )?tenant\b/,
    /\bbenutzerkonto ist im mandanten\b.{0,120}\bnicht vorhanden\b/,
    /\bcompte d'utilisateur\b.{0,30}\bn'existe pas dans le (?:client|locataire)/,
    /\bcuenta de usuario\b.{0,30}\bno existe en el inquilino\b/,
    /\baccount utente\b.{0,30}\bnon esiste nel tenant\b/,
    /\u30a2\u30ab\u30a6\u30f3\u30c8\u306f\u30c6\u30ca\u30f3\u30c8.{0,120}\u5b58\u5728\u3057\u306a\u3044/,
  ]),
  row('account-type-refused', [
    /\bcan't sign in here with a (?:personal|work)/,
    /\bnot enabled for consumers\b|\buseraudience\b|\bnot supported over the \/(?:common|consumers)/,
    /\bconfigured for use by \w{5,12}(?: \w{5,12}){0,3} users only\b/,
    /\bhier nicht mit einem pers\u00f6nlichen konto anmelden/,
    /\bconnecter ici avec un compte personnel/,
    /\biniciar sesi\u00f3n aqu\u00ed con una cuenta personal/,
    /\baccedere qui con un account personale/,
    /\u500b\u4eba\u7528\u30a2\u30ab\u30a6\u30f3\u30c8\u3092\u4f7f\u3063\u3066\u3053\u3053\u306b\u30b5\u30a4\u30f3\u30a4\u30f3/,
  ]),
  row('app-unknown', [
    /\bapplication with identifier\b.{0,90}\bnot found in the directory/,
    /\bnot configured as a multi-tenant application\b/,
  ]),
  row('password-refused', [
    entraNumber(50126),
    /\baccount or password is incorrect\b|\bcouldn't find an account with that\b/,
    /\bkonto oder kennwort ist (?:falsch|nicht korrekt)/,
    /\bcompte ou mot de passe est incorrect/,
    /\bcuenta o contrase\u00f1a no es correcta/,
    /\baccount o la password non sono corretti/,
    /\bconta ou senha est\u00e1 incorreta/,
    /\u30a2\u30ab\u30a6\u30f3\u30c8\u307e\u305f\u306f\u30d1\u30b9\u30ef\u30fc\u30c9\u304c\u6b63\u3057\u304f/,
  ]),
  row('interaction-required', [
    /\borgani[sz]ation needs more information to keep your account secure/,
    /\bmore information (?:is )?(?:required|needed)\b|\bhelp us protect your account\b/,
  ]),
  row('access-criteria-unmet', [
    /\b(?:does not|doesn't) meet the criteria to access this\b/,
    /\bcan't get there from here\b|\bcannot access this right now\b|\bset tenant restrictions\b/,
    /\baccess is blocked by (?:the|your) organi[sz]ation/,
    /\bnicht die kriterien f\u00fcr den zugriff auf diese/,
    /\bne remplit pas les crit\u00e8res d'acc\u00e8s/,
    /\bno cumple los criterios para acceder/,
    /\bnon soddisfa i criteri per accedere/,
    /\u30a2\u30af\u30bb\u30b9\u6761\u4ef6\u3092\u6e80\u305f\u3057\u3066\u3044\u307e\u305b\u3093|\u30a2\u30af\u30bb\u30b9\u3092\u8981\u6c42\u3057\u3066\u3044\u308b\u30c7\u30d0\u30a4\u30b9/,
  ]),
]
