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
  EmptyState,
  FormErrors,
  InputField,
  PageHeader,
  Pagination,
  SelectField,
  Time,
} from '~/components/ui'
import { AFFILIATE_STATUS, isAffiliateStatus } from '~/features/affiliate/states'
import { apiOf, load, rowFailure } from '~/lib/api.server'
import { rowLabels, textFields } from '~/lib/forms'
import { pageTitle } from '~/lib/meta'
import { withNotice } from '~/lib/notices'
import { paths, withQuery } from '~/lib/paths'
import type { AdminAffiliateView } from '../../server/domain/affiliate/schemas'

export { refusalHeaders as headers } from '~/lib/headers'
export const meta: MetaFunction = () => pageTitle('Affiliates')

export const loader = async (args: LoaderFunctionArgs) => {
  const search = new URL(args.request.url).searchParams
  const asked = search.get('status') ?? 'PENDING'
  const status = isAffiliateStatus(asked) ? asked : null
  const cursor = search.get('cursor') ?? undefined
  const [page, { items: groups }] = await load(args, (api) =>
    Promise.all([
      api.affiliates.list({ limit: 20, cursor, ...(status === null ? {} : { status }) }),
      api.affiliates.groups(),
    ]),
  )
  return json({ ...page, status, groups: groups.map(({ id, name }) => ({ id, name })) })
}

export const action = async ({ request, context }: ActionFunctionArgs) => {
  const sent = textFields(await request.formData(), ['intent', 'id', 'reason', 'groupId'])
  const { intent, id, reason } = sent
  const status = new URL(request.url).searchParams.get('status') ?? undefined
  const { affiliates } = apiOf(context)
  try {
    if (intent === 'approve') await affiliates.approve({ id })
    else if (intent === 'reject') await affiliates.reject({ id, reason })
    else if (intent === 'suspend') await affiliates.suspend({ id, reason })
    else if (intent === 'group') await affiliates.moveToGroup({ id, groupId: sent.groupId || null, reason })
    else throw new Response('There is no such button.', { status: 400 })
  } catch (error) {
    return rowFailure(error, request, { id, intent, words: reason })
  }
  const notice = intent === 'group' ? 'group-moved' : 'affiliate-decided'
  return redirect(withNotice(withQuery(paths.admin('affiliates'), { status }), notice))
}

const Affiliates = () => {
  const { items, nextCursor, status } = useLoaderData<typeof loader>()
  const failure = useActionData<typeof action>()
  return (
    <>
      <PageHeader title="Affiliates" description="Who wants to refer customers, and who does." />
      <FormErrors failure={failure} labels={rowLabels(failure, 'Reason')} />
      <Card flush title={status === null ? 'All' : AFFILIATE_STATUS[status].words}>
        <Form method="get" className="filters" key={status}>
          <SelectField name="status" label="State" defaultValue={status ?? 'ALL'}>
            <option value="ALL">All</option>
            {Object.entries(AFFILIATE_STATUS).map(([value, { words }]) => (
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
          caption="Affiliates, newest first"
          columns={COLUMNS}
          rows={items}
          rowKey={({ id }) => id}
          empty={
            <EmptyState
              title="Nobody in this state"
              action={
                <ButtonLink to={withQuery(paths.admin('affiliates'), { status: 'ALL' })}>
                  Show all affiliates
                </ButtonLink>
              }
            >
              Whoever joins the programme appears here to be looked at.
            </EmptyState>
          }
        />
        <Pagination nextCursor={nextCursor} />
      </Card>
    </>
  )
}

export default Affiliates

const COLUMNS: readonly Column<AdminAffiliateView>[] = [
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
  { header: 'Code', cell: ({ affiliateCode }) => affiliateCode },
  { header: 'Payments to', cell: ({ paymentEmail }) => paymentEmail ?? '–' },
  { header: 'Joined', cell: ({ createdAt }) => <Time value={createdAt} withTime /> },
  {
    header: 'State',
    cell: ({ status, reason }) => (
      <>
        <Badge tone={AFFILIATE_STATUS[status].tone}>{AFFILIATE_STATUS[status].words}</Badge>
        {reason !== null && <p className="muted">{reason}</p>}
      </>
    ),
  },
  { header: 'Group', cell: (affiliate) => <Group affiliate={affiliate} /> },
  { header: 'Decide', cell: (affiliate) => <Decisions affiliate={affiliate} /> },
]

const Decisions = ({ affiliate: { id, status } }: { readonly affiliate: AdminAffiliateView }) => (
  <div className="stack">
    {status !== 'APPROVED' && (
      <Confirm
        label="Approve"
        question={<p>Payments of those they refer earn from now on. They get a mail.</p>}
      >
        <Form method="post">
          <input type="hidden" name="id" value={id} />
          <Button variant="primary" name="intent" value="approve">
            Approve now
          </Button>
        </Form>
      </Confirm>
    )}
    {status === 'PENDING' && (
      <WithReason id={id} intent="reject" label="Reject">
        Their application ends here, and your reason is mailed to them.
      </WithReason>
    )}
    {status === 'APPROVED' && (
      <WithReason id={id} intent="suspend" label="Suspend">
        Nothing new is earned until they are approved again; what was earned stays. Your reason is mailed to
        them.
      </WithReason>
    )}
  </div>
)

const Group = ({ affiliate: { id, group } }: { readonly affiliate: AdminAffiliateView }) => {
  const { groups } = useLoaderData<typeof loader>()
  const failure = useActionData<typeof action>()
  const failed = failure?.values.id === id && failure.values.intent === 'group'
  if (groups.length === 0) return <span className="muted">–</span>
  return (
    <div className="stack">
      {group ?? <span className="muted">The programme’s terms</span>}
      <Confirm
        label="Move"
        question={<p>Other terms for customers who come from now on. Who is theirs already keeps theirs.</p>}
        open={failed}
      >
        <Form method="post" className="form">
          <input type="hidden" name="id" value={id} />
          <SelectField
            name="groupId"
            id={`${id}-groupId`}
            label="Group"
            defaultValue={groups.find(({ name }) => name === group)?.id ?? ''}
            optional
          >
            <option value="">None: the programme’s terms</option>
            {groups.map((one) => (
              <option key={one.id} value={one.id}>
                {one.name}
              </option>
            ))}
          </SelectField>
          <InputField
            name="reason"
            id={`${id}-group`}
            label="Reason"
            error={failure?.fieldErrors[`${id}-group`]}
            defaultValue={failed ? failure.values.words : undefined}
            maxLength={500}
          />
          <Button variant="primary" name="intent" value="group">
            Move now
          </Button>
        </Form>
      </Confirm>
    </div>
  )
}

const WithReason = ({
  id,
  intent,
  label,
  children,
}: {
  readonly id: string
  readonly intent: string
  readonly label: string
  readonly children: string
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
        />
        <Button variant="danger" name="intent" value={intent}>
          {label} now
        </Button>
      </Form>
    </Confirm>
  )
}
