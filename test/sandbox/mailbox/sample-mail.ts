/** The three messages in a new inbox: plain text, a UTF-8 subject, and a multipart with an attachment. */
import type { Message } from './folders.ts'

type Sample = Pick<Message, 'raw' | 'date'>

const message = (
  date: string,
  address: string,
  fields: readonly string[],
  body: string,
): Sample => ({
  date: new Date(date),
  raw: [
    `Date: ${date}`,
    `To: ${address}`,
    'MIME-Version: 1.0',
    ...fields,
    '',
    ...body.trim().split('\n'),
    '',
  ].join('\r\n'),
})

const boundary = '=_sandbox_7f3a'

export const sampleMail = (address: string): readonly Sample[] => [
  message(
    'Mon, 02 Nov 2026 09:15:00 +0100',
    address,
    [
      'From: Ada Admin <admin@contoso.test>',
      'Subject: Welcome to the sandbox',
      'Message-ID: <welcome@contoso.test>',
      'Content-Type: text/plain; charset=us-ascii',
    ],
    `
This mailbox exists only in the memory of the demo.
Mail that you send to a person of the demo arrives in that person's inbox.`,
  ),
  message(
    'Tue, 03 Nov 2026 14:30:00 +0100',
    address,
    [
      'From: =?UTF-8?Q?J=C3=B6rg_M=C3=BCller?= <joerg@example.test>',
      'Subject: =?UTF-8?B?R3LDvMOfZSBhdXMgS8O2bG46IOS9oOWlvQ==?=',
      'Message-ID: <greetings@example.test>',
      'Content-Type: text/plain; charset=utf-8',
      'Content-Transfer-Encoding: quoted-printable',
    ],
    `
Gr=C3=BC=C3=9Fe aus K=C3=B6ln!`,
  ),
  message(
    'Wed, 04 Nov 2026 08:05:00 +0000',
    address,
    [
      'From: Billing <billing@example.test>',
      'Cc: support@contoso.test',
      'Subject: Invoice 4711',
      'Message-ID: <invoice-4711@example.test>',
      `Content-Type: multipart/mixed; boundary="${boundary}"`,
    ],
    `
--${boundary}
Content-Type: multipart/alternative; boundary="${boundary}_text"

--${boundary}_text
Content-Type: text/plain; charset=us-ascii

The invoice is attached.
--${boundary}_text
Content-Type: text/html; charset=us-ascii

<p>The invoice is <b>attached</b>.</p>
--${boundary}_text--

--${boundary}
Content-Type: text/csv; name="invoice.csv"
Content-Disposition: attachment; filename="invoice.csv"
Content-Transfer-Encoding: base64

YXJ0aWNsZSxwcmljZQ0Kc2VhdCw5LjAwDQo=
--${boundary}--`,
  ),
]
