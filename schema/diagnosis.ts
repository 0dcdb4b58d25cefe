/** Diagnoses: why something fails, who must act, and the exact fix. */
import { z } from 'zod'
import { flag, integer, MailAccountId, object, optionalText, orNull, text } from './common.ts'
import { causeExample, diagnosisExample, reportExample } from './diagnosis-example.ts'
import { MailProtocol } from './mail-servers.ts'
import { type Responsible, whoActs } from './responsible.ts'

export const ReportProtocol = z
  .enum([...MailProtocol.options, 'graph', 'authorize', 'token', 'network'])
  .meta({
    id: 'ReportProtocol',
    'x-extensible': true,
    description:
      'What failed: a mail login, a call of Microsoft Graph, the sign-in page, the token endpoint, or the connection to the server.',
  })
export type ReportProtocol = z.infer<typeof ReportProtocol>

export const Stage = z
  .enum([
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
  .meta({ id: 'Stage', 'x-extensible': true, description: 'A stage of the login or sign-in.' })
export type Stage = z.infer<typeof Stage>

export const Source = z
  .enum([
    'program',
    'system',
    'tls',
    'other_server',
    'mail_server',
    'graph',
    'sign_in_page',
    'token_endpoint',
    'callback',
    'summary',
  ])
  .meta({
    id: 'Source',
    'x-extensible': true,
    description:
      "Who wrote the decisive sentence, from the program itself to Microsoft's token endpoint.",
  })
export type Source = z.infer<typeof Source>

/** Ignores values that do not parse, since evidence helps, but must never make a request fail. */
const tolerant = <Schema extends z.ZodType>(schema: Schema) =>
  z.preprocess((value) => (schema.safeParse(value).success ? value : undefined), schema.optional())
const fact = (description: string, example?: string) =>
  tolerant(z.string().max(8192)).meta({ description, ...(example && { example }) })
const yesOrNo = (description: string) => tolerant(z.boolean()).meta({ description })

export const Evidence = z
  .looseObject({
    host: fact('The configured server.', 'outlook.office365.com'),
    port: tolerant(z.number()).meta({ description: 'The configured port.', example: 993 }),
    security: fact('`tls`, `starttls` or `none`.'),
    mechanism: fact('The SASL mechanism used.', 'xoauth2'),
    flow: fact('`delegated`, `app_only`, `device_code` or `password`.', 'delegated'),
    tenant: fact('Tenant of the authority, or `common`, `organizations`, `consumers`.'),
    account_type: fact('`work` or `personal`.'),
    requested_scope: fact('The requested scopes, separated by spaces.'),
    token_audience: fact('The `aud` claim of the access token.'),
    token_scopes: fact('The `scp` or `roles` claim of the access token, separated by spaces.'),
    token_expired: yesOrNo('Whether the access token was past its `exp`.'),
    client_auth: fact('`secret`, `certificate`, `federated` or `none`.'),
    redirect_platform: fact('Platform of the redirect URI in Entra: `web`, `spa` or `public`.'),
    username: fact('The login name, usually the mailbox.'),
    signed_in_as: fact('The user who signed in: the `upn` or `preferred_username` claim.'),
    shared_mailbox: yesOrNo('Whether the mailbox is a shared mailbox.'),
    other_protocol: tolerant(z.enum(['ok', 'failed'])).meta({
      description: 'Whether the other mail protocol works with the same sign-in.',
    }),
    intermittent: yesOrNo('Whether it sometimes works.'),
    worked_before: yesOrNo('Whether it has ever worked with these settings.'),
    prompt: fact('The `prompt` parameter of the authorization request.'),
    library: fact('The program or library that reports the error.'),
  })
  .meta({
    id: 'Evidence',
    description: 'Known facts, all optional. Unrecognised fields and values are ignored.',
  })
export type Evidence = z.infer<typeof Evidence>

const ResponsibleParty = z.enum(Object.keys(whoActs) as Responsible[]).meta({
  id: 'Responsible',
  description: 'Who must act. `operator` runs the software that logs in.',
})

const Fix = object('Fix', {
  text: text('What to do.'),
  url: optionalText('The page where to do it.'),
  command: optionalText('A command that does it.'),
  responsible: ResponsibleParty.optional().meta({
    description: 'Who takes this step, where it is not the `responsible` of the cause.',
  }),
  purpose: z.enum(['check', 'undo']).optional().meta({
    id: 'FixPurpose',
    'x-extensible': true,
    description:
      '`check`: shows whether the fix worked. `undo`: reverses it. Absent for a step of the fix.',
  }),
})

const causeFields = {
  cause: text('Stable identifier of the cause.'),
  url: text('Public page about the cause.'),
  title: text('The cause in a few words.'),
  explanation: text('What goes wrong, in plain words.'),
  responsible: ResponsibleParty,
  retryable: flag('Whether retrying later may succeed without any change.'),
  fixes: z.array(Fix).meta({ description: 'Fixes in the order to try them.' }),
  docs: z.array(z.string()).meta({ description: 'Documentation of the cause.' }),
}

const Candidate = z
  .object({
    ...causeFields,
    likelihood: z.number().min(0).max(1).meta({ description: 'Likelihood from 0 to 1.' }),
  })
  .meta({ id: 'Candidate', description: 'A possible cause.' })

const EvidenceField = Evidence.keyof().meta({
  id: 'EvidenceField',
  description: 'A property of `evidence`.',
})
export type EvidenceField = z.infer<typeof EvidenceField>

const Question = z
  .object({
    text: text(
      'The question, or the test to make. Each further line is a possible result, with what it means.',
    ),
    field: EvidenceField.optional().meta({
      description:
        'The property of `evidence` that answers it. Absent if none does: make the test, or send a more complete error.',
    }),
  })
  .meta({ id: 'Question', description: 'A question or test that distinguishes the candidates.' })

const Interpretation = z
  .object({
    protocol: orNull(ReportProtocol, 'What failed.'),
    stage: orNull(Stage, 'The stage that failed.'),
    source: orNull(Source, 'Who wrote the decisive sentence.'),
  })
  .meta({
    id: 'Interpretation',
    description:
      'How the error was understood. `protocol` and `stage` are those of the request if it states them, otherwise they are detected in the text. Null means unknown. `source` is null for a failure that Mailgrant observed itself.',
  })
export type Interpretation = z.infer<typeof Interpretation>

const ProofSource = z.enum([...Source.options, 'mailgrant']).meta({
  id: 'ProofSource',
  'x-extensible': true,
  description: 'Who said or observed it: a source, or `mailgrant` itself.',
})

export const Proof = z
  .union([
    z.object({
      text: z.string().max(300).meta({
        description: 'The words of the error that prove the cause, shortened.',
        example: 'SmtpClientAuthentication is disabled for the Tenant.',
      }),
      source: ProofSource,
    }),
    z.object({
      fact: z.string().max(300).meta({
        description: 'What was observed, or what the access token says.',
        example: "The server's name has no address here.",
      }),
      source: ProofSource,
    }),
  ])
  .meta({
    id: 'Proof',
    description:
      'What makes the first candidate certain: a number or sentence that only this cause produces, or a fact.',
  })
export type Proof = z.infer<typeof Proof>

export const Diagnosis = z
  .object({
    verdict: z.enum(['certain', 'likely', 'ambiguous', 'unknown']).meta({
      id: 'Verdict',
      description: 'Certainty of the first candidate; with `unknown` there are no candidates.',
    }),
    candidates: z.array(Candidate).meta({ description: 'Possible causes, most likely first.' }),
    proof: orNull(Proof, 'The proof of the first candidate. Null unless the verdict is `certain`.'),
    ask: z.array(Question).meta({
      description: 'Questions or tests that distinguish the candidates.',
    }),
    interpretation: Interpretation,
  })
  .meta({
    id: 'Diagnosis',
    description: 'Why something fails, who must act, and the fix.',
    example: diagnosisExample,
  })
export type Diagnosis = z.infer<typeof Diagnosis>

const SecondCandidate = z
  .object({
    ...causeFields,
    fixes: causeFields.fixes.meta({
      description:
        'Fixes in the order to try them, without those that give a right or weaken a protection.',
    }),
    ask: z.array(z.string()).meta({ description: 'Questions or tests that would prove it.' }),
    line: integer('Number of the line of `text` that the model chose.'),
    quote: text('That line.'),
  })
  .meta({ id: 'SecondCandidate', description: 'A cause that a language model chose.' })
export type SecondCandidate = z.infer<typeof SecondCandidate>

export const SecondReading = z
  .object({
    status: z.enum(['offered', 'used', 'off', 'unavailable', 'limited']).meta({
      id: 'SecondReaderStatus',
      'x-extensible': true,
      description:
        '`offered`: not requested; `text` is what would be sent. `used`: the model has read it. `off`: this deployment has no second reader, or not for your API key or the email account. `unavailable`: it gave no valid response in time. `limited`: too many requests in the last hour or day; nothing was sent.',
    }),
    model: orNull(z.string(), 'Name of the model; null if `off`.'),
    text: orNull(
      z.string(),
      'Everything of the report that is sent, apart from the list of causes: secrets and addresses are masked by their shape. Null if `off`.',
    ),
    candidates: z.array(SecondCandidate).meta({
      description:
        'At most three causes, the likeliest first. No word of the model is repeated. They change neither `verdict` nor `candidates` of the diagnosis.',
    }),
  })
  .meta({ id: 'SecondReading', description: 'What a language model makes of the text.' })
export type SecondReading = z.infer<typeof SecondReading>

export const DiagnosisResult = Diagnosis.extend({
  excludes: orNull(
    z.string(),
    'What is not the cause, because of who wrote the decisive sentence: known even where no cause fits. Null if the verdict is `certain`, or if the text does not show it.',
    'No server responded, so account, password and token play no part.',
  ),
  second_reader: orNull(
    SecondReading,
    'Null if the verdict is `certain` or `likely`, and without a second reader unless you ask for it.',
  ),
}).meta({
  id: 'DiagnosisResult',
  description: 'A diagnosis, with what the second reader makes of the text.',
  example: { ...diagnosisExample, excludes: null, second_reader: null },
})
export type DiagnosisResult = z.infer<typeof DiagnosisResult>

export const DiagnosisInput = z
  .strictObject({
    protocol: ReportProtocol.optional().meta({
      description: `${ReportProtocol.meta()?.description} Detected in the text if absent.`,
    }),
    stage: tolerant(Stage).meta({
      description: 'The stage that failed. Detected in the text if absent.',
      example: 'auth',
    }),
    error: text(
      'The complete error as shown: a server reply, a log excerpt, or the text of a page.',
      '535 5.7.3 Authentication unsuccessful',
    ),
    evidence: tolerant(Evidence),
    mail_account_id: MailAccountId.optional().meta({
      description: 'Adds known facts about this email account that `evidence` does not state.',
    }),
    second_reader: z.boolean().optional().meta({
      description:
        'Lets the language model of this deployment read the text, if the verdict is `ambiguous` or `unknown`.',
    }),
  })
  .meta({ id: 'DiagnosisInput', example: reportExample })
export type DiagnosisInput = z.infer<typeof DiagnosisInput>

export const CauseEntry = z
  .object({
    ...causeFields,
    aadsts: z.array(z.int()).meta({
      description: 'Microsoft error numbers (AADSTS) that identify the cause.',
    }),
    ask: z.array(z.string()).meta({
      description: 'Questions or tests that would confirm the cause.',
    }),
  })
  .meta({ id: 'Cause', example: { ...causeExample, aadsts: [], ask: [] } })
export type CauseEntry = z.infer<typeof CauseEntry>

export const CauseList = object('CauseList', {
  data: z.array(CauseEntry).meta({ description: 'All causes in catalogue order.' }),
  next_cursor: z.null().meta({ description: 'Always null: the catalogue is a single page.' }),
})
