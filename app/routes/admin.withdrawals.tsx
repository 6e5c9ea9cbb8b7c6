import {
  type ActionFunctionArgs,
  json,
  type LoaderFunctionArgs,
  type MetaFunction,
  redirect,
} from '@remix-run/node'
import { Form, Link, useActionData, useLoaderData } from '@remix-run/react'
import type { ReactNode } from 'react'
import {
  Button,
  ButtonLink,
  Card,
  type Column,
  Confirm,
  DataTable,
  EmptyState,
  FormErrors,
  InputField,
  PageHeader,
  Pagination,
  SelectField,
  Time,
} from '~/components/ui'
import { PayoutBatches } from '~/features/money/payout-batches'
import { AmountAndFee, State } from '~/features/money/withdrawal-list'
import { isWithdrawalStatus, methodWords, SENT_KINDS, WITHDRAWAL_STATUS } from '~/features/money/withdrawals'
import { type Api, apiOf, load, rowFailure } from '~/lib/api.server'
import { rowLabels, textFields } from '~/lib/forms'
import { pageTitle } from '~/lib/meta'
import { type Notice, withNotice } from '~/lib/notices'
import { paths, withQuery } from '~/lib/paths'
import type { AdminWithdrawalView, WithdrawalStatus } from '../../server/domain/payout/schemas'

export { refusalHeaders as headers } from '~/lib/headers'
export const meta: MetaFunction = () => pageTitle('Withdrawals to pay')

export const loader = async (args: LoaderFunctionArgs) => {
  const search = new URL(args.request.url).searchParams
  const asked = search.get('status') ?? 'REQUESTED'
  const status = isWithdrawalStatus(asked) ? asked : null
  const cursor = search.get('cursor') ?? undefined
  const page = await load(args, (api) =>
    api.payout.listAll({ limit: 20, cursor, ...(status === null ? {} : { status }) }),
  )
  const batches = await load(args, (api) =>
    api.payout.listBatches({ limit: 20, cursor: search.get('batches') ?? undefined }),
  )
  return json({ ...page, batches, status, year: args.context.api.now().getUTCFullYear() })
}

export const action = async ({ request, context }: ActionFunctionArgs) => {
  const { intent, id, words } = textFields(await request.formData(), ['intent', 'id', 'words'])
  const status = new URL(request.url).searchParams.get('status') ?? undefined
  let notice: Notice = 'withdrawal-decided'
  try {
    if (intent === 'batch') {
      await apiOf(context).payout.makeBatch()
      return redirect(
        withNotice(withQuery(paths.admin('withdrawals'), { status: 'PROCESSING' }), 'batch-made'),
      )
    }
    const { status: now } = await decide(apiOf(context), intent, id, words)
    if (intent === 'approve' && now === 'REQUESTED') notice = 'withdrawal-first-approved'
  } catch (error) {
    return rowFailure(error, request, { id, intent, words })
  }
  return redirect(withNotice(withQuery(paths.admin('withdrawals'), { status }), notice))
}

const decide = async (api: Api, intent: string, id: string, words: string): Promise<AdminWithdrawalView> => {
  switch (intent) {
    case 'approve':
    case 'send':
      return api.payout[intent]({ id })
    case 'paid':
      return api.payout.paid({ id, reference: words })
    case 'reject':
    case 'hold':
    case 'release':
    case 'fail':
    case 'return':
      return api.payout[intent]({ id, reason: words })
    default:
      throw new Response('There is no such button.', { status: 400 })
  }
}

const Withdrawals = () => {
  const { items, nextCursor, batches, status } = useLoaderData<typeof loader>()
  const failure = useActionData<typeof action>()
  return (
    <>
      <PageHeader
        title="Withdrawals"
        description="What sellers asked to be paid. Approve it, pay it, and say that it was paid."
      />
      <FormErrors failure={failure} labels={rowLabels(failure, 'What you wrote')} />
      <Card
        flush
        title={status === null ? 'All' : WITHDRAWAL_STATUS[status].words}
        {...(status === null
          ? {}
          : {
              description:
                'The file holds these with payout details masked; in clear they are in the batches below.',
              actions: (
                <ButtonLink to={paths.withdrawalsCsv(status)} reload>
                  Download CSV
                </ButtonLink>
              ),
            })}
      >
        <Form method="get" className="filters" key={status}>
          <SelectField name="status" label="State" defaultValue={status ?? 'ALL'}>
            <option value="ALL">All</option>
            {Object.entries(WITHDRAWAL_STATUS).map(([value, { words }]) => (
              <option key={value} value={value}>
                {words}
              </option>
            ))}
          </SelectField>
          <div className="actions">
            <Button>Show</Button>
          </div>
        </Form>
        <DataTable
          caption="Withdrawals, newest first"
          columns={COLUMNS}
          rows={items}
          rowKey={({ id }) => id}
          empty={
            <EmptyState
              title="Nothing in this state"
              action={
                <ButtonLink to={withQuery(paths.admin('withdrawals'), { status: 'ALL' })}>
                  Show all withdrawals
                </ButtonLink>
              }
            >
              Requests of sellers appear here as they come in.
            </EmptyState>
          }
        />
        <Pagination nextCursor={nextCursor} />
      </Card>
      <PayoutBatches
        batches={batches.items}
        older={
          batches.nextCursor === null
            ? null
            : withQuery(paths.admin('withdrawals'), { status: status ?? 'ALL', batches: batches.nextCursor })
        }
      />
      <TaxSummary />
    </>
  )
}

export default Withdrawals

const TaxSummary = () => {
  const { year } = useLoaderData<typeof loader>()
  return (
    <Card
      title="Summary for the tax office"
      description="What each payee was paid in a calendar year (UTC), a row per currency, with the columns of a 1099-NEC. It holds tax ids in clear; who takes it is noted."
    >
      <Form method="get" action={paths.taxSummaryCsv()} reloadDocument className="form">
        <SelectField name="year" label="Year" defaultValue={String(year)}>
          {Array.from({ length: 6 }, (_, before) => year - before).map((one) => (
            <option key={one}>{one}</option>
          ))}
        </SelectField>
        <div className="actions">
          <Button>Download CSV</Button>
        </div>
      </Form>
    </Card>
  )
}

const COLUMNS: readonly Column<AdminWithdrawalView>[] = [
  {
    header: 'Who',
    rowHeader: true,
    cell: ({ user }) => (
      <>
        {user.name}
        <p className="muted">{user.email}</p>
        <Link to={paths.adjustments(user.id)}>Adjust the balance</Link>
      </>
    ),
  },
  { header: 'Requested', cell: ({ createdAt }) => <Time value={createdAt} withTime /> },
  {
    header: 'To',
    cell: ({ method, documents }) => (
      <>
        {methodWords(method)}
        {documents.map(({ id, name }) => (
          <p key={id}>
            <a href={paths.payoutDocument(id)} download className="break">
              {name}
            </a>
          </p>
        ))}
      </>
    ),
  },
  {
    header: 'State',
    cell: (withdrawal) => (
      <>
        <State withdrawal={withdrawal} />
        <Sending withdrawal={withdrawal} />
        {withdrawal.firstApproval !== null && (
          <p className="muted">
            First approved by {withdrawal.firstApproval.by}, <Time value={withdrawal.firstApproval.at} />
            {withdrawal.status === 'REQUESTED' && '; a second admin has to approve it too'}
          </p>
        )}
      </>
    ),
  },
  {
    header: 'Amount',
    numeric: true,
    cell: ({ amount, fee }) => <AmountAndFee amount={amount} fee={fee} getter="To pay" />,
  },
  { header: 'Decide', cell: (withdrawal) => <Decisions withdrawal={withdrawal} /> },
]

/** How far it is with the provider, as long as the reference does not say it. */
const Sending = ({ withdrawal }: { readonly withdrawal: AdminWithdrawalView }): ReactNode => {
  const { status, sentThrough, providerReference, reference, byHand } = withdrawal
  if (sentThrough === null) return null
  if (byHand !== null && byHand.lookFor === null)
    return <p className="muted">{sentThrough} was not reached: nothing was sent. It is tried again.</p>
  if (byHand !== null)
    return (
      <p className="muted">
        No answer came, and {sentThrough} cannot be asked by our number. Look in {sentThrough}’s dashboard for
        the reason <span className="break">“{byHand.lookFor}”</span>
        {byHand.open
          ? ', and say what you found.'
          : '; an hour after it was sent you can say what you found.'}
      </p>
    )
  if (providerReference === null)
    return status === 'PROCESSING' ? (
      <p className="muted">No answer yet. It is asked again by itself, and nothing is sent twice.</p>
    ) : null
  return providerReference === reference ? null : (
    <p className="muted">
      At {sentThrough}: {providerReference}
    </p>
  )
}

interface Decision {
  readonly intent: string
  readonly label: string
  readonly question: string
  /** What must be written beside it. */
  readonly words?: string
  readonly optional?: true
  readonly danger?: true
}

const APPROVE: Decision = {
  intent: 'approve',
  label: 'Approve',
  question:
    'It may be paid from now on, and its owner can no longer take it back. They get a mail. From the programme’s limit on a second admin has to approve it too.',
}
const REJECT: Decision = {
  intent: 'reject',
  label: 'Reject',
  question: 'The money goes back to the balance, and the owner is mailed your reason.',
  words: 'Reason',
  danger: true,
}
const PAID: Decision = {
  intent: 'paid',
  label: 'Mark paid',
  question: 'Only once you have paid it: the books then say that the money has left the house.',
  words: 'Reference',
  optional: true,
}
const FAIL: Decision = {
  intent: 'fail',
  label: 'Mark failed',
  question: 'The money goes back to the balance, and the owner is mailed your reason.',
  words: 'Reason',
  danger: true,
}
const HOLD: Decision = {
  intent: 'hold',
  label: 'Put on hold',
  question: 'It is not paid until it is released. The owner sees your reason.',
  words: 'Reason',
}
const RELEASE: Decision = {
  intent: 'release',
  label: 'Release',
  question: 'It may be paid again.',
  words: 'Reason',
}
const RETURN: Decision = {
  intent: 'return',
  label: 'Mark returned',
  question: 'Only when the payment came back: the money goes back to the balance, and the owner is mailed.',
  words: 'Reason',
  danger: true,
}

const SEND: Decision = {
  intent: 'send',
  label: 'Send now',
  question:
    'It is sent by itself within a minute of its approval. This does not wait, and never sends twice.',
}
const ASK: Decision = {
  intent: 'send',
  label: 'Ask the provider',
  question:
    'The provider is asked what has become of it. What it does not know is sent again, nothing twice.',
}

/** Decided by hand though it was being sent; `words`: where to look before. */
const FOUND_PAID = (words: string | null): Decision => ({
  intent: 'paid',
  label: 'Mark paid',
  question:
    words === null
      ? 'Nothing was sent. Only once you have paid it by hand: the books then say that the money has left the house.'
      : `${words} Only if it is there and was paid: it is booked as paid from the account there.`,
  words: 'Reference',
})
const NOT_FOUND = (words: string | null): Decision => ({
  ...FAIL,
  question: `${words === null ? 'Nothing was sent.' : `${words} Only if it is not there, or failed.`} ${FAIL.question}`,
})

const POSSIBLE: Readonly<Partial<Record<WithdrawalStatus, readonly Decision[]>>> = {
  REQUESTED: [APPROVE, REJECT],
  APPROVED: [PAID, HOLD, FAIL],
  ON_HOLD: [RELEASE, REJECT],
  PROCESSING: [PAID, FAIL],
  PAID: [RETURN],
}

/** What a provider is sending, nobody decides on by hand, but where it cannot say what became of it. */
const decisionsOn = ({ status, sentThrough, method, byHand }: AdminWithdrawalView): readonly Decision[] => {
  if (status === 'PROCESSING' && sentThrough !== null) {
    if (byHand === null) return [ASK]
    const words =
      byHand.lookFor === null
        ? null
        : `Look in ${sentThrough}’s dashboard for the reason “${byHand.lookFor}” first.`
    return byHand.open ? [...(words === null ? [SEND] : []), FOUND_PAID(words), NOT_FOUND(words)] : []
  }
  const possible = POSSIBLE[status] ?? []
  return status === 'APPROVED' && SENT_KINDS.includes(method.kind) ? [SEND, ...possible] : possible
}

const Decisions = ({ withdrawal }: { readonly withdrawal: AdminWithdrawalView }): ReactNode => {
  const possible = decisionsOn(withdrawal)
  if (possible.length === 0) return <span className="muted">–</span>
  return (
    <div className="stack">
      {possible.map((decision) => (
        <Decide key={decision.intent} decision={decision} id={withdrawal.id} />
      ))}
    </div>
  )
}

const Decide = ({ decision, id }: { readonly decision: Decision; readonly id: string }) => {
  const { intent, label, question, words, danger, optional = false } = decision
  const failure = useActionData<typeof action>()
  const failed = failure?.values.id === id && failure.values.intent === intent
  return (
    <Confirm label={label} question={<p>{question}</p>} open={failed}>
      <Form method="post" className="form">
        <input type="hidden" name="id" value={id} />
        {words !== undefined && (
          <InputField
            name="words"
            id={`${id}-${intent}`}
            label={words}
            error={failure?.fieldErrors[`${id}-${intent}`]}
            defaultValue={failed ? failure.values.words : undefined}
            optional={optional}
            maxLength={200}
          />
        )}
        <Button variant={danger ? 'danger' : 'primary'} name="intent" value={intent}>
          {label} now
        </Button>
      </Form>
    </Confirm>
  )
}
