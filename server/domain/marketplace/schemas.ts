import { z } from 'zod'
import { CurrencyCode, currencyExponent, MoneyJson } from '../../kit/money'
import { PageInput } from '../../kit/pages'
import { Plan } from '../../kit/plans'
import { longText, Name } from '../workspace/schemas'

const Frequency = z.enum(['MONTHLY', 'YEARLY'])

/** A price a provider can take: nothing, or at least 50 minor units; of three decimals the last is 0. */
const Price = z
  .strictObject({
    amount: z.int().min(0).max(99_999_999, 'More than can be charged.'),
    currency: CurrencyCode,
  })
  .superRefine(({ amount, currency }, check) => {
    if (!CurrencyCode.safeParse(currency).success) return
    const digits = currencyExponent(currency)
    if (digits === 2 && amount > 0 && amount < 50)
      check.addIssue({ code: 'custom', path: ['amount'], message: 'Nothing, or at least 50 minor units.' })
    if (digits === 3 && amount % 10 !== 0)
      check.addIssue({ code: 'custom', path: ['amount'], message: 'A multiple of 10 minor units.' })
  })

const Interval = z.int().min(1).max(12)

const OneOffOffer = z.strictObject({ mode: z.literal('ONE_OFF'), price: Price })
/** Clients that send one shape for every offer send a period too. It means nothing, so long as there is no trial. */
const OneOffOfferInput = OneOffOffer.extend({
  frequency: Frequency.optional(),
  frequencyInterval: Interval.optional(),
  freeTrialPeriodInDays: z.literal(0, 'A one-off offer has no trial.').optional(),
})
const SubscriptionOffer = z
  .strictObject({
    mode: z.literal('SUBSCRIPTION'),
    price: Price,
    frequency: Frequency.default('MONTHLY'),
    frequencyInterval: Interval.default(1),
    freeTrialPeriodInDays: z.int().min(0).max(730).default(0),
  })
  .refine(({ frequency, frequencyInterval }) => frequency !== 'YEARLY' || frequencyInterval <= 3, {
    path: ['frequencyInterval'],
    message: 'At most 3 years.',
  })

/** What a buyer pays and gets. */
export const Offer = z.discriminatedUnion('mode', [OneOffOffer, SubscriptionOffer])
export type Offer = z.infer<typeof Offer>

/** An offer as it is asked for. */
export const OfferInput = z.discriminatedUnion('mode', [OneOffOfferInput, SubscriptionOffer])
export type OfferInput = z.infer<typeof OfferInput>

/** Under which terms a person would sell now. */
/** How far a seller has come: levels count from 1; 0 is before the first. */
export const SellerLevel = z.object({
  number: z.number(),
  of: z.number(),
  /** Purchases of their workspaces of which something is left. */
  sales: z.number(),
  /** What comes next; null: this is the last. Without a percentage it changes no rate. */
  next: z.object({ sales: z.number(), percentage: z.string().nullable() }).nullable(),
})
export type SellerLevel = z.infer<typeof SellerLevel>

export const SellingTerms = z.object({
  planType: Plan,
  level: SellerLevel,
  /** Per cent, two decimals: the rate a new link takes. */
  commissionPercentage: z.string(),
  /** What each plan costs by itself: a subscription that includes it costs no less. */
  plans: z.array(z.object({ plan: Plan, monthly: MoneyJson, yearly: MoneyJson })),
})
export type SellingTerms = z.infer<typeof SellingTerms>

export const ListingStatus = z.enum(['DRAFT', 'SUBMITTED', 'LIVE', 'REJECTED', 'PAUSED', 'SUSPENDED'])
export type ListingStatus = z.infer<typeof ListingStatus>

const Title = Name.pipe(z.string().max(120, 'At most 120 characters.'))
const Tagline = z
  .string()
  .trim()
  .max(160, 'At most 160 characters.')
  .regex(/^[^\p{Cc}\p{Cs}\u2028\u2029]*$/u, 'One line, without control characters.')
/** Lower case, so that two spellings are one tag. */
const Tag = Name.pipe(z.string().max(40, 'At most 40 characters.')).transform((tag) => tag.toLowerCase())
const Tags = z
  .array(Tag)
  .transform((tags) => [...new Set(tags)])
  .pipe(z.array(z.string()).max(10, 'At most 10 tags.'))
const Language = z.string().regex(/^[a-z]{2,3}$/, 'A language’s code, such as “en”.')
/** Which there are is asked by the verb. */
const Category = z.string().max(100)

const words = {
  title: Title,
  tagline: Tagline,
  /** Markdown; HTML in it is shown as text. */
  description: longText(20_000),
  category: Category,
  tags: Tags,
  language: Language,
  versionNotes: longText(5_000),
}

export const CreateListingInput = z.strictObject({
  /** The workspace's public id. */
  workspaceId: z.string().min(1).max(100),
  ...words,
  /** The workspace's name by default. */
  title: Title.optional(),
  tagline: Tagline.default(''),
  /** The workspace's description by default. */
  description: words.description.optional(),
  category: Category.default('other'),
  tags: Tags.default([]),
  language: Language.default('en'),
  versionNotes: words.versionNotes.default(''),
  /** BUSINESS; FREE with a one-off offer. */
  planType: Plan.optional(),
  offer: OfferInput.optional(),
  /** Kept to be handed in later; else it is handed in for review at once. */
  draft: z.boolean().default(false),
})
export type CreateListingInput = z.input<typeof CreateListingInput>

const ListingSlug = z.string().min(1).max(200)
export const ListingInput = z.strictObject({ slug: ListingSlug })

export const EditListingInput = z
  .strictObject({ ...words, planType: Plan, offer: OfferInput })
  .partial()
  .extend({ slug: ListingSlug })
export type EditListingInput = z.infer<typeof EditListingInput>

const Rating = z.object({
  /** Reviews that are shown. */
  count: z.number().int(),
  /** Of 1 to 5, two decimals; null: there are none. */
  mean: z.number().nullable(),
})

/** A listing among others. */
export const ListingCard = z.object({
  id: z.string(),
  slug: z.string(),
  status: ListingStatus,
  title: z.string(),
  tagline: z.string(),
  category: z.string(),
  tags: z.array(z.string()),
  language: z.string(),
  planType: Plan,
  offer: Offer,
  seller: z.object({ name: z.string(), organization: z.string() }),
  /** The path of its picture; null: it has none. */
  image: z.string().nullable(),
  /** Copies sold. */
  sold: z.number().int(),
  rating: Rating,
  featured: z.boolean(),
  publishedAt: z.string().nullable(),
})
export type ListingCard = z.infer<typeof ListingCard>

export const ListingView = ListingCard.extend({
  description: z.string(),
  versionNotes: z.string(),
  /** Whether it can be bought now. */
  available: z.boolean(),
  /** What only its seller and admins see. */
  own: z
    .object({
      workspace: z.object({ id: z.string(), name: z.string() }),
      /** Per cent, two decimals: the seller's share, frozen. */
      commissionPercentage: z.string(),
      /** Why it was rejected or suspended. */
      reason: z.string().nullable(),
      submittedAt: z.string().nullable(),
      decidedAt: z.string().nullable(),
      createdAt: z.string(),
      updatedAt: z.string(),
    })
    .nullable(),
})
export type ListingView = z.infer<typeof ListingView>

/** What the page of a link or listing shows before anything is paid. */
export const Landing = z.object({
  workspace: z.object({
    name: z.string(),
    description: z.string(),
    image: z.string().nullable(),
    counts: z.object({ funnels: z.number(), pages: z.number(), themes: z.number() }),
    funnels: z.array(z.object({ name: z.string(), pages: z.array(z.string()).readonly() })).readonly(),
    copied: z.array(z.string()).readonly(),
    notCopied: z.array(z.string()).readonly(),
  }),
  offer: Offer,
  seller: z.object({ name: z.string(), organization: z.string() }),
  /** The names of the providers that can charge it, the default one first. */
  providers: z.array(z.string()).readonly(),
  /** When the offer ends, if it does. */
  expiresAt: z.string().nullable(),
  /** The reader's plan once they bought. */
  planAfter: Plan,
  /** What that plan lets them add to the copy; null: any number. */
  limits: z.object({ funnels: z.number().nullable(), pagesPerFunnel: z.number().nullable() }),
})
export type Landing = z.infer<typeof Landing>

/** A listing with all that its page shows. */
export const ListingPage = z.object({
  listing: ListingView,
  /** The description as HTML that is safe to show. */
  descriptionHtml: z.string(),
  landing: Landing,
})
export type ListingPage = z.infer<typeof ListingPage>

/** A field of a form that was sent empty is as good as none. */
const unlessEmpty = <T extends z.ZodType>(schema: T) =>
  z.preprocess((value) => (value === '' ? undefined : value), schema.optional())

const SORTS = ['relevance', 'popular', 'new', 'rating', 'price', 'price-desc'] as const

export const SearchListingsInput = PageInput.extend({
  /** Words, “phrases”, -without. */
  q: unlessEmpty(longText(200)),
  category: unlessEmpty(Category),
  tag: unlessEmpty(z.string().max(100)),
  language: unlessEmpty(Language),
  /** Minor units of `currency`. */
  minPrice: unlessEmpty(z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER)),
  maxPrice: unlessEmpty(z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER)),
  /** Whose prices are compared: with a bound or an order of prices, those in others are left out. USD by default. */
  currency: unlessEmpty(CurrencyCode),
  minRating: unlessEmpty(z.coerce.number().min(0).max(5)),
  /** The plan that is included. */
  plan: unlessEmpty(Plan),
  /** By default: relevance when words are searched, else popular. */
  sort: unlessEmpty(z.enum(SORTS)),
})
export type SearchListingsInput = z.infer<typeof SearchListingsInput>

export const ListingsPage = z.object({
  items: z.array(ListingCard),
  nextCursor: z.string().nullable(),
  /** What was searched instead, because nothing was found for the words that were typed; null: what was typed. */
  corrected: z.string().nullable(),
})
export type ListingsPage = z.infer<typeof ListingsPage>

/** What visitors see first. */
export const Showcase = z.object({
  featured: z.array(ListingCard),
  popular: z.array(ListingCard),
  newest: z.array(ListingCard),
})
export type Showcase = z.infer<typeof Showcase>

export const RelatedListings = z.array(ListingCard)

/** The same filters; how many fit is told for each value that could be chosen, as though that filter were not set. */
export const FacetsInput = SearchListingsInput.omit({ limit: true, cursor: true, sort: true })
export type FacetsInput = z.infer<typeof FacetsInput>

const Facet = z.object({
  /** Only as many as are worth counting were counted: there are more. */
  more: z.boolean(),
  values: z.array(z.object({ value: z.string(), label: z.string().optional(), count: z.number().int() })),
})
export type Facet = z.infer<typeof Facet>

export const Facets = z.object({
  /** That fit everything that was asked. */
  count: z.number().int(),
  more: z.boolean(),
  category: Facet,
  language: Facet,
  plan: Facet,
  currency: Facet,
  /** How many are rated at least so. */
  minRating: Facet,
  tag: Facet,
})
export type Facets = z.infer<typeof Facets>

export const OwnListingsInput = PageInput.extend({ status: unlessEmpty(ListingStatus) })
export type OwnListingsInput = z.infer<typeof OwnListingsInput>
export const OwnListingsPage = z.object({ items: z.array(ListingView), nextCursor: z.string().nullable() })

export const Categories = z.array(
  z.object({ key: z.string(), name: z.string(), /** Live in it. */ listings: z.number().int() }),
)
export type Categories = z.infer<typeof Categories>

const ListingId = z.string().min(1).max(100)
/** An approval needs no reason; one that came along is not kept. */
export const ApproveListingInput = z.strictObject({ id: ListingId, reason: z.string().max(1_000).optional() })
export const ListingReasonInput = z.strictObject({
  id: ListingId,
  reason: z.string().trim().min(1, 'Say why, in words.').pipe(longText(1_000)),
})

export const WriteReviewInput = z.strictObject({
  slug: z.string().min(1).max(200),
  rating: z.int('Whole stars.').min(1, 'At least 1.').max(5, 'At most 5.'),
  text: longText(5_000).default(''),
})
export type WriteReviewInput = z.input<typeof WriteReviewInput>

export const ListingReview = z.object({
  id: z.string(),
  author: z.string(),
  rating: z.number().int(),
  text: z.string(),
  /** The seller's answer. */
  reply: z.string().nullable(),
  repliedAt: z.string().nullable(),
  createdAt: z.string(),
  /** Changed since. */
  edited: z.boolean(),
})
export type ListingReview = z.infer<typeof ListingReview>

export const ReviewsOfInput = PageInput.extend({ slug: z.string().min(1).max(200) })
export type ReviewsOfInput = z.infer<typeof ReviewsOfInput>
export const ListingReviewsPage = z.object({
  items: z.array(ListingReview),
  nextCursor: z.string().nullable(),
})

/** What the reader may do about reviews of a listing. */
export const ReviewStanding = z.object({
  /** They bought it, and did not sell it. */
  mayReview: z.boolean(),
  mayReply: z.boolean(),
  /** What they wrote; hidden: an admin took it from view. */
  own: ListingReview.extend({ hidden: z.string().nullable() }).nullable(),
})
export type ReviewStanding = z.infer<typeof ReviewStanding>

const ReviewId = z.string().min(1).max(100)
export const ReplyInput = z.strictObject({
  id: ReviewId,
  /** Empty: the answer is taken back. */
  reply: z.string().trim().pipe(longText(5_000)),
})
export const ReviewReasonInput = z.strictObject({
  id: ReviewId,
  reason: z.string().trim().min(1, 'Say why, in words.').pipe(longText(1_000)),
})
export const RestoreReviewInput = z.strictObject({ id: ReviewId })

/** A review as admins see it. */
export const AdminReview = ListingReview.extend({
  listing: z.object({ slug: z.string(), title: z.string() }),
  hiddenReason: z.string().nullable(),
  /** What was said against it and waits for an admin. */
  reports: z.array(z.string()),
})
export type AdminReview = z.infer<typeof AdminReview>
export const AdminReviewsInput = PageInput.extend({
  state: unlessEmpty(z.enum(['REPORTED', 'HIDDEN', 'ALL'])),
})
export type AdminReviewsInput = z.infer<typeof AdminReviewsInput>
export const AdminReviewsPage = z.object({ items: z.array(AdminReview), nextCursor: z.string().nullable() })
