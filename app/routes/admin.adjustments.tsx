import {
  type ActionFunctionArgs,
  json,
  type LoaderFunctionArgs,
  type MetaFunction,
  redirect,
} from '@remix-run/node'
import { Form, useActionData, useLoaderData, useNavigation } from '@remix-run/react'
import {
  Button,
  ButtonLink,
  Card,
  FormErrors,
  InputField,
  PageHeader,
  SelectField,
  TextareaField,
} from '~/components/ui'
import { currencyChoices } from '~/features/selling/currencies.server'
import { parsePrice } from '~/features/selling/price'
import { apiOf, asAttempt, formFailure, load } from '~/lib/api.server'
import { type FormFailure, textFields } from '~/lib/forms'
import { pageTitle } from '~/lib/meta'
import { withNotice } from '~/lib/notices'
import { paths } from '~/lib/paths'

export { refusalHeaders as headers } from '~/lib/headers'
export const meta: MetaFunction = () => pageTitle('Adjust a balance')

export const loader = async (args: LoaderFunctionArgs) => {
  // Whoever may not see withdrawals has no business here either: there is nothing (404).
  await load(args, (api) => api.payout.listAll({ limit: 1 }))
  const userId = new URL(args.request.url).searchParams.get('user') ?? ''
  return json({ userId, currencies: currencyChoices(), attempt: crypto.randomUUID() })
}

const FIELDS = ['userId', 'direction', 'amount', 'currency', 'reason'] as const

export const action = async ({ request, context }: ActionFunctionArgs) => {
  const form = await request.formData()
  const values = textFields(form, FIELDS)
  const { attempt } = textFields(form, ['attempt'])
  const parsed = parsePrice(values.amount, values.currency)
  if (parsed.fault !== undefined)
    return json<FormFailure>(
      {
        code: 'INVALID_INPUT',
        formError: 'Some of this is not valid.',
        fieldErrors: { amount: parsed.fault },
        values,
      },
      { status: 400 },
    )
  const { userId, currency, reason, direction } = values
  const amount = direction === 'take' ? -parsed.amount : parsed.amount
  try {
    await apiOf(asAttempt(context, attempt)).payout.adjust({
      userId: userId.trim(),
      amount,
      currency,
      reason,
    })
  } catch (error) {
    return formFailure(error, request, values)
  }
  return redirect(withNotice(paths.admin('adjustments'), 'balance-adjusted'))
}

const LABELS = {
  userId: 'Id of the user',
  direction: 'What to do',
  amount: 'Amount',
  currency: 'Currency',
  reason: 'Reason',
}

const Adjustments = () => {
  const { userId, currencies, attempt } = useLoaderData<typeof loader>()
  const failure = useActionData<typeof action>()
  const busy = useNavigation().state === 'submitting'
  const values: Readonly<Record<string, string>> = failure?.values ?? { userId }
  const errors: Readonly<Record<string, string>> = failure?.fieldErrors ?? {}
  return (
    <>
      <PageHeader
        title="Adjust a balance"
        description="Adds to a user's available balance or takes from it, below zero if need be. A line is never changed: a mistake is set right by another one."
      />
      <Card title="Adjustment">
        <FormErrors failure={failure} labels={LABELS} />
        <Form method="post" className="form">
          <input type="hidden" name="attempt" value={attempt} />
          <InputField
            name="userId"
            label={LABELS.userId}
            hint="Filled in when you come from a withdrawal, an affiliate or a payment."
            error={errors.userId}
            defaultValue={values.userId}
            autoComplete="off"
          />
          <SelectField name="direction" label={LABELS.direction} defaultValue={values.direction ?? 'add'}>
            <option value="add">Add to the balance</option>
            <option value="take">Take from the balance</option>
          </SelectField>
          <div className="form-pair">
            <InputField
              name="amount"
              label={LABELS.amount}
              error={errors.amount}
              defaultValue={values.amount}
              inputMode="decimal"
              hint="In figures, such as 12.50."
            />
            <SelectField
              name="currency"
              label={LABELS.currency}
              error={errors.currency}
              defaultValue={values.currency ?? 'USD'}
            >
              {currencies.map(({ code, name }) => (
                <option key={code} value={code}>
                  {code} · {name}
                </option>
              ))}
            </SelectField>
          </div>
          <TextareaField
            name="reason"
            label={LABELS.reason}
            hint="The user reads it on the statement, with your name."
            error={errors.reason}
            defaultValue={values.reason}
            maxLength={500}
          />
          <div className="actions">
            <Button variant="primary" aria-busy={busy}>
              {busy ? 'Adjusting…' : 'Adjust the balance'}
            </Button>
            <ButtonLink to={paths.admin('withdrawals')}>Back to withdrawals</ButtonLink>
          </div>
        </Form>
      </Card>
    </>
  )
}

export default Adjustments
