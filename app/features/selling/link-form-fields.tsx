import { Card, InputField, SelectField } from '~/components/ui'
import { formatMoney } from '~/lib/format'
import type { SellingTerms } from '../../../server/domain/marketplace/schemas'
import type { Workspace } from '../../../server/domain/workspace/schemas'
import type { CurrencyChoice } from './currencies.server'
import { LINK_LABELS, type LinkField } from './link-form'
import { PLAN_NAMES } from './offer-words'

interface FieldsProps {
  readonly values: Readonly<Partial<Record<LinkField, string>>>
  readonly errors: Readonly<Record<string, string>>
}

/** What is sold, and under which name the seller finds the link again. */
export const WhatFields = ({
  values,
  errors,
  workspaces,
  more,
}: FieldsProps & {
  /** There are older ones, which are not offered here. */
  readonly more: boolean
  readonly workspaces: readonly Pick<Workspace, 'id' | 'name' | 'status' | 'notForResale'>[]
}) => (
  <Card title="What you sell">
    <div className="form">
      <SelectField
        name="workspaceId"
        label={LINK_LABELS.workspaceId}
        hint={
          more
            ? `The buyer gets a copy of it as it is on the day they pay. Your newest ${workspaces.length} are listed; sell an older one by “Sell a copy” on its own page.`
            : 'The buyer gets a copy of it as it is on the day they pay.'
        }
        error={errors.workspaceId}
        defaultValue={values.workspaceId ?? ''}
      >
        <option value="">Choose a workspace</option>
        {workspaces.map((workspace) => {
          const reason = unsellable(workspace)
          return (
            <option key={workspace.id} value={workspace.id} disabled={reason !== null}>
              {reason === null ? workspace.name : `${workspace.name} (${reason})`}
            </option>
          )
        })}
      </SelectField>
      <InputField
        name="name"
        label={LINK_LABELS.name}
        hint="Only you see it. It tells your links apart, such as “Autumn newsletter”."
        error={errors.name}
        defaultValue={values.name}
        maxLength={200}
        autoComplete="off"
      />
    </div>
  </Card>
)

/** Why a workspace cannot be sold; null when it can. */
export const unsellable = ({ status, notForResale }: Pick<Workspace, 'status' | 'notForResale'>) => {
  if (notForResale) return 'a copy that is not for resale'
  return status === 'ACTIVE' ? null : 'not active'
}

/** Once, or again and again. The fields of a subscription show, without scripts too, while it is chosen. */
export const PriceFields = ({
  values,
  errors,
  currencies,
  plans,
}: FieldsProps & {
  readonly currencies: readonly CurrencyChoice[]
  readonly plans: SellingTerms['plans']
}) => (
  <Card title="What it costs">
    <div className="form">
      <fieldset className="choices">
        <legend>{LINK_LABELS['offer.mode']}</legend>
        {MODES.map(({ value, title, text }) => (
          <label key={value} className="choice">
            <input
              type="radio"
              name="offer.mode"
              value={value}
              defaultChecked={value === (values['offer.mode'] ?? 'ONE_OFF')}
            />
            <span>
              <span className="choice-title">{title}</span>
              <span className="field-hint">{text}</span>
            </span>
          </label>
        ))}
      </fieldset>
      <div className="form-pair">
        <InputField
          name="offer.price.amount"
          label={LINK_LABELS['offer.price.amount']}
          error={errors['offer.price.amount'] ?? errors['offer.price']}
          defaultValue={values['offer.price.amount']}
          inputMode="decimal"
          placeholder="115.00"
          autoComplete="off"
          maxLength={30}
          className="numeric"
        />
        <SelectField
          name="offer.price.currency"
          label={LINK_LABELS['offer.price.currency']}
          error={errors['offer.price.currency']}
          defaultValue={values['offer.price.currency'] ?? 'USD'}
        >
          {currencies.map(({ code, name }) => (
            <option key={code} value={code}>
              {code}: {name}
            </option>
          ))}
        </SelectField>
      </div>
      <div className="form if-subscription">
        <div className="form-pair">
          <InputField
            name="offer.frequencyInterval"
            label={LINK_LABELS['offer.frequencyInterval']}
            error={errors['offer.frequencyInterval']}
            defaultValue={values['offer.frequencyInterval'] ?? '1'}
            inputMode="numeric"
            maxLength={2}
            className="numeric"
          />
          <SelectField
            name="offer.frequency"
            label="Month or year"
            error={errors['offer.frequency']}
            defaultValue={values['offer.frequency'] ?? 'MONTHLY'}
          >
            <option value="MONTHLY">month(s)</option>
            <option value="YEARLY">year(s)</option>
          </SelectField>
        </div>
        <InputField
          name="offer.freeTrialPeriodInDays"
          label={LINK_LABELS['offer.freeTrialPeriodInDays']}
          hint="Nothing is charged, and nothing earned, before they are over. 0 for none."
          error={errors['offer.freeTrialPeriodInDays']}
          defaultValue={values['offer.freeTrialPeriodInDays'] ?? '0'}
          inputMode="numeric"
          maxLength={3}
          className="numeric"
        />
        <SelectField
          name="planType"
          label={LINK_LABELS.planType}
          hint="The buyer has it while they pay. The price is in US dollars (USD), and no lower than that plan's own."
          error={errors.planType}
          defaultValue={values.planType || 'BUSINESS'}
        >
          {plans.map(({ plan, monthly, yearly }) => (
            <option key={plan} value={plan}>
              {monthly.amount === 0
                ? `${PLAN_NAMES[plan]}: no paid plan`
                : `${PLAN_NAMES[plan]}: from ${formatMoney(monthly)} a month or ${formatMoney(yearly)} a year`}
            </option>
          ))}
        </SelectField>
      </div>
    </div>
  </Card>
)

const MODES = [
  { value: 'ONE_OFF', title: 'Once', text: 'The copy alone. The buyer keeps the plan they have.' },
  {
    value: 'SUBSCRIPTION',
    title: 'Subscription',
    text: 'The copy and a plan, paid again each period until it is cancelled.',
  },
] as const

/** When the link ends by itself. */
export const LimitFields = ({ values, errors }: FieldsProps) => (
  <Card title="How long it sells" description="Left empty, it sells until you revoke it.">
    <div className="form-pair">
      <InputField
        name="expiresAt"
        label={LINK_LABELS.expiresAt}
        hint="Until its end in UTC."
        error={errors.expiresAt}
        defaultValue={values.expiresAt}
        type="date"
        optional
      />
      <InputField
        name="maxUses"
        label={LINK_LABELS.maxUses}
        hint="It ends after so many sales."
        error={errors.maxUses}
        defaultValue={values.maxUses}
        inputMode="numeric"
        maxLength={9}
        optional
        className="numeric"
      />
    </div>
  </Card>
)
