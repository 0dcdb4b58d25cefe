import { describe, expect, it } from 'vitest'
import { clean } from '../../../../api/diagnosis/parse/clean.ts'
import { readSource } from '../../../../api/diagnosis/parse/source.ts'

const read = (text: string) => {
  const { source, stage } = readSource(clean(text))
  return { source, stage }
}

describe('the source', () => {
  it('is nobody in a text without any meaning', () => {
    expect(read('Good morning, the weather is fine.')).toEqual({ source: null, stage: null })
    expect(read('')).toEqual({ source: null, stage: null })
  })

  it('is the innermost of nested exceptions', () => {
    const refused =
      'System.Net.Http.HttpRequestException: The SSL connection could not be established, see inner exception.\n ---> System.Net.Sockets.SocketException (111): Connection refused'
    const untrusted =
      'javax.mail.MessagingException: Could not connect to SMTP host: smtp.office365.com;\n  nested exception is:\n\tjavax.net.ssl.SSLHandshakeException: PKIX path building failed'
    const unknownHost =
      'org.springframework.mail.MailSendException: Mail server connection failed.\nCaused by: java.net.UnknownHostException: smtp.ofice365.com'
    expect(read(refused)).toEqual({ source: 'system', stage: 'connect' })
    expect(read(untrusted)).toEqual({ source: 'tls', stage: 'tls' })
    expect(read(unknownHost)).toEqual({ source: 'system', stage: 'dns' })
  })

  it('is the server that a program quotes, not the program', () => {
    const quoted =
      'SMTP Error: Could not authenticate. SMTP server error: 535 5.7.3 Authentication unsuccessful [FR0P281CA0140.DEUP281.PROD.OUTLOOK.COM]'
    expect(read(quoted)).toEqual({ source: 'mail_server', stage: 'auth' })
  })

  it('is the token endpoint if the login failed for want of a token', () => {
    const log =
      "Could not get an access token: invalid_grant: AADSTS700082: The refresh token has expired due to inactivity.\nCan't log in to outlook.office365.com"
    expect(read(log).source).toBe('token_endpoint')
  })

  it('is a program that offers a reason before a library that only reports the end', () => {
    const log = 'No compatible authentication mechanisms found.\nConnection closed by remote host'
    expect(read(log)).toEqual({ source: 'program', stage: 'auth' })
  })

  it('is never the summary if there is any other source', () => {
    expect(read('Login failed').source).toBe('summary')
    expect(read('Login failed: no password configured').source).toBe('program')
    expect(read('Connection refused. Login failed').source).toBe('system')
  })

  it('is the one whose words cover those of another', () => {
    const error = 'Error 12: an SSL error, so a secure connection to the server cannot be made'
    expect(read(error)).toEqual({ source: 'tls', stage: 'tls' })
  })

  it('is the mail server that refuses an old version of TLS', () => {
    const replies = [
      '421 4.7.66 Upgrade needed',
      'said: TLS 1.0 and TLS 1.1 are no longer supported',
    ]
    for (const reply of replies) expect(read(reply).source).toBe('mail_server')
  })

  it('is not the token endpoint for a status of the web services of Exchange', () => {
    const status = 'failed: returned status code 502'
    expect(read(`https://login.microsoftonline.com/common/oauth2/token ${status}`).source).toBe(
      'token_endpoint',
    )
    expect(read(`https://outlook.office365.com/EWS/Exchange.asmx ${status}`).source).toBe('summary')
  })

  it('is the sign-in page for a consent that was declined, although JSON quotes it', () => {
    const declined = '{"error":"access_denied","error_description":"AADSTS65004: declined."}'
    expect(read(`The callback got ${declined}`).source).toBe('sign_in_page')
  })
})

describe('broad words for a fault', () => {
  it.each([
    'Empty value',
    'InvoiceMailer: the template was not found',
    'The profile is deactivated',
    'OAuthProfile 12 does not contain a key',
    'unknown storage class',
    'Worker: no queue chosen',
    'Error: Sender domain required!',
    'Job 7: could not locate the archive reader.',
  ])('are those of a program if nothing else is understood: %s', (text) => {
    expect(readSource(clean(text))).toMatchObject({ source: 'program', isGuess: true })
  })

  it('decide after a summary, and before nobody', () => {
    expect(read('Login failed: the profile is deactivated').source).toBe('program')
    expect(read('The profile is deactivated. Login failed').source).toBe('summary')
    expect(read('The profile is deactivated. Connection refused').source).toBe('system')
  })

  it('are not those of a program about the account of a user', () => {
    for (const text of ['Your account is disabled', 'This user account has been deactivated']) {
      expect(read(text).source).toBe(null)
    }
  })
})

describe('of several errors in a log', () => {
  it('the one that got furthest decides, not an earlier attempt', () => {
    const log = `connect to smtp.office365.com[2603:1026::1]:587: Network is unreachable
      SASL authentication failed; server smtp.office365.com[52.98.1.1] said: 535 5.7.139 Authentication unsuccessful, basic authentication is disabled.`
    expect(read(log)).toEqual({ source: 'mail_server', stage: 'auth' })
  })

  it('the refusal decides, not the end of the connection after it', () => {
    const log = `A1 NO AUTHENTICATE failed.
      * BYE Connection is closed. 13
      imaplib.IMAP4.abort: socket error: EOF`
    expect(read(log)).toEqual({ source: 'mail_server', stage: 'auth' })
  })

  it('no sentence reaches into the next event of a log', () => {
    expect(read('09:10:00 Proxy is off\n09:10:01 HTTP 407 lines read').source).toBe(null)
  })

  it('the last of two equal sources decides', () => {
    const certificate = 'certificate verify failed: self-signed certificate'
    const host = 'getaddrinfo: Name or service not known'
    const retry = 'trying again with outlook.office365.com on port 993, in a minute from now'
    expect(read(`${host}\n${retry}\n${certificate}`).source).toBe('tls')
    expect(read(`${certificate}\n${retry}\n${host}`).source).toBe('system')
  })
})

describe('the stage', () => {
  it('is none for a program that has not begun', () => {
    expect(read('ValueError: username is required when using OAuth')).toEqual({
      source: 'program',
      stage: null,
    })
  })

  it('is none for a broken connection if no word shows when it broke', () => {
    for (const text of [
      'Connection reset by peer',
      'The operation has timed out.',
      'Broken pipe',
    ]) {
      expect(read(text)).toEqual({ source: 'system', stage: null })
    }
  })

  it('of a summary is that of the connection which was not made', () => {
    expect(read('Sending failed. Login failed: could not connect to the server').stage).toBe(
      'connect',
    )
    expect(read('Could not connect to the account: login failed').stage).toBe('auth')
  })

  it('of words that fit several stages comes from the text around them', () => {
    expect(read('Connection unexpectedly closed after AUTHENTICATE').stage).toBe('auth')
    expect(read('Connection unexpectedly closed in response to EHLO').stage).toBe('greeting')
    expect(read('Connection unexpectedly closed after MAIL FROM').stage).toBe('send')
  })
})
