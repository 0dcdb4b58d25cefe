/** Meanings of errors of Windows, .NET, libc and Thunderbird in languages other than English. */
import { meaningsOf } from './meaning.ts'

const system = meaningsOf('system')
const summary = meaningsOf('summary')
const tls = meaningsOf('tls')

export const translatedMeanings = [
  system('connection-timeout', 'connect', [
    // German, Dutch, Swedish
    /zeitüberschreitung|zeitspanne nicht|wartezeit für die verbindung|verbindungsversuch ist fehlgeschlagen|verbindingspoging is mislukt|verbinding is verlopen|förbindelsens tidsgräns/,
    // French, Spanish, Italian, Portuguese
    /tentative de connexion a échoué|délai (?:d'attente|(?:de connexion )?dépassé)|intento de conexión ya que|expiró el tiempo|connessione scaduta|mancata risposta dall'host/,
    /tentativa de (?:conexão|ligação) falhou|tempo esgotado|ligação expirada/,
    // Polish, Czech, Russian, Turkish, Japanese, Chinese
    /próba połączenia nie powiodła|przekroczon[yo].{0,20}czas|příliš dlouho neaktivní|время ожидания|zaman aşımı/,
    /一定の時間を過ぎても|タイムアウト|超时/,
  ]),
  system('connection-refused', 'connect', [
    /verbindung.{0,60}(?:verweiger|abgelehnt)|verbindungsaufbau (?:abgelehnt|mit .{1,80} fehlgeschlagen)|verbinding.{0,60}geweigerd|förbindelsen (?:förvägrad|nekad)/,
    /connexion (?:a été )?refusée|expressément refusée|conexión (?:rehusada|rechazada)|denegó expresamente|connessione rifiutata|rifiuto persistente/,
    /(?:conexão|ligação) recusada|as recusou/,
    /połączenie odrzucone|aktywnie go odmawia|spojení odmítnuto|соединении отказано|bağlantı reddedildi/,
    /接続(?:を|が)拒否|によって拒否されたため|连接被拒绝/,
  ]),
  system('connection-reset', { stage: null, anyStage: true }, [
    /verbindung (?:wurde )?(?:vom|softwaregesteuert).{0,60}(?:geschlossen|zurückgesetzt|abgebrochen)|verbinding is (?:geforceerd gesloten|weggevallen|verbroken)|förbindelse borttagen/,
    /connexion existante a dû être fermée|connexion (?:ré-?initialisée|établie a été abandonnée)|interrupción de una conexión existente|anulado una conexión establecida|conexión (?:re)?inicializada/,
    /connessione (?:in corso )?interrotta|cancelamento de uma conexão existente|(?:conexão|ligação) (?:fechada pela|reposta pelo|reiniciada)/,
    /połączenie (?:zostało gwałtownie zamknięte|zerwane)|spojení zrušeno|соединение разорвано|bağlantı karşıdan kesildi/,
    /強制的に切断|リセットされました|によって中止されました|连接被对方重置/,
  ]),
  system('connection-closed', { stage: null, anyStage: true, consequence: true }, [
    /gebroken pijp|brutet rör|relais brisé|tubería rota|pipe interrotta|pipe quebrado|túnel quebrado/,
    /przerwany potok|roura přerušena|обрыв канала|断开的管道/,
  ]),
  system('no-route', 'connect', [
    /keine route zum|netzwerk ist nicht erreichbar|host war bei einem socketvorgang nicht erreichbar|socketvorgang war das netzwerk inaktiv|rechner ist nicht aktiv|geen route naar|netwerk is onbereikbaar|host is inactief|ingen väg till värd|nätverket kan inte nås|värddator är nere/,
    /aucun chemin d'accès pour atteindre|réseau n'est pas accessible|hôte cible est arrêté|ninguna ruta hasta|red es inaccesible|no está operativo|nessun instradamento|rete non è raggiungibile|l'host non è attivo/,
    /sem caminho para o anfitrião|rede (?:inacessível|está fora de alcance)|anfitrião está em baixo|não há rota para|host está desligado/,
    /brak trasy do|sieć jest niedostępna|urządzenie jest wyłączone|neexistuje cesta|síť není dostupná|počítač není v provozu|нет маршрута|сеть недоступна|узел выключен|ağ üzerinden yol yok|ağ erişilebilir durumda değil|makina çökük/,
    /への経路がありません|ネットワークに届きません|ホストが落ちています|没有到主机的路由|网络不可达|主机已关闭/,
  ]),
  system('local-permission', 'connect', [
    /zugriff auf einen socket war|tentative d'accès à un socket|acceso a un socket no permitido|accesso al socket con modalità|ソケットにアクセスしようとしました/,
  ]),
  system('name-not-found', 'dns', [
    /kein(?:e)? solcher? host|(?:name|dienst|host|server)(?:name)? .{0,30}(?:nicht (?:bekannt|aufgelöst|gefunden)|unbekannt)|hostnamen gehört keine adresse|naam of dienst is niet bekend|hostnaam is geen adres|namn eller tjänst okänd|ingen adress associerad/,
    /hôte inconnu|nom distant n'a pas pu|nom ou service inconnu|adresse associée avec le nom|resolver el nombre remoto|nombre o servicio desconocido|dirección asociada al nombre|risolvere il nome remoto|nome o servizio sconosciuto|indirizzo associato al nome/,
    /host não é conhecido|nome remoto não pôde|nome ou serviço desconhecido|endereço associado (?:ao|com o) nome/,
    /nazwa lub usługa jest nieznana|adresu związanego z nazwą|neznámé jméno nebo služba|nemá přiřazenu adresu|неизвестное имя или служба|с именем узла не связано|servis bilinmiyor|ismiyle ilişkili adres yok/,
    /ホストは不明|名を解決できません|名前またはサービスが不明|ホスト名にアドレスが|名称或服务未知|没有与主机名关联/,
  ]),
  system('name-lookup-temporary', 'dns', [
    /fehler bei der namensauflösung|tijdelijk probleem in naamsherleiding|namnuppslagning misslyckades|échec temporaire dans la résolution|fallo temporal en la resolución|errore temporaneo nella risoluzione|falha temporári[ao] na resolução/,
    /odwzorowanie nazwy jest chwilowo|chyba při vyhodnocování jména|сбой в разрешении имен|çözünürlüğünde geçici|名前解決に一時的に失敗|域名解析出现暂时/,
  ]),
  summary('connect-failed', 'connect', [
    /verbindung (?:mit|zu|zum) .{1,80}(?:kann|konnte) nicht hergestellt|impossible de se connecter|no es posible conectar|impossibile (?:effettuare|stabilire) la connessione|impossível conectar|リモート サーバーに接続できません/,
  ]),
  tls('certificate-untrusted', 'tls', [
    /zertifi[kh]at.{0,60}(?:ungültig|nicht (?:vertrauen|gültig|überprüft))|certificat.{0,40}(?:n'est pas (?:valide|approuvé)|non valide)|certificado.{0,40}(?:no es (?:válido|de confianza)|é inválido|não é (?:válido|confiável))|certificato.{0,60}(?:non (?:è stato ritenuto )?(?:valido|attendibile))/,
    /証明書は無効/,
  ]),
  tls('handshake-failed', 'tls', [
    /fehler bei (?:einem |dem )?sspi-aufruf|sspi への呼び出しに失敗/,
    /tls-fehler|erreur tls/,
  ]),
  tls('tls-closed', 'tls', [/transportstream geschlossen/]),
]
