import { json, type LoaderFunctionArgs, type MetaFunction } from '@remix-run/node'
import { useLoaderData } from '@remix-run/react'
import { ButtonLink, Card, PageHeader } from '~/components/ui'
import { load } from '~/lib/api.server'
import { pageTitle } from '~/lib/meta'
import { paths, withQuery } from '~/lib/paths'

export { refusalHeaders as headers } from '~/lib/headers'
export const meta: MetaFunction = () => pageTitle('Admin')

const MOST = 100

export const loader = async (args: LoaderFunctionArgs) =>
  json(
    await load(args, async (api) => {
      const [affiliates, withdrawals, dead, aside] = await Promise.all([
        api.affiliates.list({ status: 'PENDING', limit: MOST }),
        api.payout.listAll({ status: 'REQUESTED', limit: MOST }),
        api.webhook.list({ status: 'DEAD', limit: MOST }),
        api.webhook.list({ status: 'QUARANTINED', limit: MOST }),
      ])
      return {
        affiliates: counted(affiliates),
        withdrawals: counted(withdrawals),
        dead: counted(dead),
        aside: counted(aside),
      }
    }),
  )

/** How many there are, as far as it matters. */
const counted = (page: { items: readonly unknown[]; nextCursor: string | null }) => ({
  count: page.items.length,
  more: page.nextCursor !== null,
})

type Counted = ReturnType<typeof counted>

const Admin = () => {
  const { affiliates, withdrawals, dead, aside } = useLoaderData<typeof loader>()
  const waiting = [
    {
      counted: withdrawals,
      one: 'withdrawal waits for approval',
      many: 'withdrawals wait for approval',
      to: paths.admin('withdrawals'),
    },
    {
      counted: affiliates,
      one: 'affiliate waits for approval',
      many: 'affiliates wait for approval',
      to: paths.admin('affiliates'),
    },
    {
      counted: aside,
      one: 'payment event is set aside',
      many: 'payment events are set aside',
      to: withQuery(paths.admin('webhooks'), { status: 'QUARANTINED' }),
    },
    {
      counted: dead,
      one: 'payment event was given up',
      many: 'payment events were given up',
      to: withQuery(paths.admin('webhooks'), { status: 'DEAD' }),
    },
  ].filter(({ counted: { count } }) => count > 0)
  return (
    <>
      <PageHeader title="Admin" description="What waits for you, and the way to everything else." />
      <Card title="Waiting for you">
        {waiting.length === 0 ? (
          <p>Nothing. Requests, applications and payments that need a decision appear here.</p>
        ) : (
          <ul className="waiting">
            {waiting.map(({ counted, one, many, to }) => (
              <li key={to}>
                <span>
                  <strong className="figure">{figure(counted)}</strong> {counted.count === 1 ? one : many}
                </span>
                <ButtonLink to={to} size="small">
                  Look at {counted.count === 1 ? 'it' : 'them'}
                </ButtonLink>
              </li>
            ))}
          </ul>
        )}
      </Card>
    </>
  )
}

export default Admin

const figure = ({ count, more }: Counted): string => (more ? `${count}+` : String(count))
