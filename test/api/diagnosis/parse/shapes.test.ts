import { describe, expect, it } from 'vitest'
import { diagnose } from '../../../../api/diagnosis/diagnose.ts'
import { parseReport } from '../../../../api/diagnosis/parse/parse-report.ts'

/** Texts as people paste them: the reply of a server, in the words of many programs. */
const shapes: readonly (readonly [shape: string, error: string, stage: string, source: string])[] =
  [
    [
      'a stack trace of MailKit',
      'MailKit.Security.AuthenticationException: AUTHENTICATE failed.\n   at MailKit.Net.Imap.ImapClient.AuthenticateAsync(SaslMechanism mechanism)',
      'auth',
      'mail_server',
    ],
    [
      'a log of PHPMailer',
      '2025-03-04 08:11:20 SERVER -> CLIENT: 250-AUTH LOGIN XOAUTH2\n2025-03-04 08:11:20 CLIENT -> SERVER: AUTH XOAUTH2 [hidden]\n2025-03-04 08:11:22 SERVER -> CLIENT: 535 5.7.3 Authentication unsuccessful\nSMTP Error: Could not authenticate.',
      'auth',
      'mail_server',
    ],
    [
      'a traceback of imaplib',
      'Traceback (most recent call last):\n  File "imaplib.py", line 612, in login\n    raise self.error(dat[-1])\nimaplib.IMAP4.error: b\'LOGIN failed.\'',
      'auth',
      'mail_server',
    ],
    [
      'an error of go-imap',
      'Failed to login: imap: NO AUTHENTICATE failed.',
      'auth',
      'mail_server',
    ],
    [
      "the token endpoint's JSON",
      '{"error":"invalid_grant","error_description":"AADSTS700082: The refresh token has expired due to inactivity.\\u00a0Trace ID: a","error_codes":[700082]}',
      'refresh',
      'token_endpoint',
    ],
    [
      'an encoded query',
      'https://app.contoso.com/callback?error=access_denied&state=x&error_description=AADSTS65004%3a+User+declined+to+consent',
      'callback',
      'sign_in_page',
    ],
    [
      'a page in HTML',
      '<!DOCTYPE html><html><body><div>Sorry, but we&#8217;re having trouble signing you in.</div><div>AADSTS50011: The redirect URI &#39;https://app.contoso.com&#39; specified in the request does not match</div></body></html>',
      'authorize',
      'sign_in_page',
    ],
    [
      'a log whose first attempt timed out',
      '10:00:01 WARN connect ETIMEDOUT 52.98.207.210:993, retrying\n10:00:06 ERROR A2 BAD User is authenticated but not connected.\n10:00:06 ERROR * BYE Connection closed. 14',
      'select',
      'mail_server',
    ],
    [
      'a log whose token was refused before the login',
      '10:00 ERROR invalid_grant: AADSTS700082: The refresh token has expired.\n10:05 ERROR Authentication failed\n10:05 WARN retry in 60 s',
      'refresh',
      'token_endpoint',
    ],
    [
      'HTML where JSON is due',
      'SyntaxError: Unexpected token \'<\', "<!DOCTYPE "... is not valid JSON',
      'token_exchange',
      'other_server',
    ],
  ]

describe('the source and the stage', () => {
  it.each(shapes)('are read in %s', (_shape, error, stage, source) => {
    expect(parseReport({ error }).interpretation).toMatchObject({ stage, source })
  })
})

it('takes a message without a login for the consequence of the refused login before it', () => {
  const error =
    '535 5.7.3 Authentication unsuccessful\n530 5.7.57 Client not authenticated to send mail.'
  expect(diagnose({ error }).candidates[0]?.cause).not.toBe('client-sent-no-auth')
})
