import { z } from 'zod'
import { isClosedAddress } from '../../kit/closed-accounts'
import { PercentageInput } from '../../kit/money'
import { Plan } from '../../kit/plans'
import { normalizeEmail } from './email'
import { holdsContextWord, isCommonPassword } from './password-rules'

/**
 * One mailbox, in the form accounts are kept under (lower case). ASCII only, at most 254 characters (RFC 5321): no
 * second recipient, comment, group, address literal or control character gets through to the mail's envelope.
 */
export const Email = z
  .string()
  .max(254, 'An e-mail address has at most 254 characters.')
  .pipe(z.email('Enter an e-mail address, such as ann@example.com.'))
  .refine((email) => fitsParts(email), 'Enter an e-mail address, such as ann@example.com.')
  .transform(normalizeEmail)
  .refine((email) => !isClosedAddress(email), 'This address reaches nobody. Enter another.')

const fitsParts = (email: string): boolean => {
  const at = email.lastIndexOf('@')
  const labels = email.slice(at + 1).split('.')
  return at <= 64 && labels.every((label) => label.length <= 63 && !label.endsWith('-'))
}

/** A person's or company's name: something to see, on one line, at most 100 characters. */
export const Name = z
  .string()
  .max(1000, 'At most 100 characters.')
  .transform((name) => name.trim().normalize('NFC'))
  .pipe(
    z
      .string()
      .refine((name) => name.replace(INVISIBLE, '') !== '', 'Fill this in.')
      .refine((name) => characters(name) <= 100, 'At most 100 characters.')
      .refine((name) => !UNPRINTABLE.test(name), 'No line breaks or control characters.'),
  )

// Format characters alone are nothing to see; inside a name some scripts and emoji need them.
const INVISIBLE = /[\p{White_Space}\p{Cf}\p{Cc}\u3164\u115f\u1160\uffa0]/gu
// Controls, line separators, direction overrides, halves of characters.
const UNPRINTABLE = /[\p{Cc}\p{Cs}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u

/** Taken exactly as typed: 8 to 256 characters, no well-known one, not built around the product's name. */
export const NewPassword = z
  .string()
  .max(1024, 'At most 256 characters.')
  .refine((password) => characters(password) >= 8, 'At least 8 characters.')
  .refine((password) => characters(password) <= 256, 'At most 256 characters.')
  .refine((password) => !/[\0\p{Cs}]/u.test(password), 'It holds a character that cannot be used.')
  .refine((password) => !isCommonPassword(password), 'Too many people use this one: choose another.')
  .refine((password) => !holdsContextWord(password), 'Do not build it around the name of this site.')

const characters = (text: string): number => [...text].length

/** A form sends an empty string for what was not filled in. */
const OptionalName = z.union([z.literal('').transform(() => undefined), Name]).optional()

export const OWN_EMAIL = 'The password must not be the e-mail address.'

export const SignUpInput = z
  .strictObject({
    email: Email,
    password: NewPassword,
    firstName: Name,
    lastName: Name,
    companyName: OptionalName,
  })
  .refine(({ email, password }) => normalizeEmail(password) !== email, {
    path: ['password'],
    message: OWN_EMAIL,
  })
export type SignUpInput = z.infer<typeof SignUpInput>

export const SignInInput = z.strictObject({
  email: Email,
  password: z.string().min(1, 'Fill this in.').max(1024, 'At most 256 characters.'),
})
export type SignInInput = z.infer<typeof SignInInput>

const MailedToken = z.string().min(1, 'The link is not complete.').max(200, 'The link is not complete.')

/** A code of an authenticator app, or a recovery code, as it was typed. */
export const Code = z.string().min(1, 'Fill this in.').max(64, 'That is too long for a code.')
const Password = z.string().min(1, 'Fill this in.').max(1024, 'At most 256 characters.')

/** The second step of signing in; the cookie of the first says whose. */
export const FinishSignInInput = z.strictObject({ code: Code })
export type FinishSignInInput = z.infer<typeof FinishSignInInput>

/** Under the password; and under a code, where a second factor is on. */
export const BeginSecondFactorInput = z.strictObject({
  password: Password,
  code: Code.or(z.literal('').transform(() => undefined)).optional(),
})
export type BeginSecondFactorInput = z.infer<typeof BeginSecondFactorInput>

const Enrolment = z.string().min(1).max(2_000)
export const ReadEnrolmentInput = z.strictObject({ enrolment: Enrolment })
export const ConfirmSecondFactorInput = z.strictObject({ enrolment: Enrolment, code: Code })
export type ConfirmSecondFactorInput = z.infer<typeof ConfirmSecondFactorInput>

/** What asks for both once more. */
export const GuardedInput = z.strictObject({ password: Password, code: Code })
export type GuardedInput = z.infer<typeof GuardedInput>

export const SecondFactorView = z.object({
  /** Null: there is none. */
  since: z.string().nullable(),
  recoveryCodesLeft: z.number(),
  /** An admin must have one. */
  required: z.boolean(),
})
export type SecondFactorView = z.infer<typeof SecondFactorView>

export const EnrolmentView = z.object({
  /** To be sent back with the first code; good for 15 minutes. */
  enrolment: z.string(),
  /** Base32, to be typed. */
  secret: z.string(),
  /** otpauth://totp/…, for a QR code. */
  uri: z.string(),
})
export type EnrolmentView = z.infer<typeof EnrolmentView>

export const RecoveryCodesView = z.object({ recoveryCodes: z.array(z.string()) })

/** What is left out stays. */
export const UpdateProfileInput = z.strictObject({
  firstName: Name,
  lastName: Name,
  companyName: OptionalName,
})
export type UpdateProfileInput = z.infer<typeof UpdateProfileInput>

export const ChangePasswordInput = z.strictObject({ current: Password, password: NewPassword })
export type ChangePasswordInput = z.infer<typeof ChangePasswordInput>

export const ChangeEmailInput = z.strictObject({ email: Email, password: Password })
export type ChangeEmailInput = z.infer<typeof ChangeEmailInput>

/** A change of address that waits for both addresses to confirm it. */
export const EmailChangeView = z.object({
  newEmail: z.string(),
  oldConfirmed: z.boolean(),
  newConfirmed: z.boolean(),
  expiresAt: z.string(),
})
export type EmailChangeView = z.infer<typeof EmailChangeView>

export const ReadEmailChangeInput = z.strictObject({ token: MailedToken })
export const AnswerEmailChangeInput = z.strictObject({
  token: MailedToken,
  /** The old address says no. */
  stop: z.boolean().default(false),
})
export const EmailChangeAnswer = z.object({
  /** WAITING: for the other address. */
  state: z.enum(['WAITING', 'DONE', 'STOPPED']),
})
export type EmailChangeAnswer = z.infer<typeof EmailChangeAnswer>

export const SessionView = z.object({
  id: z.string(),
  /** Such as “Firefox on Linux”; null: not known. */
  device: z.string().nullable(),
  /** The one that asks. */
  current: z.boolean(),
  /** To ten minutes. */
  lastUsedAt: z.string(),
  createdAt: z.string(),
})
export type SessionView = z.infer<typeof SessionView>

export const RevokeSessionInput = z.strictObject({ id: z.uuid() })

export const RequestPasswordResetInput = z.strictObject({ email: Email })
export type RequestPasswordResetInput = z.infer<typeof RequestPasswordResetInput>

export const ResetPasswordInput = z.strictObject({ token: MailedToken, password: NewPassword })
export type ResetPasswordInput = z.infer<typeof ResetPasswordInput>

/** What has to be typed to close one's account. */
export const CLOSING_WORDS = 'close my account'

/** Closing one's account: the password once more, and the words, so that no slip of the hand does it. */
export const CloseAccountInput = z.strictObject({
  password: z.string().min(1, 'Fill this in.').max(1024, 'At most 256 characters.'),
  confirmation: z
    .string()
    .max(100, `Type: ${CLOSING_WORDS}`)
    .refine((text) => text.trim().toLowerCase() === CLOSING_WORDS, `Type: ${CLOSING_WORDS}`),
})
export type CloseAccountInput = z.infer<typeof CloseAccountInput>

export const VerifyEmailInput = z.strictObject({ token: MailedToken })

export const UserRole = z.enum(['USER', 'ADMIN'])
export type UserRole = z.infer<typeof UserRole>

/** The members an admin may set; what is left out stays. */
export const UpdateUserInput = z.strictObject({
  id: z.string().max(100),
  commissionPercentage: PercentageInput.optional(),
  planType: Plan.optional(),
  role: UserRole.optional(),
})
export type UpdateUserInput = z.infer<typeof UpdateUserInput>

/** A user as every answer shows one. */
export const UserView = z.object({
  id: z.string(),
  email: z.string(),
  firstName: z.string(),
  lastName: z.string(),
  role: UserRole,
  planType: Plan,
})
export type UserView = z.infer<typeof UserView>

export const MeView = UserView.extend({
  organization: z.object({
    id: z.string(),
    name: z.string(),
    /** ISO 8601; null: there is or was no trial. */
    trialEndsAt: z.string().nullable(),
  }),
})
export type MeView = z.infer<typeof MeView>

/** With what only an admin sees: the seller's share of each sale, in per cent. */
export const AdminUserView = UserView.extend({ commissionPercentage: z.number() })
export type AdminUserView = z.infer<typeof AdminUserView>

export const SignUpView = z.object({
  user: z.object({ email: z.string(), firstName: z.string(), lastName: z.string() }),
  requiresVerification: z.literal(true),
})
export type SignUpView = z.infer<typeof SignUpView>

export const ApiKeyScope = z.enum(['read', 'write', 'admin', 'track'])
export type ApiKeyScope = z.infer<typeof ApiKeyScope>

export const CreateApiKeyInput = z.strictObject({
  name: z.string().trim().min(1, 'Give it a name.').max(100, 'At most 100 characters.'),
  /** Everything its owner may do, by default. */
  scopes: z.array(ApiKeyScope).min(1, 'At least one.').max(4).optional(),
  /** Until when it works; by default until it is revoked. */
  expiresAt: z.iso.datetime({ offset: true, error: 'A time such as 2027-01-01T00:00:00Z.' }).optional(),
})
export type CreateApiKeyInput = z.infer<typeof CreateApiKeyInput>

export const ApiKeyView = z.object({
  id: z.string(),
  name: z.string(),
  /** The first characters of the key. */
  start: z.string(),
  scopes: z.array(ApiKeyScope),
  expiresAt: z.string().nullable(),
  /** To the minute. */
  lastUsedAt: z.string().nullable(),
  createdAt: z.string(),
})
export type ApiKeyView = z.infer<typeof ApiKeyView>

export const RevokeApiKeyInput = z.strictObject({ id: z.uuid() })
