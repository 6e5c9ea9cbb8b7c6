import {
  type ActionFunctionArgs,
  json,
  type LoaderFunctionArgs,
  type MetaFunction,
  redirect,
} from '@remix-run/node'
import { Form, useActionData, useLoaderData } from '@remix-run/react'
import {
  Badge,
  Button,
  Card,
  type Column,
  Confirm,
  CopyField,
  DataTable,
  EmptyState,
  FormErrors,
  InputField,
  PageHeader,
  Time,
} from '~/components/ui'
import { amountsText, readAmounts } from '~/features/admin/program'
import { apiOf, formFailure, load } from '~/lib/api.server'
import { formatMoney } from '~/lib/format'
import { type FormFailure, textFields } from '~/lib/forms'
import { pageTitle } from '~/lib/meta'
import { withNotice } from '~/lib/notices'
import { paths } from '~/lib/paths'
import type { GroupView } from '../../server/domain/affiliate/schemas'

export { refusalHeaders as headers } from '~/lib/headers'
export const meta: MetaFunction = () => pageTitle('Groups of affiliates')

export const loader = async (args: LoaderFunctionArgs) =>
  json(await load(args, (api) => api.affiliates.groups()))

const FIELDS = ['intent', 'id', 'name', 'rate', 'windowDays', 'holdDays', 'minimums', 'reason'] as const

export const action = async ({ request, context }: ActionFunctionArgs) => {
  const typed = textFields(await request.formData(), FIELDS)
  const { intent, id, name, rate, reason } = typed
  const { affiliates } = apiOf(context)
  const minimums = readAmounts(typed.minimums)
  if (minimums.fault !== undefined)
    return json<FormFailure>(
      {
        code: 'INVALID_INPUT',
        formError: 'Some of this is not valid.',
        fieldErrors: { minimums: minimums.fault },
        values: typed,
      },
      { status: 400 },
    )
  const whole = (text: string) => (/^\d{1,9}$/.test(text.trim()) ? Number(text) : Number.NaN)
  const terms = {
    rate,
    windowDays: whole(typed.windowDays),
    holdDays: whole(typed.holdDays),
    minWithdrawals: minimums.value,
    reason,
  }
  try {
    if (intent === 'open' || intent === 'close') await affiliates.openGroup({ id, open: intent === 'open' })
    else if (intent === 'change') await affiliates.changeGroup({ id, ...terms })
    else await affiliates.makeGroup({ name, ...terms })
  } catch (error) {
    return formFailure(error, request, typed, { GROUP_NAME_TAKEN: 'name' })
  }
  return redirect(
    withNotice(
      paths.admin('groups'),
      intent === 'make' ? 'group-made' : intent === 'change' ? 'group-changed' : 'group-opened',
    ),
  )
}

const LABELS = {
  name: 'Name',
  rate: 'Share, in per cent',
  windowDays: 'Days after a click',
  holdDays: 'Days held',
  minimums: 'Least that is paid out',
  reason: 'Reason',
}

const Groups = () => {
  const { items } = useLoaderData<typeof loader>()
  const failure = useActionData<typeof action>()
  return (
    <>
      <PageHeader
        title="Groups of affiliates"
        description="Terms of their own for some affiliates. They count for customers who come from then on; whoever is a customer already keeps the terms they came under."
      />
      <FormErrors failure={failure} labels={LABELS} />
      {items.length === 0 && (
        <Card>
          <EmptyState title="No groups yet" action={null}>
            Everyone has the programme’s terms. Make a group below to give some others.
          </EmptyState>
        </Card>
      )}
      {items.map((group) => (
        <Group key={group.id} group={group} failure={failure} />
      ))}
      <Card title="Make a group">
        <Form method="post" className="form">
          <InputField
            name="name"
            label={LABELS.name}
            error={failure?.fieldErrors.name}
            defaultValue={failure?.values.name}
            maxLength={60}
          />
          <TermsFields id="new" failure={failure?.values.intent === 'make' ? failure : undefined} />
          <div className="actions">
            <Button variant="primary" name="intent" value="make">
              Make it
            </Button>
          </div>
        </Form>
      </Card>
    </>
  )
}

export default Groups

const Group = ({
  group,
  failure,
}: {
  readonly group: GroupView
  readonly failure: FormFailure | undefined
}) => {
  const failed = failure?.values.id === group.id ? failure : undefined
  return (
    <Card
      title={group.name}
      description={`${group.members} ${group.members === 1 ? 'affiliate' : 'affiliates'}`}
      actions={
        <Badge tone={group.open ? 'good' : 'neutral'}>{group.open ? 'Invite open' : 'Invite closed'}</Badge>
      }
    >
      <div className="stack">
        {group.open && <CopyField label={`Invite to ${group.name}`} value={group.inviteLink} />}
        <DataTable
          caption={`Terms of ${group.name}, the present ones first`}
          columns={TERMS}
          rows={group.history}
          rowKey={({ from, rate, reason }) => `${from} ${rate} ${reason}`}
          empty={null}
        />
        <div className="actions">
          <Confirm
            label="Change the terms"
            question={<p>For customers who come from now on.</p>}
            open={failed !== undefined}
          >
            <Form method="post" className="form">
              <input type="hidden" name="id" value={group.id} />
              <TermsFields id={group.id} now={group.terms} failure={failed} />
              <Button variant="primary" name="intent" value="change">
                Change them
              </Button>
            </Form>
          </Confirm>
          <Form method="post">
            <input type="hidden" name="id" value={group.id} />
            <Button name="intent" value={group.open ? 'close' : 'open'}>
              {group.open ? 'Close the invite' : 'Open the invite'}
            </Button>
          </Form>
        </div>
      </div>
    </Card>
  )
}

type Terms = GroupView['terms']

const TermsFields = ({
  id,
  now,
  failure,
}: {
  readonly id: string
  readonly now?: Terms
  readonly failure: FormFailure | undefined
}) => {
  const field = (name: keyof typeof LABELS, value: string | undefined) => ({
    name,
    id: `${id}-${name}`,
    label: LABELS[name],
    error: failure?.fieldErrors[name],
    defaultValue: failure?.values[name] ?? value,
  })
  const minimums = Object.fromEntries((now?.minWithdrawals ?? []).map((one) => [one.currency, one.amount]))
  return (
    <>
      <div className="form-pair">
        <InputField {...field('rate', now?.rate)} inputMode="decimal" maxLength={6} />
        <InputField
          {...field('windowDays', String(now?.windowDays ?? 30))}
          inputMode="numeric"
          hint="In which a sign-up counts: from 1 to 30."
          maxLength={2}
        />
      </div>
      <div className="form-pair">
        <InputField
          {...field('holdDays', String(now?.holdDays ?? 0))}
          inputMode="numeric"
          hint="From the payment to the balance."
          maxLength={3}
        />
        <InputField
          {...field('minimums', amountsText(minimums))}
          hint="Such as USD 20.00. Empty: the programme’s."
          optional
        />
      </div>
      <InputField {...field('reason', undefined)} hint="Stands in the history." maxLength={500} />
    </>
  )
}

const TERMS: readonly Column<Terms>[] = [
  { header: 'From', rowHeader: true, cell: ({ from }) => <Time value={from} withTime /> },
  { header: 'Share', numeric: true, cell: ({ rate }) => `${Number(rate)} %` },
  { header: 'Click counts', numeric: true, cell: ({ windowDays }) => `${windowDays} days` },
  { header: 'Held', numeric: true, cell: ({ holdDays }) => `${holdDays} days` },
  {
    header: 'Least paid out',
    cell: ({ minWithdrawals }) =>
      minWithdrawals.map((money) => formatMoney(money)).join(', ') || 'The programme’s',
  },
  {
    header: 'Why',
    cell: ({ reason, by }) => (
      <>
        {reason}
        <p className="muted">{by}</p>
      </>
    ),
  },
]
