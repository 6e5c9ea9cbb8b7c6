import { z } from 'zod'
import { CurrencyCode, MoneyJson, PercentageInput } from '../../kit/money'
import { PageInput } from '../../kit/pages'
import { Day, TimeZone } from '../../kit/periods'
import { Plan } from '../../kit/plans'
import { Email } from '../identity/schemas'
import { Offer, OfferInput } from '../marketplace/schemas'

export { Landing } from '../marketplace/schemas'

/** A name one can see: no control characters, and something besides spaces and invisible signs. */
const Name = z
  .string()
  .trim()
  .min(1, 'Fill this in.')
  .max(200, 'At most 200 characters.')
  .refine((name) => !/\p{Cc}/u.test(name) && /[\p{L}\p{N}\p{P}\p{S}]/u.test(name), 'A name that can be read.')

const Settings = z
  .record(z.string().max(200), z.json())
  .refine((settings) => JSON.stringify(settings).length <= 16_384, 'At most 16 KiB.')

export const GenerateAffiliateLinkInput = z.strictObject({
  name: Name,
  /** The workspace's public id. */
  workspaceId: z.string().min(1).max(100),
  /** BUSINESS; FREE with a one-off offer. */
  planType: Plan.optional(),
  settings: Settings.optional(),
  offer: OfferInput.optional(),
  expiresAt: z.iso.datetime({ offset: true }).optional(),
  maxUses: z.int().min(1, 'At least 1.').max(2_147_483_647, 'That is too many.').optional(),
})
export type GenerateAffiliateLinkInput = z.infer<typeof GenerateAffiliateLinkInput>

export const GeneratedAffiliateLink = z.object({
  message: z.string(),
  id: z.string(),
  url: z.string(),
  token: z.string(),
})
export type GeneratedAffiliateLink = z.infer<typeof GeneratedAffiliateLink>

export const LinkIdInput = z.strictObject({ id: z.string().min(1).max(100) })

export const LinkView = z.object({
  id: z.string(),
  name: z.string(),
  url: z.string(),
  token: z.string(),
  /** As of now: an active link whose time is over is EXPIRED. */
  status: z.enum(['ACTIVE', 'REVOKED', 'EXPIRED', 'EXHAUSTED']),
  workspace: z.object({ id: z.string(), name: z.string() }),
  planType: Plan,
  offer: Offer,
  /** Per cent, two decimals: the seller's share, frozen. */
  commissionPercentage: z.string(),
  uses: z.number(),
  maxUses: z.number().nullable(),
  expiresAt: z.string().nullable(),
  createdAt: z.string(),
  /** Visits of its page, each visitor once a day; the seller's own are none. */
  clicks: z.number(),
  /** How many different people bought through it. */
  buyers: z.number(),
  /** Buyers per hundred clicks, two decimals; null: nobody opened it yet. */
  conversionRate: z.string().nullable(),
  /** The seller's shares of what was paid through it, less what refunds took back; by currency. */
  earned: z.array(MoneyJson),
})
export type LinkView = z.infer<typeof LinkView>

export const LinkSort = z.enum(['created', 'clicks', 'earnings', 'name'])
export type LinkSort = z.infer<typeof LinkSort>

/** Which of one's links, and in what order: newest, most clicks, most earned (by currency) or the name's first. */
export const LinksInput = PageInput.extend({
  /** Says where a name stands in the alphabet, so it may be long. */
  cursor: z.string().max(2_000).optional(),
  /** A part of the link's name or its workspace's. */
  q: z.string().trim().max(200, 'At most 200 characters.').optional(),
  /** Made on this day (UTC) or later. */
  from: Day.optional(),
  /** Made on this day (UTC) or earlier. */
  to: Day.optional(),
  sort: LinkSort.default('created'),
})
export type LinksInput = z.infer<typeof LinksInput>

export const LinksPage = z.object({ items: z.array(LinkView), nextCursor: z.string().nullable() })

export const Sale = z.object({
  paymentId: z.string(),
  workspace: z.object({ id: z.string(), name: z.string() }),
  /** The address is masked. */
  buyer: z.object({ name: z.string(), email: z.string() }),
  /** What was captured. */
  amount: MoneyJson,
  /** What of it was the seller's, less what refunds took back. */
  commission: MoneyJson,
  /** Which one that is; null: it earned the seller nothing. */
  commissionId: z.string().nullable(),
  status: z.enum(['CAPTURED', 'PARTIALLY_REFUNDED', 'REFUNDED', 'DISPUTED']),
  paidAt: z.string(),
})
export type Sale = z.infer<typeof Sale>

/** All of one's sales, or those through one link. */
export const SalesInput = PageInput.extend({ link: z.uuid().optional() })
export type SalesInput = z.infer<typeof SalesInput>

export const SalesPage = z.object({ items: z.array(Sale), nextCursor: z.string().nullable() })

const CommissionStatus = z.enum(['PENDING', 'CREDITED', 'PARTIALLY_REVERSED', 'REVERSED'])

/** Which of one's commissions: in this state; credited together, by the line of a statement that refers to `batch`. */
export const CommissionsInput = PageInput.extend({
  status: CommissionStatus.optional(),
  batch: z
    .string()
    .regex(/^[0-9a-f]{64}$/, 'What the line of a statement refers to.')
    .optional(),
})
export type CommissionsInput = z.infer<typeof CommissionsInput>

/** What one payment earned somebody. */
export const CommissionView = z.object({
  id: z.string(),
  kind: z.enum(['SALE', 'REFERRAL', 'OVERRIDE', 'BONUS']),
  status: CommissionStatus,
  /** What was sold; null: a bonus, or what is no workspace. */
  workspace: z.object({ name: z.string() }).nullable(),
  amount: MoneyJson,
  /** Taken back by refunds and lost disputes. */
  reversed: MoneyJson,
  /** Held back while a dispute is open. */
  held: MoneyJson,
  /** What is left of it today. */
  net: MoneyJson,
  /** An admin looks at it before it is credited, or has; null: nobody needs to. */
  review: z
    .object({ state: z.enum(['HELD', 'RELEASED', 'REFUSED']), reason: z.string().nullable() })
    .nullable(),
  holdUntil: z.string(),
  creditedAt: z.string().nullable(),
  createdAt: z.string(),
})
export type CommissionView = z.infer<typeof CommissionView>

export const CommissionsPage = z.object({
  items: z.array(CommissionView),
  nextCursor: z.string().nullable(),
})

export const ProcessedCommissions = z.object({
  /** Commissions credited. */
  processed: z.number(),
  totalAmount: z.array(MoneyJson),
  /** Statement lines written: one per user, currency and batch. */
  transactions: z.number(),
})
export type ProcessedCommissions = z.infer<typeof ProcessedCommissions>

const AffiliateStatus = z.enum(['PENDING', 'APPROVED', 'REJECTED', 'SUSPENDED'])

/** An account in the referral programme as its owner sees it. */
export const AffiliateView = z.object({
  id: z.string(),
  affiliateCode: z.string(),
  referralLink: z.string(),
  status: AffiliateStatus,
  /** Why it was rejected or suspended. */
  reason: z.string().nullable(),
  createdAt: z.string(),
})
export type AffiliateView = z.infer<typeof AffiliateView>

export const AdminAffiliateView = AffiliateView.extend({
  paymentEmail: z.string().nullable(),
  group: z.string().nullable(),
  decidedAt: z.string().nullable(),
  user: z.object({ id: z.string(), name: z.string(), email: z.string() }),
})
export type AdminAffiliateView = z.infer<typeof AdminAffiliateView>

export const AffiliatesInput = PageInput.extend({ status: AffiliateStatus.optional() })
export type AffiliatesInput = z.infer<typeof AffiliatesInput>

export const AffiliatesPage = z.object({
  items: z.array(AdminAffiliateView),
  nextCursor: z.string().nullable(),
})

const AffiliateId = z.string().min(1).max(100)
/** An approval needs no reason; one that came along is not kept. */
export const ApproveAffiliateInput = z.strictObject({
  id: AffiliateId,
  reason: z.string().max(500).optional(),
})
export const AffiliateReasonInput = z.strictObject({
  id: AffiliateId,
  reason: z.string().trim().min(1, 'Say why, in words.').max(500, 'At most 500 characters.'),
})

/** What the referral programme offers today. */
export const ProgramTerms = z.object({
  /** Per cent, two decimals: of every payment of whoever one referred. */
  rate: z.string(),
  /** How long after a click a sign-up counts. */
  cookieDays: z.number(),
  /** Days from a payment to its commission being credited. */
  holdDays: z.number(),
  /** Major units, in any currency but these. */
  minWithdrawal: z.number(),
  minWithdrawals: z.array(MoneyJson),
  /** The group whose terms these are; null: the programme's own. */
  group: z.string().nullable(),
})
export type ProgramTerms = z.infer<typeof ProgramTerms>

/** Which stretch of time, in whose days. */
export const DashboardInput = z.object({
  timeframe: z.enum(['day', 'week', 'month', 'year', 'custom']).default('month'),
  timezone: TimeZone.default('UTC'),
  /** The first and the last day of a custom range, both included. */
  from: Day.optional(),
  to: Day.optional(),
})
export type DashboardInput = z.infer<typeof DashboardInput>

/** Half-open: `to` is not in it. */
const Stretch = { from: z.string(), to: z.string() }

const DashboardFigures = {
  /** Visits through the affiliate's links: one for each visitor and day. */
  clicks: z.number(),
  /** Customers attributed in it. */
  signups: z.number(),
  /** Customers whose first payment with cash fell into it. */
  conversions: z.number(),
  /** What was earned in it, less what was taken back in it; per currency. */
  earnings: z.array(MoneyJson),
}
const Figures = z.object(DashboardFigures)
export type DashboardFigures = z.infer<typeof Figures>

/** Sign-ups and conversions are counted under the origin of the click that counted. */
export const DashboardSource = z.object({
  /** Empty: nothing was said of it. */
  name: z.string(),
  clicks: z.number(),
  signups: z.number(),
  conversions: z.number(),
})
export type DashboardSource = z.infer<typeof DashboardSource>

export const AffiliateDashboard = z.object({
  affiliate: AffiliateView.extend({
    /** Per cent, two decimals: of new customers' payments. */
    rate: z.string(),
    /** Of all time: customers attributed. */
    totalReferrals: z.number(),
    /** Per currency: pending and paid together. */
    totalEarnings: z.array(MoneyJson),
    /** Not credited yet, or held while a dispute is open. */
    pendingEarnings: z.array(MoneyJson),
    /** Credited to the balance, and not taken back. */
    paidEarnings: z.array(MoneyJson),
  }),
  timezone: z.string(),
  unit: z.enum(['hour', 'day', 'month']),
  period: z.object(Stretch),
  ...DashboardFigures,
  /** Per cent with two decimals; null: there was nothing to divide by. */
  signupRate: z.string().nullable(),
  conversionRate: z.string().nullable(),
  series: z.array(z.object({ ...Stretch, ...DashboardFigures })),
  previous: z.object({ ...Stretch, ...DashboardFigures }),
  sources: z.array(DashboardSource),
  mediums: z.array(DashboardSource),
  campaigns: z.array(DashboardSource),
  landingPages: z.array(DashboardSource),
})
export type AffiliateDashboard = z.infer<typeof AffiliateDashboard>

/** A customer attributed to an affiliate, as that affiliate may see them. */
export const ReferralView = z.object({
  id: z.string(),
  /** Masked. */
  customer: z.object({ name: z.string(), email: z.string() }),
  signedUpAt: z.string(),
  /** The click that counted; null: none is kept. */
  click: z
    .object({
      at: z.string(),
      code: z.string(),
      source: z.string(),
      medium: z.string(),
      campaign: z.string(),
      landingPage: z.string(),
    })
    .nullable(),
  /** Per cent, two decimals: pinned when they signed up. */
  rate: z.string(),
  /** Per currency, less what was taken back. */
  earned: z.array(MoneyJson),
})
export type ReferralView = z.infer<typeof ReferralView>

export const ReferralsPage = z.object({ items: z.array(ReferralView), nextCursor: z.string().nullable() })

const ReferralEvent = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('CLICK'), at: z.string() }),
  /** The code was entered at the checkout. */
  z.object({ kind: z.literal('COUPON'), at: z.string(), code: z.string() }),
  z.object({ kind: z.literal('SIGN_UP'), at: z.string() }),
  z.object({
    kind: z.literal('PAYMENT'),
    at: z.string(),
    commission: z
      .object({ id: z.string(), amount: MoneyJson, reversed: MoneyJson, status: CommissionStatus })
      .nullable(),
    /** Why it earned nothing. */
    withheld: z.string().nullable(),
  }),
])
export type ReferralEvent = z.infer<typeof ReferralEvent>

export const ReferralTimeline = ReferralView.extend({
  /** Which rule made them this affiliate's, in words. */
  rule: z.string(),
  /** Until when their payments earn; null: for life. */
  earnsUntil: z.string().nullable(),
  /** Oldest first. */
  events: z.array(ReferralEvent),
})
export type ReferralTimeline = z.infer<typeof ReferralTimeline>

export const AskForReviewInput = z.strictObject({
  /** One of one's own referrals; left out: somebody is missing. */
  referralId: z.string().max(100).optional(),
  message: z
    .string()
    .trim()
    .min(10, 'Say in a sentence what is wrong.')
    .max(2_000, 'At most 2,000 characters.'),
})
export type AskForReviewInput = z.infer<typeof AskForReviewInput>

export const ReviewView = z.object({
  id: z.string(),
  affiliateCode: z.string(),
  referralId: z.string().nullable(),
  message: z.string(),
  status: z.enum(['OPEN', 'ANSWERED']),
  answer: z.string().nullable(),
  createdAt: z.string(),
  answeredAt: z.string().nullable(),
})
export type ReviewView = z.infer<typeof ReviewView>

export const ReviewsInput = PageInput.extend({ status: z.enum(['OPEN', 'ANSWERED']).optional() })
export type ReviewsInput = z.infer<typeof ReviewsInput>
export const ReviewsPage = z.object({ items: z.array(ReviewView), nextCursor: z.string().nullable() })

export const AnswerReviewInput = z.strictObject({
  id: z.string().min(1).max(100),
  answer: z.string().trim().min(1, 'Write an answer.').max(2_000, 'At most 2,000 characters.'),
})

export const MoveAttributionInput = z.strictObject({
  /** The customer. */
  referralId: z.string().min(1).max(100),
  /** Of the affiliate who gets them. */
  code: z.string().min(1).max(200),
  reason: z.string().trim().min(1, 'Say why, in words.').max(500, 'At most 500 characters.'),
})
export type MoveAttributionInput = z.infer<typeof MoveAttributionInput>

const ReviewState = z.enum(['HELD', 'RELEASED', 'REFUSED'])

/** A share that looks like a self-referral, as admins see it; addresses are masked. */
export const HeldCommission = z.object({
  id: z.string(),
  kind: CommissionView.shape.kind,
  state: ReviewState,
  /** Why it was released or refused. */
  reason: z.string().nullable(),
  judgedAt: z.string().nullable(),
  amount: MoneyJson,
  /** What refunds and a refusal have left of it. */
  net: MoneyJson,
  earner: z.object({ id: z.string(), name: z.string(), email: z.string() }),
  customer: z.object({ id: z.string(), email: z.string() }),
  paymentId: z.string(),
  paidAt: z.string(),
  /** What is equal to what, in words; `found`: the payment or workspace in which. */
  evidence: z.array(z.object({ rule: z.string(), words: z.string(), found: z.string().nullable() })),
  /** The referral with which it is judged; null: by itself. */
  judgedWith: z.string().nullable(),
})
export type HeldCommission = z.infer<typeof HeldCommission>

export const HeldCommissionsInput = PageInput.extend({ state: ReviewState.default('HELD') })
export type HeldCommissionsInput = z.infer<typeof HeldCommissionsInput>
export const HeldCommissionsPage = z.object({
  items: z.array(HeldCommission),
  nextCursor: z.string().nullable(),
})

export const JudgeCommissionInput = z.strictObject({
  id: z.string().min(1).max(100),
  verdict: z.enum(['RELEASED', 'REFUSED']),
  reason: z.string().trim().min(1, 'Say why, in words.').max(500, 'At most 500 characters.'),
})
export type JudgeCommissionInput = z.infer<typeof JudgeCommissionInput>

/** An affiliate about whom something is out of the ordinary. */
export const FlaggedAffiliate = z.object({
  id: z.string(),
  code: z.string(),
  status: AffiliateStatus,
  /** The address is masked. */
  user: z.object({ id: z.string(), name: z.string(), email: z.string() }),
  flags: z.array(
    z.object({
      kind: z.enum(['CLICK_BURST', 'FAST_SIGN_UPS', 'SIGN_UP_BURST', 'PAID_SEARCH', 'RING']),
      /** The evidence with its figures. */
      words: z.string(),
      count: z.number(),
      /** Of how many; null: that says nothing here. */
      of: z.number().nullable(),
      /** When it began, or was seen last. */
      at: z.string().nullable(),
    }),
  ),
})
export type FlaggedAffiliate = z.infer<typeof FlaggedAffiliate>
export const FlaggedAffiliatesPage = z.object({
  items: z.array(FlaggedAffiliate),
  nextCursor: z.string().nullable(),
})

/** Off what a code of an affiliate's takes something. */
const CouponScope = z.enum(['ALL', 'PLANS', 'WORKSPACES'])
const couponTerms = {
  code: z
    .string()
    .trim()
    .min(3, 'At least 3 characters.')
    .max(64, 'At most 64 characters.')
    .regex(/^[\p{L}\p{N}_-]+$/u, 'Letters and digits, with hyphens or underscores between.'),
  /** 0: off the first payment; so many months from it on; null: off every payment. */
  months: z
    .int('Whole months.')
    .min(0, 'Not less than nothing.')
    .max(120, 'At most 120 months.')
    .nullable()
    .default(0),
  expiresAt: z.iso.datetime({ offset: true, error: 'A time such as 2026-12-01T00:00:00Z.' }).optional(),
  maxUses: z.int('A whole number.').min(1, 'At least 1.').max(2_147_483_647, 'That is too many.').optional(),
}
const Off = PercentageInput.refine((rate) => Number(rate) > 0, 'More than nothing.')

export const MakeOwnCouponInput = z.strictObject({ ...couponTerms, percentage: Off })
export type MakeOwnCouponInput = z.infer<typeof MakeOwnCouponInput>

export const MakeCouponInput = z
  .strictObject({
    ...couponTerms,
    /** Any code of the affiliate who gets it. */
    affiliate: z.string().min(1, 'Name an affiliate by their code.').max(100),
    percentage: Off.optional(),
    amount: z
      .strictObject({
        amount: z.int('Whole minor units.').min(1, 'More than nothing.').max(99_999_999, 'That is too much.'),
        currency: CurrencyCode,
      })
      .optional(),
    scope: CouponScope.default('ALL'),
  })
  .refine(({ percentage, amount }) => (percentage === undefined) !== (amount === undefined), {
    path: ['percentage'],
    message: 'Either a percentage or an amount.',
  })
export type MakeCouponInput = z.infer<typeof MakeCouponInput>

export const CouponView = z.object({
  id: z.string(),
  code: z.string(),
  affiliate: z.object({ code: z.string(), name: z.string() }),
  percentage: z.string().nullable(),
  amount: MoneyJson.nullable(),
  months: z.number().nullable(),
  /** What it takes off, in words. */
  words: z.string(),
  scope: CouponScope,
  state: z.enum(['ACTIVE', 'EXPIRED', 'USED_UP', 'ENDED']),
  /** Purchases with it that were paid. */
  uses: z.number(),
  maxUses: z.number().nullable(),
  expiresAt: z.string().nullable(),
  createdAt: z.string(),
})
export type CouponView = z.infer<typeof CouponView>

export const CouponsPage = z.object({ items: z.array(CouponView), nextCursor: z.string().nullable() })

/** A code as whoever enters it sees it, before they go on to pay. */
export const EnteredCoupon = z.object({
  code: z.string(),
  words: z.string(),
  /** What is left of the first payment; null: no price was named. */
  due: MoneyJson.nullable(),
})
export type EnteredCoupon = z.infer<typeof EnteredCoupon>

export const EnterCouponInput = z.strictObject({
  code: z.string().max(200, 'At most 200 characters.'),
  /** Of the link it is entered for … */
  token: z.string().max(16_384).optional(),
  /** … or the listing; both left out: for a plan. */
  slug: z.string().max(200).optional(),
})

/** What an affiliate's own codes may be; null: only admins make codes. */
export const CouponsOffered = z
  .object({ percentage: z.string(), months: z.number(), count: z.number() })
  .nullable()
export type CouponsOffered = z.infer<typeof CouponsOffered>

const groupTerms = {
  rate: PercentageInput,
  /** Days after a click in which a sign-up counts. */
  windowDays: z.int('Whole days.').min(1, 'At least 1.').max(30, 'At most 30: as long as a click is kept.'),
  holdDays: z.int('Whole days.').min(0, 'Not less than nothing.').max(365, 'At most 365.'),
  /** Minor units; a currency that is not named has the programme's minimum. */
  minWithdrawals: z
    .record(CurrencyCode, z.int('Whole minor units.').min(0, 'Not less than nothing.').max(1_000_000_000_000))
    .default({}),
  reason: z.string().trim().min(1, 'Say why, in words.').max(500, 'At most 500 characters.'),
}

export const MakeGroupInput = z.strictObject({ name: Name.max(60, 'At most 60 characters.'), ...groupTerms })
export type MakeGroupInput = z.infer<typeof MakeGroupInput>
export const ChangeGroupInput = z.strictObject({ id: AffiliateId, ...groupTerms })
export type ChangeGroupInput = z.infer<typeof ChangeGroupInput>
/** `groupId` null: back to the programme's own terms. */
export const MoveToGroupInput = z.strictObject({
  id: AffiliateId,
  groupId: AffiliateId.nullable(),
  reason: groupTerms.reason,
})
export type MoveToGroupInput = z.infer<typeof MoveToGroupInput>

const GroupTerms = z.object({
  /** Per cent, two decimals. */
  rate: z.string(),
  windowDays: z.number(),
  holdDays: z.number(),
  minWithdrawals: z.array(MoneyJson),
  reason: z.string(),
  by: z.string(),
  from: z.string(),
})
export const GroupView = z.object({
  id: z.string(),
  name: z.string(),
  /** Where one joins it. */
  inviteLink: z.string(),
  open: z.boolean(),
  members: z.number(),
  terms: GroupTerms,
  /** Every version, the newest first. */
  history: z.array(GroupTerms),
})
export type GroupView = z.infer<typeof GroupView>
export const GroupsList = z.object({ items: z.array(GroupView) })

/** Exactly as a browser names it; without https only on this machine. */
const Origin = z
  .string()
  .trim()
  .refine((text) => URL.canParse(text) && new URL(text).origin === text, {
    message: 'An address such as https://shop.example, without a path.',
  })
  .refine((text) => /^https:\/\/|^http:\/\/(localhost|127\.0\.0\.1)(:|$)/.test(text), {
    message: 'It has to be https.',
  })

export const AddTrackingSiteInput = z.strictObject({
  name: z.string().trim().min(1, 'Give it a name.').max(100, 'At most 100 characters.'),
  origins: z
    .array(Origin)
    .min(1, 'At least one.')
    .max(20, 'At most 20.')
    .transform((all) => [...new Set(all)]),
})
export type AddTrackingSiteInput = z.output<typeof AddTrackingSiteInput>

/** A site outside whose pages record clicks. */
export const TrackingSite = z.object({
  id: z.string(),
  name: z.string(),
  /** Public: it stands in the site's pages. */
  key: z.string(),
  origins: z.array(z.string()),
  createdAt: z.string(),
  /** Null: its pages record. */
  revokedAt: z.string().nullable(),
})
export type TrackingSite = z.infer<typeof TrackingSite>

export const RecordSignUpInput = z.strictObject({
  /** What the script had for the visitor: `offshoot.referral()`, or the form's field `offshoot_referral`. */
  referral: z.string().min(1).max(4_000),
  email: Email,
})
export type RecordSignUpInput = z.infer<typeof RecordSignUpInput>
export const PublicNameInput = z.strictObject({
  /** Null: off the leaderboard. */
  publicName: Name.min(2, 'At least 2 characters.')
    .max(40, 'At most 40 characters.')
    .regex(/^[^@/:<>=+]+$/, 'A name: no address, no link.')
    .nullable(),
})
export const PublicName = z.object({ publicName: z.string().nullable() })

export const LeaderboardInput = z.strictObject({
  /** In UTC; left out: of all time. */
  month: z
    .string()
    .regex(/^20\d\d-(0[1-9]|1[0-2])$/, 'A month such as 2026-11.')
    .optional(),
})
export type LeaderboardInput = z.infer<typeof LeaderboardInput>
export const Leaderboard = z.object({
  /** The signed-in affiliate's own; null: they are not on it. */
  publicName: z.string().nullable(),
  places: z.array(
    z.object({
      place: z.number(),
      name: z.string(),
      you: z.boolean(),
      /** Customers whose first payment fell into it, and was not given back. */
      customers: z.number(),
      /** Null: amounts are not shown here. */
      earned: z.array(MoneyJson).nullable(),
    }),
  ),
})
export type Leaderboard = z.infer<typeof Leaderboard>

/** A path of this site; whoever publishes says whether it is one. */
const OwnPath = z.string().max(500, 'At most 500 characters.')
export const PublishMaterialInput = z.strictObject({
  title: Name.max(100, 'At most 100 characters.'),
  body: z.string().trim().max(5_000, 'At most 5,000 characters.').default(''),
  linkPath: OwnPath.default('/'),
  imagePath: OwnPath.optional(),
})
export type PublishMaterialInput = z.infer<typeof PublishMaterialInput>
export const MaterialView = z.object({
  id: z.string(),
  title: z.string(),
  /** With the affiliate's link filled in. */
  body: z.string(),
  link: z.string(),
  image: z.string().nullable(),
  withdrawn: z.boolean(),
  createdAt: z.string(),
})
export type MaterialView = z.infer<typeof MaterialView>
export const MaterialsPage = z.object({ items: z.array(MaterialView), nextCursor: z.string().nullable() })

/** Names an offer to be looked at: a live listing's slug, or a link's token. */
export const PreviewInput = z.strictObject({ offer: z.string().min(1).max(4_000) })

export const PreviewTree = z.array(
  z.object({
    name: z.string(),
    slug: z.string(),
    pages: z.array(z.object({ name: z.string(), slug: z.string() })),
  }),
)
export type PreviewTree = z.infer<typeof PreviewTree>
