/** Why something fails, who must act, and the exact fix. */
import { z } from 'zod'
import { MailAccountId } from './common.ts'
import { causeExample, diagnosisExample, reportExample } from './diagnosis-example.ts'

const Fix = z.object({
  text: z.string().meta({ description: 'What to do, in words.' }),
  url: z.string().optional().meta({ description: 'The page where it is done.' }),
  command: z.string().optional().meta({ description: 'What to run instead.' }),
})

const Responsible = z
  .enum(['user', 'tenant_admin', 'app_owner', 'operator', 'microsoft'])
  .meta({ description: 'Who must act. `operator`: whoever runs the software that logs in.' })
export type Responsible = z.infer<typeof Responsible>

const causeFields = {
  cause: z.string().meta({ description: 'Stable name of the cause.' }),
  title: z.string().meta({ description: 'The cause in a few words.' }),
  explanation: z.string().meta({ description: 'What goes wrong, for a person.' }),
  responsible: Responsible,
  retryable: z.boolean().meta({ description: 'Whether the same try may work later by itself.' }),
  fixes: z.array(Fix).meta({ description: 'In the order in which to try them.' }),
  docs: z.array(z.string()).meta({ description: 'Where this is documented or was reported.' }),
}

const Candidate = z.object({
  ...causeFields,
  likelihood: z.number().min(0).max(1).meta({ description: 'From 0 to 1.' }),
})

export const Diagnosis = z
  .object({
    verdict: z.enum(['certain', 'likely', 'ambiguous', 'unknown']).meta({
      description: 'How sure the first candidate is; `unknown` has none.',
    }),
    candidates: z.array(Candidate).meta({ description: 'Best first.' }),
    ask: z.array(z.string()).meta({
      description: 'The facts or tests that would separate the candidates.',
    }),
  })
  .meta({
    id: 'Diagnosis',
    description: 'Why it fails, who must act, and the fix.',
    example: diagnosisExample,
  })
export type Diagnosis = z.infer<typeof Diagnosis>

export const ReportProtocol = z.enum(['imap', 'smtp', 'authorize', 'token', 'network']).meta({
  description:
    'What failed: a mail login, the sign-in page, the token endpoint, or the way to the server.',
})
export type ReportProtocol = z.infer<typeof ReportProtocol>

export const Stage = z.enum([
  'dns',
  'connect',
  'tls',
  'greeting',
  'auth',
  'select',
  'send',
  'authorize',
  'callback',
  'token_exchange',
  'refresh',
  'client_credentials',
])
export type Stage = z.infer<typeof Stage>

/** What is not understood is left out: evidence helps, and must never stand in the way. */
const tolerant = <Schema extends z.ZodType>(schema: Schema) =>
  z.preprocess((value) => (schema.safeParse(value).success ? value : undefined), schema.optional())
const text = (description: string, example?: string) =>
  tolerant(z.string().max(8192)).meta({ description, ...(example && { example }) })
const flag = (description: string) => tolerant(z.boolean()).meta({ description })

export const Evidence = z
  .looseObject({
    host: text('The server as it was configured.', 'outlook.office365.com'),
    port: tolerant(z.number()).meta({ description: 'The port as configured.', example: 993 }),
    security: text('`tls`, `starttls` or `none`.'),
    mechanism: text('The SASL mechanism that was used.', 'xoauth2'),
    flow: text('`delegated`, `app_only`, `device_code` or `password`.', 'delegated'),
    tenant: text('Tenant of the authority, or `common`, `organizations`, `consumers`.'),
    account_type: text('`work` or `personal`.'),
    requested_scope: text('The scopes that were asked for, separated by spaces.'),
    token_audience: text('The claim `aud` of the access token.'),
    token_scopes: text('The claim `scp` or `roles` of the access token, separated by spaces.'),
    token_expired: flag('Whether the access token was past its `exp`.'),
    client_auth: text('`secret`, `certificate` or `none`.'),
    redirect_platform: text('`web`, `spa` or `public`, as registered.'),
    username: text('The login name: the mailbox.'),
    signed_in_as: text('Who signed in: the claim `upn` or `preferred_username`.'),
    shared_mailbox: flag('Whether the mailbox is a shared one.'),
    other_protocol: tolerant(z.enum(['ok', 'failed'])).meta({
      description: 'How the other mail protocol fares with the same sign-in.',
    }),
    intermittent: flag('Whether it works at times.'),
    worked_before: flag('Whether it ever worked with these settings.'),
    prompt: text('The `prompt` of the authorize request.'),
    library: text('The program or library that reports the error.'),
  })
  .meta({ id: 'Evidence', description: 'All optional. What is not understood is ignored.' })
export type Evidence = z.infer<typeof Evidence>

export const DiagnosisInput = z
  .strictObject({
    protocol: ReportProtocol,
    stage: tolerant(Stage).meta({ description: 'How far it came.', example: 'auth' }),
    error: z.string().meta({
      description: 'The error as it was shown, in full: a reply, a log, the text of a page.',
      example: '535 5.7.3 Authentication unsuccessful',
    }),
    evidence: tolerant(Evidence),
    mail_account_id: MailAccountId.optional().meta({
      description: 'Fills in what is known about this account, where `evidence` does not say it.',
    }),
  })
  .meta({
    id: 'DiagnosisInput',
    example: reportExample,
  })
export type DiagnosisInput = z.infer<typeof DiagnosisInput>

export const CauseEntry = z
  .object({
    ...causeFields,
    aadsts: z.array(z.int()).meta({ description: "Microsoft's error numbers that name it." }),
    ask: z.array(z.string()).meta({ description: 'What would settle it.' }),
  })
  .meta({ id: 'Cause', example: { ...causeExample, aadsts: [], ask: [] } })
export type CauseEntry = z.infer<typeof CauseEntry>

export const CauseList = z
  .object({
    data: z.array(CauseEntry).meta({ description: 'All causes, in the order of the catalogue.' }),
    next_cursor: z.null().meta({ description: 'Always null: the catalogue is one page.' }),
  })
  .meta({ id: 'CauseList' })
