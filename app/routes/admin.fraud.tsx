import {
  type ActionFunctionArgs,
  json,
  type LoaderFunctionArgs,
  type MetaFunction,
  redirect,
} from '@remix-run/node'
import { Form, Link, useActionData, useLoaderData } from '@remix-run/react'
import {
  Badge,
  Button,
  ButtonLink,
  Card,
  type Column,
  Confirm,
  DataTable,
  DescriptionList,
  EmptyState,
  FormErrors,
  InputField,
  Money,
  PageHeader,
  Pagination,
  SelectField,
  Time,
} from '~/components/ui'
import { AFFILIATE_STATUS } from '~/features/affiliate/states'
import { COMMISSION_KINDS } from '~/features/money/commissions'
import { apiOf, load, rowFailure } from '~/lib/api.server'
import { formatMoney } from '~/lib/format'
import { rowLabels, textFields } from '~/lib/forms'
import { pageTitle } from '~/lib/meta'
import { withNotice } from '~/lib/notices'
import { paths, withQuery } from '~/lib/paths'
import type { FlaggedAffiliate, HeldCommission } from '../../server/domain/affiliate/schemas'

export { refusalHeaders as headers } from '~/lib/headers'
export const meta: MetaFunction = () => pageTitle('Fraud')

const STATES: Readonly<Record<HeldCommission['state'], string>> = {
  HELD: 'To be judged',
  RELEASED: 'Released',
  REFUSED: 'Refused',
}
const isState = (text: string): text is HeldCommission['state'] => Object.hasOwn(STATES, text)

export const loader = async (args: LoaderFunctionArgs) => {
  const search = new URL(args.request.url).searchParams
  const asked = search.get('state') ?? ''
  const state = isState(asked) ? asked : 'HELD'
  const cursor = search.get('cursor') ?? undefined
  const flagsCursor = search.get('flags') ?? undefined
  return json(
    await load(args, async ({ affiliates }) => ({
      state,
      flagged: await affiliates.flags({ limit: 20, cursor: flagsCursor }),
      ...(await affiliates.held({ limit: 20, cursor, state })),
    })),
  )
}

const VERDICTS: ReadonlyMap<string, 'RELEASED' | 'REFUSED'> = new Map([
  ['release', 'RELEASED'],
  ['refuse', 'REFUSED'],
])

export const action = async ({ request, context }: ActionFunctionArgs) => {
  const { intent, id, reason } = textFields(await request.formData(), ['intent', 'id', 'reason'])
  const verdict = VERDICTS.get(intent)
  if (verdict === undefined) throw new Response('There is no such button.', { status: 400 })
  try {
    await apiOf(context).affiliates.judge({ id, verdict, reason })
  } catch (error) {
    return rowFailure(error, request, { id, intent, words: reason })
  }
  return redirect(withNotice(paths.admin('fraud'), 'commission-judged'))
}

const Fraud = () => {
  const { items, nextCursor, state, flagged } = useLoaderData<typeof loader>()
  const failure = useActionData<typeof action>()
  return (
    <>
      <PageHeader
        title="Fraud"
        description="Commissions that look as if somebody had referred themselves wait here. Nothing is decided by itself."
      />
      <FormErrors failure={failure} labels={rowLabels(failure, 'Reason')} />
      <Card flush title="Held commissions">
        <Form method="get" className="filters" key={state}>
          <SelectField name="state" label="State" defaultValue={state}>
            {Object.entries(STATES).map(([value, words]) => (
              <option key={value} value={value}>
                {words}
              </option>
            ))}
          </SelectField>
          <div className="actions">
            <Button>Show</Button>
          </div>
        </Form>
        {items.length === 0 && (
          <EmptyState
            title={state === 'HELD' ? 'Nothing waits for you' : 'None in this state'}
            action={<ButtonLink to={paths.admin('affiliates')}>See the affiliates</ButtonLink>}
          >
            A commission is held when the payer, the card or a shared workspace points to whoever earns it.
          </EmptyState>
        )}
      </Card>
      {items.map((held) => (
        <Held key={held.id} held={held} />
      ))}
      <Pagination nextCursor={nextCursor} />
      <Card
        flush
        title="Out of the ordinary"
        description="Only shown, of the last 30 days: it takes nothing from anybody. Look, ask them, and suspend whom you must."
      >
        <DataTable
          caption="Affiliates about whom something is out of the ordinary, newest first"
          columns={FLAGS}
          rows={flagged.items}
          rowKey={({ id }) => id}
          empty={
            <EmptyState title="Nothing is out of the ordinary" action={null}>
              Bursts of clicks and sign-ups, rings, and clicks from advertisements in search engines would
              stand here.
            </EmptyState>
          }
        />
        <Pagination nextCursor={flagged.nextCursor} name="flags" label="Pages of the affiliates" />
      </Card>
    </>
  )
}

export default Fraud

const FLAG_WORDS: Readonly<Record<FlaggedAffiliate['flags'][number]['kind'], string>> = {
  CLICK_BURST: 'Burst of clicks',
  FAST_SIGN_UPS: 'Sign-ups right after clicks',
  SIGN_UP_BURST: 'Burst of sign-ups',
  PAID_SEARCH: 'Paid search',
  RING: 'Ring',
}

const FLAGS: readonly Column<FlaggedAffiliate>[] = [
  {
    header: 'Who',
    rowHeader: true,
    cell: ({ user, code, status }) => (
      <>
        {user.name}
        <p className="muted break">
          {user.email}, {code}
        </p>
        <Link to={withQuery(paths.admin('affiliates'), { status })}>{AFFILIATE_STATUS[status].words}</Link>
      </>
    ),
  },
  {
    header: 'What',
    cell: ({ flags }) => (
      <div className="stack">
        {flags.map(({ kind, words, at }) => (
          <p key={kind} className="break">
            <Badge tone="warning">{FLAG_WORDS[kind]}</Badge> {words}
            {at !== null && (
              <span className="muted">
                {' '}
                <Time value={at} withTime />
              </span>
            )}
          </p>
        ))}
      </div>
    ),
  },
]

const Held = ({ held }: { readonly held: HeldCommission }) => (
  <Card title={`${COMMISSION_KINDS[held.kind]} of ${formatMoney(held.amount)}, no. ${held.id.slice(-8)}`}>
    <div className="stack">
      <DescriptionList
        items={[
          { term: 'Who earns', value: `${held.earner.name}, ${held.earner.email}` },
          { term: 'Who bought', value: held.customer.email },
          {
            term: 'Paid',
            value: (
              <Link to={paths.admin(`payments/${held.paymentId}`)}>
                <Time value={held.paidAt} withTime />
              </Link>
            ),
          },
          { term: 'Left of it', value: <Money value={held.net} /> },
          { term: 'Computed', value: <Link to={paths.commission(held.id)}>Why this amount?</Link> },
          {
            term: 'What speaks against it',
            value: (
              <ul>
                {held.evidence.map(({ rule, words }) => (
                  <li key={rule}>{words}</li>
                ))}
              </ul>
            ),
          },
          ...(held.state === 'HELD'
            ? []
            : [
                { term: STATES[held.state], value: held.judgedAt && <Time value={held.judgedAt} withTime /> },
                { term: 'Reason', value: <span className="break">{held.reason}</span> },
              ]),
        ]}
      />
      {held.state === 'HELD' && (held.judgedWith === null ? <Decisions held={held} /> : <Later />)}
    </div>
  </Card>
)

const Later = () => <p className="muted">It is decided with the referral on which it hangs.</p>

const Decisions = ({ held: { id, kind } }: { readonly held: HeldCommission }) => (
  <div className="stack">
    <WithReason id={id} intent="release" label="Release">
      It is credited to who earns it once its hold is over
      {kind === 'REFERRAL' ? ', and so is what hangs on it' : ''}. What you saw here is not asked again for
      the same customer. They get a mail with your reason.
    </WithReason>
    <WithReason id={id} intent="refuse" label="Refuse">
      What is left of it is taken back for good{kind === 'REFERRAL' ? ', and what hangs on it too' : ''}; this
      cannot be undone. Later payments of the same customer are held as well. They get a mail with your
      reason.
    </WithReason>
  </div>
)

const WithReason = ({
  id,
  intent,
  label,
  children,
}: {
  readonly id: string
  readonly intent: string
  readonly label: string
  readonly children: React.ReactNode
}) => {
  const failure = useActionData<typeof action>()
  const failed = failure?.values.id === id && failure.values.intent === intent
  return (
    <Confirm label={label} question={<p>{children}</p>} open={failed}>
      <Form method="post" className="form">
        <input type="hidden" name="id" value={id} />
        <InputField
          name="reason"
          id={`${id}-${intent}`}
          label="Reason"
          error={failure?.fieldErrors[`${id}-${intent}`]}
          defaultValue={failed ? failure.values.words : undefined}
          maxLength={500}
          autoComplete="off"
        />
        <Button variant={intent === 'refuse' ? 'danger' : 'primary'} name="intent" value={intent}>
          {label} now
        </Button>
      </Form>
    </Confirm>
  )
}
