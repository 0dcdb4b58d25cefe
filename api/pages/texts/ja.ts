import type { Protocol } from '../../../schema/mail-servers.ts'
import type { Texts } from './en.ts'

const verbs: Record<Protocol, string> = { imap: '読み取り', smtp: '送信', graph_send: '送信' }
const access: Record<Protocol, string> = {
  imap: 'メールの読み取り (IMAP)',
  smtp: 'メールの送信 (SMTP)',
  graph_send: 'メールの送信 (Microsoft Graph)',
}

const list = (words: Record<Protocol, string>, protocols: readonly Protocol[]) =>
  [...new Set(protocols.map((protocol) => words[protocol]))].join('と')

export const ja: Texts = {
  lang: 'ja',
  byMailgrant: 'Mailgrant を使用',
  continue: '続ける',
  goBack: '戻る',
  tryAgain: 'もう一度試す',
  closeWindow: 'このウィンドウは閉じてかまいません。',
  nextStep: '次の手順',
  copyLink: 'リンクをコピー',
  copyDetails: '情報をコピー',
  copyAddress: 'アドレスをコピー',
  copied: 'コピーしました',
  titles: {
    account_mismatch: '別のアカウントでサインインされました',
    authorization_ended: 'このリンクは使用できなくなりました',
    authorization_expired: 'リンクの有効期限が切れています',
    authorization_used: 'このリンクは使用済みです',
    bad_request: 'このページでは続行できません',
    credential_rejected: '現在サインインできません',
    grant_not_usable: 'メールボックスを再接続できませんでした',
    integration_inactive: 'サインインは無効になっています',
    integration_not_configured: 'サインインはまだ設定されていません',
    internal_error: '内部エラー',
    key_missing: '暗号化キーが見つかりません',
    not_found: 'このリンクは使用できません',
    protocol_not_granted: 'メールへのアクセスが許可されませんでした',
    provider_unavailable: '現在 Microsoft に接続できません',
    rate_limited: '試行回数が多すぎます',
    sign_in_refused: 'Microsoft でのサインインが完了しませんでした',
    storage_unavailable: '現在データベースに接続できません',
    tenant_not_allowed: 'この組織は別の顧客に属しています',
    wrong_browser: 'サインインは別のブラウザーで開始されました',
  },
  consent: {
    title: 'メールボックスの接続',
    asks: (product, mailbox, protocols) =>
      `${product} が ${mailbox} のアカウントでメールの${list(verbs, protocols)}を行う許可を求めています`,
    intro:
      'これから Microsoft にサインインし、メールボックスへのアクセスを許可します。要求元に心当たりがある場合にのみ続行してください。',
    requestedBy: '要求元',
    requester: (name, origin) => {
      const who = name === null ? 'Mailgrant の管理者' : `「${name}」`
      return origin === null ? who : `${who} (${origin})`
    },
    customer: '顧客',
    mailbox: 'メールボックス',
    signInAs: 'サインインするアカウント',
    access: '許可される操作',
    rights: {
      imap: 'アクセスできるメールボックスのメールを閲覧、変更、削除する (IMAP)',
      smtp: 'あなたに代わってメールを送信する (SMTP)',
      graph_send: 'あなたに代わってメールを送信する (Microsoft Graph)',
    },
    keepsAccess: '取り消されるまで、このアクセスを維持する',
    submit: 'Microsoft に進む',
    unexpected: '心当たりがない場合は、このページを閉じてください。何も変更されません。',
  },
  redirecting: {
    title: 'Microsoft に移動しています',
    text: 'Microsoft のサインイン ページに移動します。',
  },
  completed: {
    title: 'サインインしました',
    granted: (account, protocols) => `${account} が${list(access, protocols)}を許可しました。`,
    missing: (protocols) =>
      `${list(access, protocols)}は Microsoft に許可されませんでした。Microsoft 365 の管理者による許可が必要な場合があります。`,
    reconnected: 'メールボックスが再び接続されました。',
    sent: 'これで完了です。接続の残りの手順は、リンクの送信者が行います。',
    save: 'フォームに戻って保存してください。',
    saveAs: (account) =>
      `フォームに戻り、サインインするアカウントとして ${account} を入力し、保存してください。`,
    unsaved: '保存されていないサインインは 1 時間後に削除されます。',
  },
  mismatch: {
    title: 'このアカウントでよろしいですか?',
    expected: '想定されるアカウント',
    either: (mailbox, delegate) => `${mailbox} または ${delegate}`,
    signedIn: 'サインインしたアカウント',
    discard: '使用しない',
    samePerson: '使用する: 同じ人の別のアドレス',
    shared: '使用する: このアカウントでアクセスできる共有メールボックス',
    nothingStored:
      '「使用する」を選ぶまで、何も保存されません。使用しない場合は、最初からやり直してください。Microsoft のページでアカウントを選択できます。',
  },
  adminConsent: {
    completed: {
      title: '同意を受け付けました',
      text: '組織全体でのメールの利用がこのアプリに許可されたと、Microsoft から通知がありました。',
      step: 'リンクの送信者に、最初からやり直すよう伝えてください。サインインできるようになりました。リンクが 2 つ届いている場合は、先にもう一方も開いてください。',
      note: '同意の確認や取り消しは、Microsoft Entra 管理センターの「エンタープライズ アプリ」でアプリを開いて行えます。',
    },
    already_completed: {
      title: '完了済みです',
      text: 'このリンクではすでに同意済みです。ほかに必要な操作はありません。',
    },
    refused: {
      title: '同意されませんでした',
      text: 'このアプリにメールの利用が許可されなかったと、Microsoft から通知がありました。何も変更されていません。',
      step: '同じリンクをもう一度開き、承諾してください。クラウド アプリケーション管理者など、組織を代表して同意できるロールが必要です。ロールがない場合は、そのロールを持つ管理者にリンクを送ってください。',
    },
  },
  whoActs: {
    user: 'あなた、またはサインインする方が対応できます。',
    tenant_admin: 'Microsoft 365 の管理者による対応が必要です。',
    app_owner: 'アプリの登録の所有者による対応が必要です。',
    operator: 'Mailgrant の管理者による対応が必要です。',
    microsoft: 'Microsoft による対応が必要です。',
  },
  showThem: 'このページを見せてください:',
  sendLink:
    'このリンクを Microsoft 365 の管理者に送ってください。完了したら、最初からやり直してください。',
  sendLinkIfAsked:
    'Microsoft のページで管理者の承認を求められた場合は、このリンクを Microsoft 365 の管理者に送り、承認後に最初からやり直してください。',
  approval: '管理者に承認を求める内容 (英語)',
  help: {
    title: 'Microsoft のページで先に進めませんか?',
    error:
      'Microsoft のページにエラーが表示された場合は、そのページの文字をすべてコピーして、ここに貼り付けてください。内容は保存されません。',
    submit: 'エラーの説明を見る',
    unknown:
      'このエラーについての情報はありません。「詳細」に隠れていることがある AADSTS で始まる番号も含めて、ページ全体をコピーしたか確認してください。',
    continueThere: 'サインインは Microsoft のウィンドウで続けてください。',
  },
  open: (host) => `${host} を開く`,
  whatIsWrong: '詳しい原因 (英語)',
  whatIsLikelyWrong: '考えられる原因 (英語)',
  newLink:
    '元のページに戻って、最初からやり直してください。リンクを受け取った場合は、新しいリンクを依頼してください。',
  askForNewLink: 'リンクを受け取った場合は、送信者に新しいリンクを依頼してください。',
  tellAndStartAgain: 'Mailgrant の管理者に連絡し、その後最初からやり直してください。',
  waitAndStartAgain: '数分待ってから元のページに戻り、最初からやり直してください。',
  details: {
    title: 'サポート用の情報',
    label: 'サポートがこの操作を特定するための情報です。',
    error: 'エラー',
    correlationId: '関連付け ID',
    signIn: 'サインイン',
    requestId: '要求 ID',
    time: '日時',
  },
  sentences: {
    general: 'サインインできませんでした。原因 (英語):',
    rejections: {
      authorization_expired:
        'リンクが時間内に開かれなかったか、サインインが時間内に完了しませんでした。何も保存されていません。',
      authorization_overtaken:
        'このサインインはすでに終了しています。このページでは何も変更されていません。',
      authorization_used:
        'このサインインは使用済みです。結果が反映されていない場合は、元のページに戻って、最初からやり直してください。',
      broken_form:
        'フォームの内容が不完全であるか、Mailgrant のページから送信されたものではありません。もう一度リンクを開いてください。',
      callback_empty:
        'サインインの結果は一度だけ表示され、その後も有効です。結果が表示されなかった場合は、元のページに戻って、最初からやり直してください。',
      callback_malformed:
        'Microsoft からの有効な応答ではありません。元のページに戻って、最初からやり直してください。',
      callback_unknown:
        'このサインインは不明であるか、その後新たに開始されています。最新のウィンドウで完了するか、元のページに戻って、最初からやり直してください。',
      consent_link_expired:
        'このリンクは有効期限 (14 日間) が切れています。新しいリンクを依頼してください。',
      integration_inactive:
        'Microsoft へのサインインは無効になっています。データは失われていません。Mailgrant の管理者が再び有効にできます。',
      integration_not_configured:
        'Microsoft へのサインインに必要なアプリの登録が、まだ設定されていません。',
      internal_error:
        '最初からやり直してください。問題が解決しない場合は、Mailgrant の管理者に連絡してください。',
      key_missing:
        'データは失われていません。Mailgrant の管理者に連絡し、その後このページを再読み込みしてください。',
      link_ended:
        '送信者がリンクを取り消したか、新しいリンクを送信したか、アクセス権を失いました。何も変更されていません。',
      link_outlived: 'このリンクは古いため、新しいサインインを開始できません。',
      link_unknown:
        'リンクが不完全であるか、有効期限が切れてから長い時間が経っています。送信者に新しいリンクを依頼してください。',
      signing_keys_unavailable:
        'Microsoft の署名キーを取得できなかったため、サインインはまだ完了していません。データは失われていません。しばらくしてから、このページを再読み込みしてください。',
      storage_unavailable:
        'データは失われていません。しばらくしてから、このページを再読み込みしてください。',
      too_often: 'このサインインへの要求が多すぎます。1 分待ってから、もう一度お試しください。',
      wrong_browser:
        'このサインインは、このブラウザーで開始されていないか、その後新たに開始されています。元のページに戻り、このブラウザーで最初からやり直してください。',
    },
    failures: {
      credential_rejected:
        'アプリの資格情報が Microsoft に拒否されました。Mailgrant の管理者による更新が必要です。',
      grant_not_usable:
        'メールボックスの設定が途中で変更されたか、接続が解除されました。何も保存されていません。最初からやり直してください。',
      protocol_not_granted:
        '要求されたメールのアクセス許可の一部が、Microsoft に許可されませんでした。何も変更されていません。Microsoft 365 の管理者の同意が必要な場合があります。',
      provider_unavailable: 'Microsoft のサインイン サービスから正常な応答がありませんでした。',
      sign_in_refused:
        'サインインの途中でアプリの登録が変更されました。最初からやり直してください。',
      storage_unavailable:
        'サインインは成功しましたが、結果が保存されたことをデータベースで確認できませんでした。元のページに戻り、メールボックスが接続済みになっていない場合は、数分後に最初からやり直してください。',
      tenant_not_allowed:
        '所属組織のメールボックスは、すでに別の顧客に登録されています。何も保存されていません。リンクの送信者は Mailgrant の管理者に問い合わせる必要があります。',
    },
    discarded: (signedInAs, expected) =>
      `${expected} ではなく ${signedInAs} でサインインされました。何も保存されていません。最初からやり直し、想定されるアカウントでサインインしてください。`,
    appFault: 'アプリまたは Mailgrant が正しく設定されていないため、サインインできません。',
    causes: {
      'account-mismatch': '想定とは異なるアカウントでサインインされました。',
      'account-type-not-allowed': 'このアプリでは、この種類のアカウントは使用できません。',
      'admin-consent-required': 'このアプリに同意できるのは、Microsoft 365 の管理者だけです。',
      'code-exchange-problem': 'このサインインは無効になりました。',
      'conditional-access-block':
        '組織の条件付きアクセス ポリシーにより、サインインがブロックされました。',
      'guest-or-external-user': 'サインインしたアカウントは、別の組織に属しています。',
      'identity-not-proven':
        'Microsoft の応答からは、サインインしたユーザーを確認できませんでした。',
      'mfa-or-interaction-required': 'Microsoft により、追加のサインイン手順が求められています。',
      'refresh-token-missing': 'Microsoft により、継続的なアクセスが許可されませんでした。',
      'resource-not-in-tenant': '組織で Exchange Online を利用できません。',
      'resource-permission-misdeclared':
        'アプリの登録にアクセス許可がないか、正しく設定されていません。',
      'tenant-restrictions':
        'ネットワークまたはポリシーにより、この組織へのアクセスが許可されていません。',
      'tenant-unavailable': '組織が Microsoft によってブロックされているか、存在しません。',
      'user-consent-missing': '要求されたアクセス許可への同意がありません。',
      'user-not-assigned': 'このアカウントは、アプリに割り当てられていません。',
      'user-sign-in-refused':
        'アカウントまたはパスワードが Microsoft に拒否されたか、アカウントがロックされています。',
    },
    steps: {
      'account-mismatch':
        '最初からやり直し、Microsoft のページで正しいアカウントを選択してください。プライベート ウィンドウの使用も有効です。',
      'account-type-not-allowed':
        '個人用アカウントではなく組織のアカウントで (または組織のアカウントではなく個人用アカウントで) サインインしてください。',
      'code-exchange-problem':
        '新しくサインインを開始し、前のページに戻ったり再読み込みしたりせずに、1 つのウィンドウで完了してください。',
      'guest-or-external-user':
        'メールボックスのある組織のアカウントでサインインしてください。先にほかのアカウントからサインアウトするか、プライベート ウィンドウを使用してください。',
      'mfa-or-interaction-required':
        '最初からやり直し、多要素認証などの追加の手順を完了してください。',
      'resource-permission-misdeclared':
        'サインインの途中でアプリのアクセス許可が変更されました。最初からやり直してください。',
      'user-consent-missing':
        'もう一度サインインし、Microsoft のページでアクセス許可を承諾してください。',
      'user-sign-in-refused':
        '同じアカウントで Outlook on the web にサインインし、問題を確認してください。',
    },
  },
}
