import { Form } from '@remix-run/react'
import { Button, FormErrors, InputField, Money, Time } from '~/components/ui'
import type { FormFailure } from '~/lib/forms'
import type { Landing } from '../../../server/domain/affiliate/schemas'
import { PLAN_NAMES, periodWords, priceWords, trialWords } from '../selling/offer-words'
import { CouponBox, type Entered } from './coupon-box'
import { planWords } from './landing-parts'

export interface KnownBuyer {
  readonly email: string
  readonly firstName: string
  readonly lastName: string
}

interface PurchaseBoxProps {
  readonly landing: Landing
  /** Who is signed in: the copy goes to that account. */
  readonly buyer: KnownBuyer | null
  /** A code in the page's address. */
  readonly entered: Entered
  readonly failure: FormFailure | undefined
}

const LABELS = { email: 'E-mail', firstName: 'First name', lastName: 'Last name', coupon: 'Discount code' }

/** The price, for whom, and the way to the checkout. */
export const PurchaseBox = ({ landing, buyer, entered, failure }: PurchaseBoxProps) => {
  const { offer } = landing
  const free = offer.price.amount === 0
  return (
    <section className="card purchase" id="buy" aria-labelledby="buy-title">
      <div className="card-body stack">
        <h2 id="buy-title" className="visually-hidden">
          Buy a copy
        </h2>
        <div>
          <p className="price">
            {free ? (
              'Free'
            ) : (
              <>
                <Money value={offer.price} />{' '}
                <span className="price-period">{offer.mode === 'ONE_OFF' ? 'once' : periodWords(offer)}</span>
              </>
            )}
          </p>
          <p className="muted">{modeWords(landing)}</p>
        </div>
        {!free && <CouponBox entered={entered} />}
        <FormErrors failure={failure} labels={LABELS} />
        {/* A whole page load: the answer leads to the provider's page. */}
        <Form method="post" className="form" reloadDocument>
          {entered.coupon !== null && <input type="hidden" name="coupon" value={entered.coupon.code} />}
          {buyer === null ? <GuestFields failure={failure} /> : <Account buyer={buyer} />}
          {landing.providers.length > 1 && (
            <WaysToPay providers={landing.providers} chosen={failure?.values.provider} />
          )}
          <Button variant="primary" wide>
            {free ? 'Continue' : 'Continue to payment'}
          </Button>
        </Form>
        <p className="purchase-note">
          The next page is the payment provider’s; nothing is charged before you confirm it there. Tax, where
          it is due, is added there.
        </p>
        <p className="purchase-note">{planWords(landing, buyer !== null)}</p>
        {landing.expiresAt !== null && (
          <p className="purchase-note">
            This offer ends on <Time value={landing.expiresAt} withTime />.
          </p>
        )}
      </div>
    </section>
  )
}

const PROVIDERS: Readonly<Record<string, string>> = {
  stripe: 'Card, through Stripe',
  mamopay: 'Card, through MamoPay',
}

const WaysToPay = ({
  providers,
  chosen,
}: {
  readonly providers: readonly string[]
  readonly chosen: string | undefined
}) => (
  <fieldset className="choices">
    <legend>How do you want to pay?</legend>
    {providers.map((provider, place) => (
      <label key={provider} className="choice">
        <input
          type="radio"
          name="provider"
          value={provider}
          defaultChecked={chosen ? chosen === provider : place === 0}
        />
        <span className="choice-title">{PROVIDERS[provider] ?? provider}</span>
      </label>
    ))}
  </fieldset>
)

/** What is paid when, in a sentence. */
const modeWords = ({ offer, planAfter }: Landing): string => {
  if (offer.mode === 'ONE_OFF') return 'One payment, no subscription. The copy is yours to keep.'
  const trial = trialWords(offer)
  const plan = planAfter === 'FREE' ? '' : ` with the ${PLAN_NAMES[planAfter]} plan`
  return `${trial === null ? '' : `${trial.charAt(0).toUpperCase()}${trial.slice(1)}, then charged. `}A subscription${plan}: you pay ${priceWords(offer)} until you cancel. The copy stays yours.`
}

const Account = ({ buyer }: { readonly buyer: KnownBuyer }) => (
  <div className="purchase-account">
    <p>
      The copy goes to your account{' '}
      <strong>
        {buyer.firstName} {buyer.lastName}
      </strong>{' '}
      ({buyer.email}).
    </p>
    <input type="hidden" name="email" value={buyer.email} />
    <input type="hidden" name="firstName" value={buyer.firstName} />
    <input type="hidden" name="lastName" value={buyer.lastName} />
  </div>
)

const GuestFields = ({ failure }: Pick<PurchaseBoxProps, 'failure'>) => {
  const field = (name: keyof typeof LABELS) => ({
    name,
    label: LABELS[name],
    error: failure?.fieldErrors[name],
    defaultValue: failure?.values[name],
  })
  return (
    <>
      <InputField
        {...field('email')}
        type="email"
        autoComplete="email"
        maxLength={254}
        hint="Receipt and copy go here. No account is needed."
      />
      <div className="form-pair">
        <InputField {...field('firstName')} autoComplete="given-name" maxLength={100} />
        <InputField {...field('lastName')} autoComplete="family-name" maxLength={100} />
      </div>
    </>
  )
}
