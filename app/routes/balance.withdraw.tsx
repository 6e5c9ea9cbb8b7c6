import {
  type ActionFunctionArgs,
  json,
  type LoaderFunctionArgs,
  type MetaFunction,
  redirect,
} from '@remix-run/node'
import { Form, Link, useActionData, useLoaderData, useNavigation } from '@remix-run/react'
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
import { CodeField } from '~/features/account/code-field'
import { methodWords } from '~/features/money/withdrawals'
import { parsePrice } from '~/features/selling/price'
import { apiOf, asAttempt, formFailure, load } from '~/lib/api.server'
import { decimalText, formatMoney } from '~/lib/format'
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
  const { balances, terms, recent, factor } = await load(args, async (api) => ({
    factor: await api.auth.secondFactor(),
    balances: await api.balance.get(),
    terms: await api.payout.terms(),
    recent: (await api.payout.list({ limit: 100 })).items,
  }))
  const wanted = search.get('currency')
  const balance = balances.find(({ currency }) => currency === wanted) ?? balances[0] ?? null
  const minimum = terms.minimums.find(({ currency }) => currency === balance?.currency) ?? null
  const typed = search.get('amount')
  const open = recent.some(
    ({ status, amount }) => OPEN.includes(status) && amount.currency === balance?.currency,
  )
  return json({
    open,
    hasSecondFactor: factor.since !== null,
    balance: balance?.balance ?? null,
    minimum,
    method: terms.method,
    typed,
    quote: open || balance === null ? null : await quoteOf(args, typed, balance.currency),
    fee: terms.fees.find(({ fixed }) => fixed.currency === balance?.currency) ?? null,
    documentNeeded: terms.documentNeeded,
    attempt: crypto.randomUUID(),
  })
}

/** What one would get for what was typed, or why not; null: nothing that can be read was typed. */
const quoteOf = async ({ context, request }: LoaderFunctionArgs, typed: string | null, currency: string) => {
  const amount = typed === null ? undefined : parsePrice(typed, currency).amount
  if (amount === undefined || amount === 0) return null
  try {
    const quote = await apiOf(context).payout.quote({ amount, currency })
    return { quote, refusal: null }
  } catch (error) {
    return { quote: null, refusal: await formFailure(error, request).json() }
  }
}

export const action = async ({ request, context }: ActionFunctionArgs) => {
  const { amount, fee, currency, attempt, code } = textFields(await request.formData(), [
    'amount',
    'fee',
    'currency',
    'attempt',
    'code',
  ])
  try {
    const api = apiOf(asAttempt(context, attempt))
    await api.payout.request({
      amount: wholeNumber(amount),
      currency,
      ...(fee === '' ? {} : { fee: wholeNumber(fee) }),
      ...(code === '' ? {} : { code }),
    })
  } catch (error) {
    return formFailure(error, request)
  }
  return redirect(withNotice(paths.balance(), 'withdrawal-requested'))
}

const wholeNumber = (text: string): number => (/^\d{1,15}$/.test(text) ? Number(text) : Number.NaN)

const Withdraw = () => {
  const { balance, minimum, method, open, documentNeeded } = useLoaderData<typeof loader>()
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
      ) : documentNeeded ? (
        <Card>
          <EmptyState
            title="A document is needed first"
            action={
              <ButtonLink to={paths.payoutMethod()} variant="primary">
                Attach it
              </ButtonLink>
            }
          >
            To be paid this way we need a document, such as your bank’s confirmation of the account. Only our
            admins see it.
          </EmptyState>
        </Card>
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

const LABELS = { amount: 'Amount', currency: 'Currency', code: 'Code' }

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
  const { typed, quote, fee } = useLoaderData<typeof loader>()
  const { currency } = balance
  const parsed = typed === null ? null : parsePrice(typed, currency)
  const needsTax = quote?.refusal?.code === 'TAX_DETAILS_REQUIRED'
  const fault =
    parsed === null
      ? undefined
      : (parsed.fault ??
        faultOf(parsed.amount, balance, minimum) ??
        (needsTax ? undefined : quote?.refusal?.formError))
  if (fault === undefined && quote !== null && quote.quote !== null)
    return <Confirmation balance={balance} quote={quote.quote} to={to} />
  return (
    <Card title="How much?">
      {needsTax && (
        <Alert tone="warning" title="We need your tax details first">
          {quote?.refusal?.formError} <Link to={paths.tax()}>Fill them in</Link>: it takes a few minutes,
          once.
        </Alert>
      )}
      <Form method="get" className="form">
        <p>
          <Money value={balance} /> are available, and at least <Money value={minimum} /> are paid out at a
          time, to: {to}.
        </p>
        {fee !== null && (fee.fixed.amount > 0 || fee.percentage > 0) && (
          <p>The fee for this way of being paid: {feeWords(fee)}. You see it before you confirm.</p>
        )}
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
          <ButtonLink to={paths.tax()}>Tax details</ButtonLink>
        </div>
      </Form>
    </Card>
  )
}

/** '0.25 USD and 1.25 % of the amount' */
const feeWords = ({ fixed, percentage }: { readonly fixed: Sum; readonly percentage: number }): string =>
  [
    ...(fixed.amount > 0 ? [formatMoney(fixed)] : []),
    ...(percentage > 0 ? [`${percentage} % of the amount`] : []),
  ].join(' and ')

const faultOf = (amount: number, balance: Sum, minimum: Sum): string | undefined => {
  if (amount > balance.amount) return 'That is more than is available.'
  if (amount < Math.max(minimum.amount, 1))
    return `At least ${decimalText({ ...minimum, amount: Math.max(minimum.amount, 1) })} ${minimum.currency} are paid out at a time.`
  return undefined
}

interface ConfirmationProps extends Omit<StepsProps, 'minimum'> {
  readonly quote: {
    readonly amount: Sum
    readonly fee: Sum
    readonly net: Sum
    readonly codeNeeded: boolean
  }
}

const Confirmation = ({ balance, quote, to }: ConfirmationProps) => {
  const { attempt, hasSecondFactor } = useLoaderData<typeof loader>()
  const failure = useActionData<typeof action>()
  const busy = useNavigation().state === 'submitting'
  const { currency } = balance
  const { amount } = quote.amount
  return (
    <Card title="This will happen">
      <div className="stack">
        <DescriptionList
          items={[
            { term: 'You ask for', value: <Money value={quote.amount} /> },
            {
              term: 'The fee',
              value: quote.fee.amount === 0 ? 'None' : <Money value={quote.fee} />,
            },
            {
              term: 'You get',
              value: (
                <strong>
                  <Money value={quote.net} />
                </strong>
              ),
            },
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
        {quote.codeNeeded && !hasSecondFactor ? (
          <Alert tone="warning" title="An amount like this needs a second factor">
            <Link to={paths.secondFactor()}>Set one up</Link> with an authenticator app first: it takes a
            minute, and keeps your money from whoever learns your password.
          </Alert>
        ) : (
          <Form method="post" className="form">
            <input type="hidden" name="amount" value={amount} />
            <input type="hidden" name="fee" value={quote.fee.amount} />
            <input type="hidden" name="currency" value={currency} />
            <input type="hidden" name="attempt" value={attempt} />
            {quote.codeNeeded && (
              <CodeField
                hint="For an amount like this: the six digits your authenticator app shows, or a recovery code."
                error={failure?.fieldErrors.code}
              />
            )}
            <div className="actions">
              <Button variant="primary" aria-busy={busy}>
                {busy ? 'Requesting…' : 'Request this withdrawal'}
              </Button>
              <ButtonLink to={paths.withdraw(currency)}>Another amount</ButtonLink>
            </div>
          </Form>
        )}
      </div>
    </Card>
  )
}
