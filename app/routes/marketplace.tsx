import { json, type LinksFunction, type LoaderFunctionArgs, type MetaFunction } from '@remix-run/node'
import { Link, useLoaderData, useSearchParams } from '@remix-run/react'
import { ButtonLink, Card, EmptyState, PageHeader } from '~/components/ui'
import { ListingCards } from '~/features/marketplace/listing-cards'
import { readMarketSearch } from '~/features/marketplace/market-search'
import stylesheet from '~/features/marketplace/marketplace.css?url'
import { SearchForm } from '~/features/marketplace/search-form'
import { load } from '~/lib/api.server'
import { pageTitle } from '~/lib/meta'
import { paths } from '~/lib/paths'

export { refusalHeaders as headers } from '~/lib/headers'
export const links: LinksFunction = () => [{ rel: 'stylesheet', href: stylesheet }]

export const meta: MetaFunction<typeof loader> = ({ data }) =>
  pageTitle(
    data?.category?.name ?? 'Marketplace',
    data?.category
      ? `Workspaces to buy as a copy of your own: ${data.category.name}.`
      : 'Workspaces with their funnels and pages, to buy as an independent copy of your own.',
  )

/** The whole market, or one category of it under an address of its own. */
export const loader = async (args: LoaderFunctionArgs) => {
  const params = new URL(args.request.url).searchParams
  if (args.params.category !== undefined) params.set('category', args.params.category)
  const { search, faults, input } = readMarketSearch(params)
  const [page, categories] = await load(args, (api) =>
    Promise.all([api.marketplace.search({ limit: 24, ...input }), api.marketplace.categories()]),
  )
  const category = categories.find(({ key }) => key === search.category) ?? null
  if (args.params.category !== undefined && category === null)
    throw new Response('There is no such category.', { status: 404 })
  return json({ ...page, categories, category, search, faults })
}

const Marketplace = () => {
  const { items, nextCursor, categories, category, search, faults } = useLoaderData<typeof loader>()
  return (
    <>
      <PageHeader
        title={category?.name ?? 'Marketplace'}
        description="Workspaces with all their funnels and pages. You buy an independent copy: yours to change, with nobody else inside."
        {...(category === null ? {} : { breadcrumb: [{ label: 'Marketplace', to: paths.marketplace() }] })}
      />
      <SearchForm search={search} faults={faults} categories={categories} />
      <nav aria-label="Categories">
        <ul className="market-categories">
          {categories
            .filter(({ key, listings }) => listings > 0 || key === category?.key)
            .map(({ key, name }) => (
              <li key={key}>
                <Link to={paths.category(key)} {...(key === category?.key ? { 'aria-current': 'page' } : {})}>
                  {name}
                </Link>
              </li>
            ))}
        </ul>
      </nav>
      <h2 className="visually-hidden">Listings</h2>
      {items.length === 0 ? (
        <Card>
          <EmptyState
            title="Nothing fits"
            action={
              <ButtonLink to={paths.marketplace()} variant="primary">
                Show everything
              </ButtonLink>
            }
          >
            Try fewer words or filters. New listings come every time a seller’s work is approved.
          </EmptyState>
        </Card>
      ) : (
        <ListingCards listings={items} />
      )}
      <More nextCursor={nextCursor} />
    </>
  )
}

export default Marketplace

const More = ({ nextCursor }: { readonly nextCursor: string | null }) => {
  const [params] = useSearchParams()
  const page = (cursor: string | null) => {
    const query = new URLSearchParams(params)
    query.delete('cursor')
    if (cursor !== null) query.set('cursor', cursor)
    return `?${query}`
  }
  if (nextCursor === null && !params.has('cursor')) return null
  return (
    <nav aria-label="Pages of the market" className="pagination">
      {params.has('cursor') && <ButtonLink to={page(null)}>Back to the first</ButtonLink>}
      {nextCursor !== null && <ButtonLink to={page(nextCursor)}>More listings</ButtonLink>}
    </nav>
  )
}
