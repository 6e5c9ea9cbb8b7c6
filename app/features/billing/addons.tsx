import { Form } from '@remix-run/react'
import { Badge, Button, Confirm, InputField, SelectField, Time } from '~/components/ui'
import { formatMoney } from '~/lib/format'
import type { FormFailure } from '~/lib/forms'
import type { CurrentPlan } from '../../../server/domain/payment/schemas'

type Addon = CurrentPlan['addons'][number]

/** The add-ons there are, each with what can be done about it. */
export const AddonList = ({ addons }: { readonly addons: CurrentPlan['addons'] }) =>
  addons.length === 0 ? (
    <p className="muted">You have none. Each raises one limit for as long as you keep it.</p>
  ) : (
    <ul className="addons">
      {addons.map((addon) => (
        <li key={addon.id}>
          <p className="addon-what">
            <strong>{addon.words}</strong> <State addon={addon} />
          </p>
          <p className="plan-price">{formatMoney(addon.price)} a month</p>
          <Ways addon={addon} />
        </li>
      ))}
    </ul>
  )

const State = ({ addon: { status, entitled, ends, periodEnd } }: { readonly addon: Addon }) => {
  if (!entitled) return <Badge tone="danger">Not paid, raises nothing</Badge>
  if (status === 'PAST_DUE') return <Badge tone="warning">Payment due</Badge>
  if (periodEnd === null) return <Badge tone="good">Active</Badge>
  return ends ? (
    <>
      <Badge tone="warning">Ends</Badge> <Time value={periodEnd} />
    </>
  ) : (
    <>
      <Badge tone="good">Active</Badge>{' '}
      <span className="muted">
        next payment <Time value={periodEnd} />
      </span>
    </>
  )
}

const Ways = ({ addon }: { readonly addon: Addon }) => {
  const { id, words, status, ends, periodEnd, provider, canChange } = addon
  if (status === 'CANCELLED') return <span className="muted">It can be bought again below.</span>
  if (!canChange)
    return (
      <span className="muted">
        Paid through {provider === 'mamopay' ? 'MamoPay' : provider}. To cancel it, answer any of our mails.
      </span>
    )
  return (
    <div className="addon-ways">
      {status === 'PAST_DUE' && (
        <Do intent="pay-addon" id={id} words={words} variant="primary">
          Pay it now
        </Do>
      )}
      {ends ? (
        <Do intent="resume-addon" id={id} words={words} variant="secondary">
          Go on with it after all
        </Do>
      ) : (
        <Confirm
          label={`End ${words}`}
          question={
            <p>
              Nothing more is charged. It stays
              {periodEnd !== null && (
                <>
                  {' '}
                  until <Time value={periodEnd} />
                </>
              )}
              , and until then you can take this back. After it nothing is deleted: what is over your limit,
              the newest first, can be read, exported and published as it was.
            </p>
          }
        >
          <Do intent="cancel-addon" id={id} words={words} variant="danger">
            Yes, end it
          </Do>
        </Confirm>
      )}
    </div>
  )
}

interface DoProps {
  readonly intent: string
  readonly id: string
  readonly words: string
  readonly variant: 'primary' | 'secondary' | 'danger'
  readonly children: string
}

const Do = ({ intent, id, words, variant, children }: DoProps) => (
  <Form method="post" reloadDocument>
    <input type="hidden" name="id" value={id} />
    <Button name="intent" value={intent} variant={variant}>
      {children}
      <span className="visually-hidden">: {words}</span>
    </Button>
  </Form>
)

interface BuyAddonProps {
  readonly usage: CurrentPlan['usage']
  /** Which is meant, when somebody was led here. */
  readonly chosen: string
  readonly failure: FormFailure | undefined
}

/** To the checkout of more; where the plan sets no limit there is nothing to buy. */
export const BuyAddon = ({ usage, chosen, failure }: BuyAddonProps) => {
  const offered = usage.flatMap(({ addon }) => (addon === null ? [] : [addon]))
  if (offered.length === 0)
    return <p className="muted">Your plan sets no limits, so there is nothing to raise.</p>
  const wrong = failure?.fieldErrors ?? {}
  const typed = failure?.values ?? {}
  return (
    <Form method="post" className="form" reloadDocument>
      <div className="form-pair">
        <SelectField
          name="addon"
          label="What do you need more of?"
          error={wrong.addon}
          defaultValue={
            typed.addon ?? (offered.some(({ addon }) => addon === chosen) ? chosen : offered[0]?.addon)
          }
        >
          {offered.map(({ addon, words, price }) => (
            <option key={addon} value={addon}>
              {words}, {formatMoney(price)} a month
            </option>
          ))}
        </SelectField>
        <InputField
          name="quantity"
          label="How many times"
          inputMode="numeric"
          hint="From 1 to 100."
          error={wrong.quantity}
          defaultValue={typed.quantity ?? '1'}
        />
      </div>
      <p className="muted">
        It is charged each month until you cancel, which you can do here at any time. You see the sum before
        you pay.
      </p>
      <div className="actions">
        <Button name="intent" value="buy-addon" variant="primary">
          Go to the checkout
        </Button>
      </div>
    </Form>
  )
}
