import { z } from 'zod'
import type { Issue } from '../../kit/errors'
import { CurrencyCode, MoneyJson } from '../../kit/money'
import { PageInput } from '../../kit/pages'
import { Code, Email, Name } from '../identity/schemas'
import { PayoutKind } from '../program/schemas'
import { readIban } from './iban'

export { SetTaxDetailsInput, TaxProfileView, TaxSummaryInput } from './tax-schemas'

export { PayoutKind }

const Iban = z
  .string('Enter the IBAN.')
  .max(60, 'That is no IBAN.')
  .transform((text, check) => {
    const iban = readIban(text)
    if (iban !== null) return iban
    check.addIssue('This is no IBAN, or a digit of it is wrong.')
    return z.NEVER
  })

const Bic = z
  .string()
  .transform((text) => text.replaceAll(' ', '').toUpperCase())
  .pipe(z.string().regex(/^[A-Z]{6}[A-Z0-9]{2}([A-Z0-9]{3})?$/, 'A BIC has 8 or 11 characters.'))

/** What each way of being paid needs to know. */
const DETAILS = {
  STRIPE: z.strictObject({
    account: z
      .string('Enter the id of the account.')
      .regex(/^acct_[A-Za-z0-9]{8,64}$/, 'The id of a Stripe account begins with acct_.'),
  }),
  PAYPAL: z.strictObject({ email: Email }),
  /** Where accounts have no IBAN they are described in words. */
  BANK: z
    .strictObject({
      name: Name,
      iban: Iban.optional(),
      bic: Bic.optional(),
      note: z
        .string()
        .trim()
        .min(3, 'Describe the account.')
        .max(1000, 'At most 1,000 characters.')
        .optional(),
    })
    .refine(({ iban, note }) => iban !== undefined || note !== undefined, {
      path: ['iban'],
      message: 'Enter the IBAN, or describe the account.',
    }),
  MAMOPAY: z.strictObject({
    name: Name,
    iban: Iban.refine((iban) => iban.startsWith('AE'), 'MamoPay pays to IBANs of the Emirates (AE).'),
  }),
  MANUAL: z.strictObject({
    note: z
      .string('Say how you want to be paid.')
      .trim()
      .min(3, 'Say how you want to be paid.')
      .max(1000, 'At most 1,000 characters.'),
  }),
} as const satisfies Record<PayoutKind, z.ZodType>

export type PayoutDetails = {
  readonly [K in PayoutKind]: { readonly kind: K; readonly details: z.infer<(typeof DETAILS)[K]> }
}[PayoutKind]

/** Which of the details belong to which kind is asked afterwards, so that each fault has the path of its field. */
const AnyDetails = z.strictObject({
  email: z.string().optional(),
  name: z.string().optional(),
  iban: z.string().optional(),
  bic: z.string().optional(),
  account: z.string().optional(),
  note: z.string().optional(),
})

export const SetPayoutMethodInput = z
  .strictObject({
    kind: PayoutKind,
    details: AnyDetails,
    password: z.string().min(1, 'Fill this in.').max(1024, 'At most 256 characters.'),
  })
  .transform(({ kind, details, password }, check) => {
    const read = readPayoutDetails(kind, details)
    if ('method' in read) return { method: read.method, password }
    for (const { path, message } of read.issues)
      check.addIssue({ code: 'custom', path: ['details', ...path], message })
    return z.NEVER
  })
export type SetPayoutMethodInput = z.infer<typeof SetPayoutMethodInput>

/** What joining the referral programme asks for: where to be paid, as far as it is known already. */
export const JoinProgramInput = z.strictObject({
  paymentEmail: Email,
  /** Of a group with terms of its own. */
  invite: z.string().max(100).optional(),
  paymentMethod: z.enum(['STRIPE', 'PAYPAL', 'BANK', 'MAMOPAY']),
  /** Of an account: `name`, `iban`, `bic`; anything else, and a text, describes it in words. */
  paymentDetails: z
    .union([
      z.string().max(1000, 'At most 1,000 characters.'),
      z.record(
        z.string().max(100),
        z.union([z.string().max(500, 'At most 500 characters.'), z.number(), z.boolean()]),
      ),
    ])
    .optional(),
})
export type JoinProgramInput = z.infer<typeof JoinProgramInput>

/** Details as their kind wants them, or what is wrong with which of them. */
export const readPayoutDetails = (
  kind: PayoutKind,
  details: Readonly<Record<string, unknown>>,
): { method: PayoutDetails } | { issues: Issue[] } => {
  const read = DETAILS[kind].safeParse(details)
  if (read.success) return { method: { kind, details: read.data } as PayoutDetails }
  return {
    issues: read.error.issues.map(({ path, message }) => ({
      path: path.map((part) => String(part)),
      message,
    })),
  }
}

/** A document of somebody's payout details. Its contents are for admins. */
export const DocumentView = z.object({
  id: z.string(),
  name: z.string(),
  mediaType: z.string(),
  bytes: z.number(),
  createdAt: z.string(),
})
export type DocumentView = z.infer<typeof DocumentView>

export const ConnectPayeeInput = z.strictObject({
  password: z.string().min(1, 'Fill this in.').max(1024, 'At most 256 characters.'),
})
export type ConnectPayeeInput = z.infer<typeof ConnectPayeeInput>

/** One's own account at Stripe. */
export const PayeeAccountView = z.object({
  account: z.string(),
  /** What Stripe asks for first was given. */
  detailsSubmitted: z.boolean(),
  /** Stripe pays to it. */
  payoutsEnabled: z.boolean(),
})
export type PayeeAccountView = z.infer<typeof PayeeAccountView>

export const ConnectPayeeResult = z.object({
  account: PayeeAccountView,
  /** Stripe's page to go on at, for a few minutes; null: all is done, and it is on file. */
  url: z.string().nullable(),
})
export type ConnectPayeeResult = z.infer<typeof ConnectPayeeResult>

export const AddDocumentInput = z.strictObject({
  /** What the file is called; shown as text only. */
  name: z
    .string()
    .max(1000, 'At most 200 characters.')
    .transform((name) =>
      name
        .replaceAll(/[\p{Cc}\p{Cf}\p{Cs}]/gu, '')
        .trim()
        .slice(-200),
    )
    .pipe(z.string().min(1, 'Name the file.')),
  /** Base64. */
  content: z.base64('The file did not arrive whole.').min(1, 'Choose a file that is not empty.'),
})
export type AddDocumentInput = z.infer<typeof AddDocumentInput>

export const DocumentIdInput = z.strictObject({ id: z.string().max(100) })
export type DocumentIdInput = z.infer<typeof DocumentIdInput>

export const DocumentFile = z.object({ fileName: z.string(), mediaType: z.string(), content: z.string() })
export type DocumentFile = z.infer<typeof DocumentFile>

/** Details as they may be shown. */
export const PayoutMethodView = z.object({
  kind: PayoutKind,
  masked: z.string(),
  createdAt: z.string(),
  /** Until then nothing is withdrawn to it; null: at once. */
  holdUntil: z.string().nullable(),
  /** False: the provider does not pay to it yet, or no more. */
  ready: z.boolean(),
})
export type PayoutMethodView = z.infer<typeof PayoutMethodView>

export const PayoutTerms = z.object({
  method: PayoutMethodView.nullable(),
  /** The least that is paid out, for each currency of one's balance. */
  minimums: z.array(MoneyJson),
  /** What is kept of a withdrawal the present way, for each currency of one's balance. */
  fees: z.array(z.object({ fixed: MoneyJson, percentage: z.number() })),
  /** Nothing is withdrawn the present way until a document is attached. */
  documentNeeded: z.boolean(),
  documents: z.array(DocumentView),
  hasTaxDetails: z.boolean(),
  /** One's own account at Stripe, if there is one yet; null: Stripe pays nobody here. */
  stripe: z.object({ account: PayeeAccountView.nullable() }).nullable(),
})
export type PayoutTerms = z.infer<typeof PayoutTerms>

export const RequestWithdrawalInput = z.strictObject({
  amount: z.int().positive('More than nothing.'),
  currency: CurrencyCode,
  /** The fee as it was told: refused when it has changed since. */
  fee: z.int().min(0).optional(),
  /** Of the second factor: from the programme's limit on. */
  code: Code.optional(),
})
export type RequestWithdrawalInput = z.infer<typeof RequestWithdrawalInput>

/** "You ask for 100.00 USD, the fee is 1.50, you get 98.50." */
export const WithdrawalQuote = z.object({
  amount: MoneyJson,
  fee: MoneyJson,
  net: MoneyJson,
  /** A code of the second factor is asked for. */
  codeNeeded: z.boolean(),
})
export type WithdrawalQuote = z.infer<typeof WithdrawalQuote>

export const WithdrawalStatus = z.enum([
  'REQUESTED',
  'APPROVED',
  'ON_HOLD',
  'PROCESSING',
  'PAID',
  'FAILED',
  'REJECTED',
  'CANCELLED',
  'RETURNED',
])
export type WithdrawalStatus = z.infer<typeof WithdrawalStatus>

/** A withdrawal as its owner sees it. */
export const WithdrawalView = z.object({
  id: z.string(),
  amount: MoneyJson,
  /** Kept of the amount. */
  fee: MoneyJson,
  status: WithdrawalStatus,
  method: z.object({ kind: PayoutKind, masked: z.string() }),
  /** Why it is held, was rejected, failed or came back. */
  reason: z.string().nullable(),
  reference: z.string().nullable(),
  createdAt: z.string(),
  approvedAt: z.string().nullable(),
  paidAt: z.string().nullable(),
  /** Which provider it was handed to; null: not yet, or it is paid by hand. */
  sentThrough: z.string().nullable(),
  sentAt: z.string().nullable(),
})
export type WithdrawalView = z.infer<typeof WithdrawalView>

export const AdminWithdrawalView = WithdrawalView.extend({
  /** Of two admins the first, while the second is waited for, and after. */
  firstApproval: z.object({ by: z.string(), at: z.string() }).nullable(),
  documents: z.array(DocumentView),
  /** What the provider calls the payout; null: not sent, or not answered yet. */
  providerReference: z.string().nullable(),
  /** Whether an admin may say what became of it though it was being sent, now or later; null: its provider says so. */
  byHand: z
    .object({
      /** The reason to look for in the provider's dashboard first; null: nothing was sent. */
      lookFor: z.string().nullable(),
      open: z.boolean(),
    })
    .nullable(),
  user: z.object({ id: z.string(), name: z.string(), email: z.string() }),
})
export type AdminWithdrawalView = z.infer<typeof AdminWithdrawalView>

export const WithdrawalsPage = z.object({
  items: z.array(WithdrawalView),
  nextCursor: z.string().nullable(),
})
export const AdminWithdrawalsPage = z.object({
  items: z.array(AdminWithdrawalView),
  nextCursor: z.string().nullable(),
})

export const AdminWithdrawalsInput = PageInput.extend({ status: WithdrawalStatus.optional() })
export type AdminWithdrawalsInput = z.infer<typeof AdminWithdrawalsInput>

export const ExportWithdrawalsInput = z.object({ status: WithdrawalStatus.default('APPROVED') })
export type ExportWithdrawalsInput = z.infer<typeof ExportWithdrawalsInput>

export const BatchView = z.object({
  id: z.string(),
  createdAt: z.string(),
  /** The admin's name. */
  madeBy: z.string(),
  /** How many are in it. */
  withdrawals: z.int(),
  /** How many of them are neither paid nor failed yet. */
  open: z.int(),
  /** All of it, per currency, less the fees that are kept. */
  toPay: z.array(MoneyJson),
})
export type BatchView = z.infer<typeof BatchView>

export const BatchesPage = z.object({ items: z.array(BatchView), nextCursor: z.string().nullable() })
export const BatchesInput = PageInput
export type BatchesInput = z.infer<typeof BatchesInput>

const WithdrawalId = z.string().max(100)
const Words = z.string().trim().min(1, 'Say it in words.').max(500, 'At most 500 characters.')

export const WithdrawalIdInput = z.strictObject({ id: WithdrawalId })
export type WithdrawalIdInput = z.infer<typeof WithdrawalIdInput>

export const WithdrawalReasonInput = z.strictObject({ id: WithdrawalId, reason: Words })
export type WithdrawalReasonInput = z.infer<typeof WithdrawalReasonInput>

export const WithdrawalPaidInput = z.strictObject({
  id: WithdrawalId,
  /** What the payment is called at PayPal or the bank; cash has none. */
  reference: z.string().trim().max(200, 'At most 200 characters.').default(''),
})
export type WithdrawalPaidInput = z.infer<typeof WithdrawalPaidInput>

/** More than any payment, and far from what figures can tell exactly. */
const MOST = 1_000_000_000_000

export const CreateAdjustmentInput = z.strictObject({
  userId: z.string().max(100),
  amount: z
    .int()
    .min(-MOST, 'That is too much.')
    .max(MOST, 'That is too much.')
    .refine((amount) => amount !== 0, 'More or less than nothing.'),
  currency: CurrencyCode,
  reason: Words,
})
export type CreateAdjustmentInput = z.infer<typeof CreateAdjustmentInput>

const Obstacle = z.object({ code: z.string(), message: z.string() })
/** Why an account cannot be closed yet, and what to do. */
export type Obstacle = z.infer<typeof Obstacle>

/** What stands in the way of closing an account, and what of its money is too little to be paid out. */
export const ClosingView = z.object({ obstacles: z.array(Obstacle), leftovers: z.array(MoneyJson) })
export type ClosingView = z.infer<typeof ClosingView>
