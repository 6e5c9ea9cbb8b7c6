import {
  type ActionFunctionArgs,
  json,
  type LoaderFunctionArgs,
  type MetaFunction,
  redirect,
} from '@remix-run/node'
import { Form, useActionData, useLoaderData, useNavigation } from '@remix-run/react'
import {
  Alert,
  Button,
  ButtonLink,
  Card,
  DescriptionList,
  EmptyState,
  FormErrors,
  InputField,
  Money,
  PageHeader,
  Time,
} from '~/components/ui'
import { methodWords } from '~/features/money/withdrawals'
import { parsePrice } from '~/features/selling/price'
import { apiOf, asAttempt, formFailure, load } from '~/lib/api.server'
import { decimalText } from '~/lib/format'
import { textFields } from '~/lib/forms'
import { pageTitle } from '~/lib/meta'
import { withNotice } from '~/lib/notices'
import { paths } from '~/lib/paths'
import type { WithdrawalStatus } from '../../server/domain/payout/schemas'

export { refusalHeaders as headers } from '~/lib/headers'
export const meta: MetaFunction = () => pageTitle('Withdraw')

const OPEN: readonly WithdrawalStatus[] = ['REQUESTED', 'APPROVED', 'ON_HOLD', 'PROCESSING']

export const loader = async (args: LoaderFunctionArgs) => {
  const search = new URL(args.request.url).searchParams
  const { balances, terms, recent } = await load(args, async (api) => ({
    balances: await api.balance.get(),
    terms: await api.payout.terms(),
    recent: (await api.payout.list({ limit: 100 })).items,
  }))
  const wanted = search.get('currency')
  const balance = balances.find(({ currency }) => currency === wanted) ?? balances[0] ?? null
  const minimum = terms.minimums.find(({ currency }) => currency === balance?.currency) ?? null
  const open = recent.some(
    ({ status, amount }) => OPEN.includes(status) && amount.currency === balance?.currency,
  )
  return json({
    open,
    balance: balance?.balance ?? null,
    minimum,
    method: terms.method,
    typed: search.get('amount'),
    attempt: crypto.randomUUID(),
  })
}

export const action = async ({ request, context }: ActionFunctionArgs) => {
  const { amount, currency, attempt } = textFields(await request.formData(), [
    'amount',
    'currency',
    'attempt',
  ])
  try {
    const api = apiOf(asAttempt(context, attempt))
    await api.payout.request({ amount: /^\d{1,15}$/.test(amount) ? Number(amount) : Number.NaN, currency })
  } catch (error) {
    return formFailure(error, request)
  }
  return redirect(withNotice(paths.balance(), 'withdrawal-requested'))
}

const Withdraw = () => {
  const { balance, minimum, method, open } = useLoaderData<typeof loader>()
  const failure = useActionData<typeof action>()
  return (
    <>
      <PageHeader
        title="Withdraw"
        description="Ask for your available balance to be paid out."
        breadcrumb={[{ label: 'Balance', to: paths.balance() }]}
      />
      <FormErrors failure={failure} labels={LABELS} />
      {method === null ? (
        <Card>
          <EmptyState
            title="Where do you want to be paid?"
            action={
              <ButtonLink to={paths.payoutMethod()} variant="primary">
                Set your payout details
              </ButtonLink>
            }
          >
            Say it first: by PayPal, to a bank account or another way.
          </EmptyState>
        </Card>
      ) : !method.ready ? (
        <Card>
          <EmptyState
            title="Stripe does not pay to your account yet"
            action={
              <ButtonLink to={paths.payoutMethod('STRIPE')} variant="primary">
                See what is missing
              </ButtonLink>
            }
          >
            It may still be checking what you entered, or want to see more. Your money stays where it is.
          </EmptyState>
        </Card>
      ) : method.holdUntil !== null ? (
        <Alert tone="warning" title="Withdrawals are held for now">
          Your payout details were changed. To keep your money safe, nothing can be withdrawn to the new ones
          until <Time value={method.holdUntil} withTime />.
        </Alert>
      ) : open ? (
        <Card>
          <EmptyState
            title="One withdrawal at a time"
            action={<ButtonLink to={paths.balance()}>See your withdrawals</ButtonLink>}
          >
            A withdrawal in {balance?.currency} is on its way. You can ask for the next one once it is paid.
          </EmptyState>
        </Card>
      ) : balance === null || minimum === null || balance.amount < Math.max(minimum.amount, 1) ? (
        <Card>
          <EmptyState
            title="Not enough to withdraw yet"
            action={<ButtonLink to={paths.balance()}>Back to your balance</ButtonLink>}
          >
            {minimum === null || balance === null ? (
              'You have no balance yet.'
            ) : (
              <>
                <Money value={balance} /> are available; at least <Money value={minimum} /> are paid out at a
                time.
              </>
            )}
          </EmptyState>
        </Card>
      ) : (
        <Steps balance={balance} minimum={minimum} to={methodWords(method)} />
      )}
    </>
  )
}

export default Withdraw

const LABELS = { amount: 'Amount', currency: 'Currency' }

interface Sum {
  readonly amount: number
  readonly currency: string
}

interface StepsProps {
  readonly balance: Sum
  readonly minimum: Sum
  readonly to: string
}

/** First how much, then what will happen, then the request. */
const Steps = ({ balance, minimum, to }: StepsProps) => {
  const { typed } = useLoaderData<typeof loader>()
  const { currency } = balance
  const parsed = typed === null ? null : parsePrice(typed, currency)
  const fault = parsed === null ? undefined : (parsed.fault ?? faultOf(parsed.amount, balance, minimum))
  if (parsed?.amount !== undefined && fault === undefined)
    return <Confirmation balance={balance} amount={parsed.amount} to={to} />
  return (
    <Card title="How much?">
      <Form method="get" className="form">
        <p>
          <Money value={balance} /> are available, and at least <Money value={minimum} /> are paid out at a
          time, to: {to}.
        </p>
        <input type="hidden" name="currency" value={currency} />
        <InputField
          name="amount"
          label={`Amount in ${currency}`}
          error={fault}
          inputMode="decimal"
          defaultValue={typed ?? decimalText(balance)}
        />
        <div className="actions">
          <Button variant="primary">Go on</Button>
          <ButtonLink to={paths.payoutMethod()}>Change where it goes</ButtonLink>
        </div>
      </Form>
    </Card>
  )
}

const faultOf = (amount: number, balance: Sum, minimum: Sum): string | undefined => {
  if (amount > balance.amount) return 'That is more than is available.'
  if (amount < Math.max(minimum.amount, 1))
    return `At least ${decimalText({ ...minimum, amount: Math.max(minimum.amount, 1) })} ${minimum.currency} are paid out at a time.`
  return undefined
}

const Confirmation = ({ balance, amount, to }: Omit<StepsProps, 'minimum'> & { readonly amount: number }) => {
  const { attempt } = useLoaderData<typeof loader>()
  const busy = useNavigation().state === 'submitting'
  const { currency } = balance
  return (
    <Card title="This will happen">
      <div className="stack">
        <DescriptionList
          items={[
            { term: 'You withdraw', value: <Money value={{ amount, currency }} /> },
            { term: 'Paid to', value: to },
            {
              term: 'Left available',
              value: <Money value={{ amount: balance.amount - amount, currency }} />,
            },
            {
              term: 'When',
              value:
                'At once it leaves your available balance. An admin looks at it and approves it, then it is paid; you get a mail at each step.',
            },
            {
              term: 'If it does not work out',
              value:
                'You can take it back until it is approved. Rejected or failed, the money is available again.',
            },
          ]}
        />
        <Form method="post" className="actions">
          <input type="hidden" name="amount" value={amount} />
          <input type="hidden" name="currency" value={currency} />
          <input type="hidden" name="attempt" value={attempt} />
          <Button variant="primary" aria-busy={busy}>
            {busy ? 'Requesting…' : 'Request this withdrawal'}
          </Button>
          <ButtonLink to={paths.withdraw(currency)}>Another amount</ButtonLink>
        </Form>
      </div>
    </Card>
  )
}
