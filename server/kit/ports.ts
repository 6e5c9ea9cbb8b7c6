import { DomainError } from './errors'
import type { Money } from './money'

/** What a mail server is handed: one recipient, both forms of the text. */
export interface OutgoingMail {
  /** Stable across retries, so that a mail sent twice can be recognised. */
  readonly messageId: string
  readonly to: { readonly name: string; readonly address: string }
  readonly subject: string
  readonly text: string
  readonly html: string
  /** Where one press, or the mail program by itself, ends mails of this kind (RFC 8058). */
  readonly unsubscribeUrl?: string
}

/** The receiving server says that there is no such mailbox, or none that takes mails: trying again changes nothing. */
export class MailBouncedError extends Error {
  /** @param code the server's answer, such as 550 */
  constructor(readonly code: string) {
    super(`the mail was refused for good (${code})`)
    this.name = 'MailBouncedError'
  }
}

export interface MailTransport {
  /** `mailbox`: nothing leaves; the outbox keeps the text for the mailbox page. */
  readonly kind: 'smtp' | 'mailbox'
  /** @throws MailBouncedError; any other Error when the mail was not taken: the job tries again. */
  readonly send: (mail: OutgoingMail) => Promise<void>
}

export type ProviderMode = 'sandbox' | 'test' | 'live'
export type Frequency = 'MONTHLY' | 'YEARLY'

export interface CheckoutRequest {
  readonly orderId: string
  readonly customerRef: string | null
  readonly email: string
  readonly title: string
  readonly description: string
  readonly price: Money
  /** The provider's own name of that price, where it keeps one. */
  readonly priceRef?: string
  /** The payer may enter a code of the provider's own that lowers what is paid; not beside a discount of ours. */
  readonly takesCoupons?: true
  /** What a code of ours takes off the price. */
  readonly discount?: Discount
  /** Null: one payment. */
  readonly recurring: { frequency: Frequency; interval: number; freeTrialDays: number } | null
  readonly successUrl: string
  readonly cancelUrl: string
  readonly expiresAt: Date
  /** For whoever reads the provider's dashboard; only the order's id is believed when it comes back. */
  readonly metadata: Readonly<Record<string, string>>
  /** The same in groups, for a provider that shows such. Never a token or a secret. */
  readonly details?: Readonly<Record<string, Readonly<Record<string, string | number | null>>>>
  readonly clientReference: string | null
  /** The same key never makes a second checkout. */
  readonly idempotencyKey: string
}

export interface Discount {
  /** Names these very terms: the same at the provider for everyone who enters the code. */
  readonly ref: string
  /** The code, as the buyer sees it. */
  readonly name: string
  /** Per cent of each payment, or an amount in the price's currency. */
  readonly off: { readonly percentage: string } | { readonly amount: bigint }
  /** 0: off the first payment; so many months from it on; null: off every payment. */
  readonly months: number | null
  /** What is left to be paid first. */
  readonly due: Money
}

export interface Checkout {
  readonly ref: string
  readonly url: string
  readonly expiresAt: Date | null
}

/** What the provider says of a checkout, in our words. Amounts in ISO 4217 minor units. */
export interface CheckoutSnapshot {
  readonly ref: string
  readonly orderId: string | null
  /** paid: money was captured, or there was none to pay; unpaid: it may still come; expired: it never will. */
  readonly state: 'open' | 'unpaid' | 'paid' | 'expired'
  readonly total: Money
  /** Cash captured where its invoice was read with it: credit may have paid a part of the total. */
  readonly captured?: bigint
  readonly tax: bigint
  readonly customerRef: string | null
  readonly paymentIntentId: string | null
  readonly chargeId: string | null
  readonly invoiceId: string | null
  readonly subscriptionId: string | null
  /** Null while the provider has not said. */
  readonly fee: bigint | null
  readonly payerEmail: string | null
  /** The provider's own name of the card that paid, the same for each payment with it. Not there: none, or not said. */
  readonly cardFingerprint?: string
  /** Where it stands by itself: the total, and what the provider puts on top of it for the payment. */
  readonly due?: Money
  /** Where checkouts are looked at: every charge in which money moved, the latest last. */
  readonly charges?: readonly ChargeSnapshot[]
}

/** A charge as the provider tells it today. Amounts in ISO 4217 minor units. */
export interface ChargeSnapshot {
  readonly ref: string
  readonly checkoutRef: string | null
  /** Our order's id, as far as the provider gives it back. */
  readonly orderId: string | null
  /** captured: the money is there, though a part of it may have been given back; returned: all of it was. */
  readonly state: 'pending' | 'captured' | 'failed' | 'returned'
  /** What the payer paid, with anything on top of the price. */
  readonly paid: Money
  /** All that was given back of it. */
  readonly refunded: bigint
  /** One by one, as far as the provider tells them apart. */
  readonly refunds: readonly RefundSnapshot[]
  /** A refund of it is under way. */
  readonly refunding?: true
  /** When it was made; null or not there: the provider does not say. */
  readonly madeAt?: Date | null
  readonly subscriptionId: string | null
  readonly payerEmail: string | null
  /** As in a checkout. */
  readonly fee: bigint | null
}

export interface SubscriptionSnapshot {
  readonly ref: string
  readonly orderId: string | null
  readonly status: 'TRIALING' | 'ACTIVE' | 'PAST_DUE' | 'CANCELLED' | 'INCOMPLETE'
  /** False: not ended, but the provider has given up charging it. Not there: it is entitled. */
  readonly entitled?: boolean
  readonly currentPeriodStart?: Date | null
  readonly currentPeriodEnd: Date | null
  readonly cancelAtPeriodEnd: boolean
  readonly endedAt?: Date | null
  readonly customerRef?: string | null
  /** The provider's name of what it costs now. */
  readonly priceRef?: string | null
}

/** A price the provider keeps. */
export interface PriceSnapshot {
  readonly ref: string
  readonly price: Money
  /** Null: it is no monthly or yearly price. */
  readonly frequency: Frequency | null
  readonly active: boolean
}

/** An invoice of a subscription: of its first period, or of a later one. */
export interface InvoiceSnapshot {
  readonly ref: string
  readonly orderId: string | null
  readonly subscriptionId: string | null
  /** other: a change in mid-period, or one that was written by hand. */
  readonly reason: 'first' | 'renewal' | 'other'
  readonly paid: boolean
  readonly total: Money
  /** Cash captured: what discounts, credit and trials leave. */
  readonly captured: bigint
  /** Somebody marked it as paid: no cash came through the provider, and an admin has to say that it came at all. */
  readonly paidElsewhere?: true
  readonly tax: bigint
  readonly paymentIntentId: string | null
  readonly chargeId: string | null
  readonly customerRef: string | null
  /** Null while the provider has not said. */
  readonly fee: bigint | null
  /** As in a checkout. */
  readonly cardFingerprint?: string
}

/** One refund of a charge. */
export interface RefundSnapshot {
  readonly ref: string
  /** The row it was asked for with, where we did: it stands in the refund's metadata. */
  readonly requestId: string | null
  readonly amount: Money
  /** failed: also after it had succeeded; then the money is back with the provider. */
  readonly status: 'pending' | 'succeeded' | 'failed' | 'canceled'
}

/** One dispute of a charge. `no_money_moved`: a warning, a prevented one, or a status that is not known. */
export interface DisputeSnapshot {
  readonly ref: string
  readonly amount: Money
  readonly state: 'open' | 'won' | 'lost' | 'no_money_moved'
}

/** Where a payout goes. */
export type PayoutDestination =
  | { readonly kind: 'STRIPE'; readonly account: string }
  | { readonly kind: 'MAMOPAY'; readonly name: string; readonly iban: string }

export interface PayoutRequest {
  /** Comes back with every word about the payout, and finds it again when an answer was lost. */
  readonly withdrawalId: string
  readonly amount: Money
  readonly destination: PayoutDestination
  /** The same key never pays twice, where the provider knows such keys. */
  readonly idempotencyKey: string
}

/** A payout or transfer as the provider tells it. Amounts in ISO 4217 minor units. */
export interface PayoutSnapshot {
  readonly ref: string
  /** Null: the provider does not say; it is found by its reference. */
  readonly withdrawalId: string | null
  readonly amount: Money
  /** failed: it never left; returned: it was paid and came back, whole or in part (`returned`). */
  readonly status: 'processing' | 'paid' | 'failed' | 'returned'
  /** How much of it came back. */
  readonly returned: bigint
  /** What the provider charged for it, in the payout's currency; null while it has not said. */
  readonly fee: bigint | null
  readonly reason: string | null
}

/** The provider will not pay this out, now or later: nothing left. */
export class PayoutRefusedError extends Error {
  override readonly name = 'PayoutRefusedError'
}

/** The provider was not reached or did not let us in: nothing was done, and the same may be sent again. */
export class NotSentError extends DomainError {}

/** A payee's account at the provider. */
export interface PayeeAccountSnapshot {
  readonly ref: string
  readonly detailsSubmitted: boolean
  readonly payoutsEnabled: boolean
}

/** Sending money out through a provider. */
export interface PayoutService {
  readonly kind: PayoutDestination['kind']
  /** Whether it can pay this amount at all (currency, least amount, whole units). Pure. */
  readonly canPay: (money: Money) => boolean
  /**
   * @throws PayoutRefusedError when the provider refused it for good: nothing left. NotSentError: nothing left either.
   * Any other error leaves open whether it left: ask `find` before sending again.
   */
  readonly send: (request: PayoutRequest) => Promise<PayoutSnapshot>
  /** A payout that was sent for this withdrawal, by its reference where that is known. Null: there is none. */
  readonly find: (asked: { withdrawalId: string; ref: string | null }) => Promise<PayoutSnapshot | null>
  /**
   * Where it can be asked by its own references only: what stands in its dashboard as the reason of the payout of a
   * withdrawal, for a person to look for when an answer was lost. Not there: `find` needs no reference. Pure.
   */
  readonly lookFor?: (withdrawalId: string) => string
  /** Where payees have accounts of their own there. */
  readonly payees?: {
    readonly create: (input: { email: string; idempotencyKey: string }) => Promise<PayeeAccountSnapshot>
    readonly fetch: (ref: string) => Promise<PayeeAccountSnapshot | null>
    /** A page of the provider's on which the payee says who they are and where they bank; short-lived. */
    readonly onboardingUrl: (input: { ref: string; returnUrl: string; refreshUrl: string }) => Promise<string>
  }
}

/** How a charge is named; at least one of the two is known. */
export interface ChargeName {
  readonly paymentIntentId: string | null
  readonly chargeId: string | null
}

/** What a webhook tells, in our words. */
export type ProviderEvent =
  | {
      readonly kind: 'checkout'
      readonly checkout: CheckoutSnapshot
      readonly outcome: 'completed' | 'failed' | 'expired'
    }
  | { readonly kind: 'invoice'; readonly invoice: InvoiceSnapshot }
  | {
      readonly kind: 'invoice-failed'
      readonly invoice: InvoiceSnapshot
      /** How often it was tried. */
      readonly attempt: number
      /** Null: it is not tried again. */
      readonly nextAttemptAt: Date | null
      /** Where it can be paid, or confirmed, by hand. */
      readonly payUrl?: string | null
      /** Not declined: the payer's bank wants them to say that it is them. */
      readonly confirm?: boolean
    }
  | {
      readonly kind: 'subscription'
      readonly subscription: SubscriptionSnapshot
      /** Its trial is almost over. */
      readonly trialEnds?: true
    }
  | {
      readonly kind: 'fee'
      readonly paymentIntentId: string | null
      readonly chargeId: string
      readonly fee: Money
    }
  /** It matters, and cannot be acted upon: the admin's. */
  | { readonly kind: 'unhandled'; readonly reason: string; readonly about: string }
  | (ChargeName & {
      readonly kind: 'refund'
      /** All that was given back of the charge when the event was made; null when it does not say. */
      readonly refunded: Money | null
      readonly refunds: readonly RefundSnapshot[]
    })
  | (ChargeName & { readonly kind: 'dispute'; readonly dispute: DisputeSnapshot })
  /** A payout of ours moved on; what it says is read back before it is believed. */
  | { readonly kind: 'payout'; readonly ref: string; readonly withdrawalId: string | null }
  | { readonly kind: 'payee-account'; readonly account: PayeeAccountSnapshot }
  /** Something happened to a charge. Who says so is not proven, so only its name is told: it is read back. */
  | {
      readonly kind: 'charge'
      readonly chargeId: string
      /** Said to be of a later period; whether it is, the charge tells. */
      readonly renewal?: boolean
    }
  | { readonly kind: 'ignored'; readonly reason: string }

/** A webhook whose sender is proven. */
export interface VerifiedWebhook {
  readonly eventId: string
  readonly type: string
  readonly apiVersion: string | null
  readonly livemode: boolean
  readonly occurredAt: Date
  /** Nothing signs the body: another body of the same event is the same event. */
  readonly unsigned?: true
}

/** A page of what a provider keeps, latest first. */
export interface Listed<T> {
  readonly items: readonly T[]
  /** What to ask for next; null: that was all. */
  readonly next: string | null
}

/** Everything made at or after `since`, page by page. @param cursor null: from the latest on */
export type Lister<T> = (page: { readonly since: Date; readonly cursor: string | null }) => Promise<Listed<T>>

/** An event as the provider keeps it, whether or not its webhook arrived. */
export interface ListedEvent {
  readonly event: VerifiedWebhook
  /** For `readEvent`. */
  readonly body: string
}

/** A charge in a list, with what names whose it is. */
export interface ListedCharge extends ChargeSnapshot {
  readonly paymentIntentId: string | null
  readonly customerRef: string | null
}

/** What only a provider needs whose webhooks are unsigned and may never come: everything is asked of it. */
export interface Doorbell {
  /** A call that only asks whether somebody is there; it need not prove its sender. */
  readonly isPing: (body: string) => boolean
  /** Null: the provider knows no charge of that name. */
  readonly fetchCharge: (ref: string) => Promise<ChargeSnapshot | null>
  /** Its checkouts do not end by themselves. Ending one twice is no error. */
  readonly closeCheckout: (ref: string) => Promise<void>
  /** The charges of a subscription that went through, by name. Null: the provider knows no such subscription. */
  readonly listSubscriptionCharges: (ref: string) => Promise<readonly string[] | null>
  /** The webhook that should have come about a charge as it is now. Pure. */
  readonly bellOf: (charge: ChargeSnapshot) => ListedEvent
}

/** Subscriptions after their first payment. */
export interface SubscriptionService {
  /** Prices of the platform's plans that the provider keeps, by `PLAN_CYCLE`; the others go along with each checkout. */
  readonly planPrices: Readonly<Partial<Record<string, string>>>
  /** Null: the provider knows no price of that name. */
  readonly fetchPrice: (ref: string) => Promise<PriceSnapshot | null>
  /** The provider's price of these terms, made if it has none: the same terms have the same price. */
  readonly keepPrice: (terms: { title: string; price: Money; frequency: Frequency }) => Promise<string>
  /** What a change would cost at this moment; nothing is changed. */
  readonly previewChange: (change: PriceChange) => Promise<ChangePreview>
  /**
   * Changes what a subscription is about, now: what is left of the period is given back at the old price and paid at
   * the new one. When the payment does not go through, everything stays until it is paid at `payUrl`, or a day is over;
   * null: it is done.
   */
  readonly changePrice: (
    change: PriceChange & { readonly idempotencyKey: string },
  ) => Promise<{ readonly payUrl: string | null }>
  /** Lets it end with its period, or go on after all. */
  readonly setCancellation: (ref: string, atPeriodEnd: boolean) => Promise<void>
  /** Ends it now, without a charge and without giving anything back. Ending one twice is no error. */
  readonly cancelNow: (ref: string) => Promise<void>
  /** What the next payment will be, with credit and coupons. Null: there is none to come. */
  readonly nextPayment: (ref: string) => Promise<{ readonly due: Money; readonly at: Date | null } | null>
  /** Where an open invoice of it is paid by hand. Null: none is open. */
  readonly openInvoiceUrl: (ref: string) => Promise<string | null>
  /** A page of the provider's where the customer looks after cards, invoices and subscriptions. Short-lived. */
  readonly portalUrl: (input: { customerRef: string; returnUrl: string }) => Promise<string>
}

export interface PriceChange {
  readonly ref: string
  readonly priceRef: string
  /** The moment from which it is reckoned: the same for a preview and the change itself; now by default. */
  readonly at: Date | null
  /** A trial that runs ends with it. */
  readonly endTrial: boolean
}

export interface ChangePreview {
  /** Charged now. */
  readonly due: Money
  /** Credit that is left then, and pays the invoices to come first. */
  readonly credit: Money
  /** When a period ends and is paid next; null where nothing of that changes. */
  readonly nextAt: Date | null
  /** The moment, by the provider's clock, from which it was reckoned; null where time does not matter. */
  readonly reckonedAt: Date | null
}

/** One payment provider, behind its real interface. The rest of the system knows none by name. */
export interface PaymentProvider {
  readonly name: string
  readonly mode: ProviderMode
  /** Whether a checkout of this amount can be made at all. Pure. Not there: any amount can. */
  readonly canCharge?: (money: Money, terms?: { freeTrialDays: number }) => boolean
  /** Whether it can take a discount off some payments of a subscription and not off others. Not there: it can. Pure. */
  readonly oneAmountForEver?: true
  /** Not there: this provider keeps no customers. */
  readonly createCustomer?: (input: {
    email: string
    name: string
    idempotencyKey: string
  }) => Promise<{ ref: string }>
  readonly createCheckout: (request: CheckoutRequest) => Promise<Checkout>
  /** Reads a checkout back with all that hangs on it. Null: the provider knows none of that name. */
  readonly fetchCheckout: (ref: string) => Promise<CheckoutSnapshot | null>
  /** Ends a checkout before its time; one that is over or paid stays as it is. Not there: see `doorbell`. */
  readonly closeCheckout?: (ref: string) => Promise<void>
  readonly fetchSubscription: (ref: string) => Promise<SubscriptionSnapshot | null>
  /** Reads an invoice back with its charge and fee. Not there: this provider has none. */
  readonly fetchInvoice?: (ref: string) => Promise<InvoiceSnapshot | null>
  /**
   * Gives a payment back, or a part of it; the same key never refunds twice.
   * @throws NotSentError when nothing was asked for; any other error of status 503 leaves open whether it was done.
   */
  readonly refund: (input: {
    paymentIntentId: string
    amount: Money
    /** Comes back with every word about the refund. */
    requestId?: string
    idempotencyKey: string
    /** What we know of this charge's other refunds: a provider without such keys sees by it what an earlier try did. */
    known?: { readonly refs: readonly string[]; readonly refunded: bigint }
    /** An earlier try may have been taken: a provider without such keys only looks for what became of it. */
    handedOver?: boolean
  }) => Promise<RefundSnapshot>
  /** The refunds of a charge as they are today (the latest 100). Null: the provider knows no such charge. */
  readonly fetchRefunds: (charge: ChargeName) => Promise<readonly RefundSnapshot[] | null>
  readonly fetchDispute: (ref: string) => Promise<DisputeSnapshot | null>
  /** What can be done with a subscription after its checkout. Not there: nothing, with this provider. */
  readonly billing?: SubscriptionService
  /** Not there: it keeps no events, and its charges tell what should have come. */
  readonly listEvents?: Lister<ListedEvent>
  readonly listCharges: Lister<ListedCharge>
  /** Not there: its webhooks are signed, and retried until they are taken. */
  readonly doorbell?: Doorbell
  /** Not there: this provider pays nobody out. */
  readonly payouts?: PayoutService
  /**
   * Proves who sent a body. Pure: no network, no database.
   * @throws DomainError 400 WEBHOOK_INVALID when the signature, its age or the body is wrong.
   */
  readonly verifyWebhook: (input: { body: string; headers: Headers; receivedAt: Date }) => VerifiedWebhook
  /** Reads a body that was proven when it came in. Never throws on unknown or odd shapes: those are ignored. */
  readonly readEvent: (body: string) => ProviderEvent
}

/** One request to an address that a user has chosen. */
export interface PostRequest {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** Answers with the status alone. @throws Error when there was none, or the address leads where nothing may be posted to. */
export type Post = (request: PostRequest) => Promise<number>

/** A picture made ready for the web, with the sizes it is served in. */
export interface EncodedPicture {
  readonly width: number
  readonly height: number
  /** The full size first, named `WIDTHxHEIGHT`; then smaller ones, named by their width. WebP, without metadata. */
  readonly files: readonly { readonly size: string; readonly bytes: Buffer }[]
}

/** Decodes pictures, and keeps their files under names of our own making. */
export interface PictureService {
  /**
   * What it is, is read from the bytes. Works beside the event loop, a few at a time.
   * @throws DomainError 415 PICTURE_TYPE, 422 PICTURE_TOO_LARGE
   */
  readonly encode: (bytes: Buffer) => Promise<EncodedPicture>
  /** Puts a file there, whole or not at all; putting it again changes nothing. @throws DomainError 503 */
  readonly put: (name: string, bytes: Buffer) => Promise<void>
  /** Null: there is none of that name. @throws DomainError 503 */
  readonly read: (name: string) => Promise<Buffer | null>
  /** Removing what is not there is no error. @throws DomainError 503 */
  readonly remove: (name: string) => Promise<void>
}

/** A page to be shown to visitors. */
export interface PageToShow {
  readonly content: unknown
  readonly name: string
  readonly seo: Readonly<Record<string, unknown>>
  readonly settings: Readonly<Record<string, unknown>>
  readonly theme: Readonly<Record<string, unknown>>
  /** As it is known to others, absolute. */
  readonly address: string
  /** Absolute addresses of this installation's pictures begin with it. */
  readonly origin: string
  readonly hrefOf: (pageKey: string) => string | null
  /** Where forms are sent, by the name of their block; null: nowhere. */
  readonly sendTo: (blockId: string) => string | null
  readonly mode: 'live' | 'preview'
  /** Whether players of elsewhere may run: the page has an origin of its own. */
  readonly players: boolean
  /** What measures visits, where the visitor agreed; `ask` where they are to be asked, at `consentTo`. */
  readonly tracking: Readonly<Record<string, string>>
  readonly consent: 'ask' | 'yes' | 'no'
  readonly consentTo: string
}

export interface ShownPage {
  readonly html: string
  /** Of the styles and scripts that stand in it, as a policy names them: `'sha256-…'`. */
  readonly styles: readonly string[]
  readonly scripts: readonly string[]
  /** Hosts that its scripts are loaded from and speak to. */
  readonly hosts: readonly string[]
  /** It may carry script that its author wrote: it shares an origin with nobody. */
  readonly isolated?: boolean
}

/** Makes documents of published pages. */
export interface PageRenderer {
  readonly page: (page: PageToShow) => ShownPage
  /** One with nothing but a message, or a form that asks for a password. */
  readonly message: (message: {
    readonly title: string
    readonly text: string
    readonly password?: { readonly to: string; readonly wrong: boolean }
    readonly link?: { readonly href: string; readonly label: string }
    readonly theme?: Readonly<Record<string, unknown>>
  }) => ShownPage
}
