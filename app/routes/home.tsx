import { json, type LinksFunction, type LoaderFunctionArgs, type MetaFunction } from '@remix-run/node'
import { Form, useLoaderData } from '@remix-run/react'
import { Button, ButtonLink, Card, type Column, DataTable, Money } from '~/components/ui'
import { ListingCards } from '~/features/marketplace/listing-cards'
import stylesheet from '~/features/marketplace/marketplace.css?url'
import { isSignedIn, load } from '~/lib/api.server'
import { type ExampleLine, exampleSale } from '~/lib/example-sale.server'
import { formatMoney } from '~/lib/format'
import { paths } from '~/lib/paths'
import { publicPage } from '~/lib/seo'
import { useSignUpPath } from '~/lib/use-sign-up-path'

export const meta: MetaFunction<typeof loader> = ({ data }) =>
  publicPage({
    title: 'Sell copies of your workspaces',
    description:
      'A workspace is a set of funnels and pages. You keep the original; every buyer gets an independent copy.',
    site: data?.site ?? '',
    path: paths.home(),
  })

export const links: LinksFunction = () => [{ rel: 'stylesheet', href: stylesheet }]

export const loader = async (args: LoaderFunctionArgs) => {
  const [rates, showcase] = await load(args, (api) =>
    Promise.all([api.program.rates(), api.marketplace.showcase()]),
  )
  return json({
    signedIn: isSignedIn(args.context),
    example: exampleSale(rates),
    showcase,
    site: args.context.api.config.appUrl,
  })
}

const Home = () => {
  const { signedIn } = useLoaderData<typeof loader>()
  const signUp = useSignUpPath()
  return (
    <div className="home">
      <section className="hero">
        <h1>Build a workspace once. Sell copies of it.</h1>
        <p className="lead">
          A workspace is a set of marketing funnels with their pages. You keep the original; every buyer gets
          a copy of their own as soon as the payment is confirmed. Everyone who helped to sell it earns a
          share.
        </p>
        <div className="actions">
          {signedIn ? (
            <ButtonLink to={paths.dashboard()} variant="primary">
              Go to your dashboard
            </ButtonLink>
          ) : (
            <>
              <ButtonLink to={signUp} variant="primary">
                Open an account
              </ButtonLink>
              <ButtonLink to={paths.signIn()}>Sign in</ButtonLink>
            </>
          )}
        </div>
      </section>
      <OnTheMarket />
      <TwoSides />
      <Example />
    </div>
  )
}

export default Home

/** What was chosen, what sells and what is new, if there is anything. */
const OnTheMarket = () => {
  const { featured, popular, newest } = useLoaderData<typeof loader>().showcase
  const parts = [
    { title: 'Featured', listings: featured },
    { title: 'Popular', listings: popular },
    { title: 'New', listings: newest },
  ].filter(({ listings }) => listings.length > 0)
  if (parts.length === 0) return null
  return (
    <section className="stack" aria-labelledby="market-title">
      <h2 id="market-title">On the marketplace</h2>
      <SearchBox />
      {parts.map(({ title, listings }) => (
        <section key={title} className="stack" aria-label={title}>
          <h3>{title}</h3>
          <ListingCards listings={listings} level={4} />
        </section>
      ))}
      <div className="actions">
        <ButtonLink to={paths.marketplace()}>See the whole marketplace</ButtonLink>
      </div>
    </section>
  )
}

const SearchBox = () => (
  <Form method="get" action={paths.marketplace()} role="search" className="market-box">
    <label htmlFor="q" className="visually-hidden">
      Search the marketplace
    </label>
    <input
      id="q"
      name="q"
      type="search"
      className="control"
      maxLength={200}
      placeholder="coaching, restaurant, …"
    />
    <Button>Search</Button>
  </Form>
)

const TwoSides = () => (
  <div className="columns">
    <Card title="If you sell">
      <ul className="plain">
        <li>Make a link to a workspace, name a price, send the link to whoever may want it.</li>
        <li>Your rate is frozen into the link when you make it. Nothing changes under your feet.</li>
        <li>Each sale is a line of a statement, with the balance before and after it.</li>
      </ul>
    </Card>
    <Card title="If you buy">
      <ul className="plain">
        <li>You pay once, on the page of the payment provider. No account is needed beforehand.</li>
        <li>
          What you get is yours: funnels, pages and themes, and none of it changes when the original does.
        </li>
        <li>
          Domains, passwords and tracking of the seller stay with the seller. The receipt says what is left to
          set.
        </li>
      </ul>
    </Card>
  </div>
)

const COLUMNS: readonly Column<ExampleLine>[] = [
  {
    header: 'Who',
    rowHeader: true,
    cell: ({ who, why }) => (
      <>
        {who} <span className="muted">{why}</span>
      </>
    ),
  },
  { header: 'Rate', numeric: true, cell: ({ rate }) => rate },
  { header: 'Share', numeric: true, cell: ({ share }) => <Money value={share} /> },
]

const Example = () => {
  const { price, lines } = useLoaderData<typeof loader>().example
  return (
    <Card
      flush
      title={`How a sale of ${formatMoney(price)} is shared`}
      description="At the rates of this installation. Before tax; a discount lowers what is shared, a refund takes each share back in proportion."
    >
      <DataTable
        caption={`Shares of a sale of ${formatMoney(price)}`}
        columns={COLUMNS}
        rows={lines}
        rowKey={({ who }) => who}
        empty={null}
      />
    </Card>
  )
}
