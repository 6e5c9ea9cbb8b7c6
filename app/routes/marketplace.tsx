import {
  json,
  type LinksFunction,
  type LoaderFunctionArgs,
  type MetaFunction,
  redirect,
} from '@remix-run/node'
import { Link, useLoaderData, useSearchParams } from '@remix-run/react'
import { ButtonLink, Card, EmptyState, PageHeader } from '~/components/ui'
import { ListingCards } from '~/features/marketplace/listing-cards'
import { readMarketSearch } from '~/features/marketplace/market-search'
import stylesheet from '~/features/marketplace/marketplace.css?url'
import { marketAddress, SearchForm } from '~/features/marketplace/search-form'
import { load } from '~/lib/api.server'
import { formatNumber } from '~/lib/format'
import { paths, withQuery } from '~/lib/paths'
import { breadcrumbs, publicPage } from '~/lib/seo'

export { refusalHeaders as headers } from '~/lib/headers'
export const links: LinksFunction = () => [{ rel: 'stylesheet', href: stylesheet }]

export const meta: MetaFunction<typeof loader> = ({ data }) => {
  if (data === undefined)
    return publicPage({ title: 'Marketplace', description: '', site: '', path: '/marketplace' })
  const { category, site, search, plain } = data
  const title = category?.name ?? 'Marketplace'
  const path = category === null ? paths.marketplace() : paths.category(category.key)
  return publicPage({
    title: search.q === '' ? title : `${search.q} · ${title}`,
    description:
      category === null
        ? 'Workspaces with their funnels and pages, to buy as an independent copy of your own.'
        : `Workspaces to buy as a copy of your own: ${category.name}.`,
    site,
    path,
    // What is narrowed or found nothing is the same listings again, or none; words alone lead to the canonical address.
    noindex: !plain,
    data: [
      breadcrumbs(site, [
        { name: 'Marketplace', path: paths.marketplace() },
        ...(category === null ? [] : [{ name: category.name, path }]),
      ]),
    ],
  })
}

const OWN = /^(q|category|tag|from|to|currency|minRating|plan|language|sort|cursor)$/

/** The whole market, or one category of it under an address of its own. */
export const loader = async (args: LoaderFunctionArgs) => {
  const url = new URL(args.request.url)
  const params = url.searchParams
  params.delete('_data')
  const asked = `${url.pathname}${params.size === 0 ? '' : `?${params}`}`
  if (args.params.category !== undefined) params.set('category', args.params.category)
  const { search, faults, input } = readMarketSearch(params)
  const { cursor, sort, ...filters } = input
  const [page, facets] = await load(args, (api) =>
    Promise.all([
      api.marketplace.search({ limit: 24, ...input }),
      api.marketplace.facets(filters as Parameters<typeof api.marketplace.facets>[0]),
    ]),
  )
  const found = facets.category.values.find(({ value }) => value === search.category)
  const category = found === undefined ? null : { key: found.value, name: found.label ?? found.value }
  if (args.params.category !== undefined && category === null)
    throw new Response('There is no such category.', { status: 404 })
  if (search.category !== '' && category === null) faults.category = 'There is no such category.'
  const address = category === null && search.category !== '' ? asked : marketAddress(params, true)
  if (address !== asked) throw redirect(address)
  return json({
    ...page,
    facets,
    category,
    search,
    faults,
    address,
    site: args.context.api.config.appUrl,
    plain:
      page.items.length > 0 &&
      [...params.keys()].every((name) => name === 'category' || name === 'q' || !OWN.test(name)),
    others: [...params].filter(([name]) => !OWN.test(name)),
  })
}

const Marketplace = () => {
  const { items, nextCursor, corrected, facets, category, search, faults, address, others } =
    useLoaderData<typeof loader>()
  return (
    <>
      <PageHeader
        title={category?.name ?? 'Marketplace'}
        description="Workspaces with all their funnels and pages. You buy an independent copy: yours to change, with nobody else inside."
        {...(category === null ? {} : { breadcrumb: [{ label: 'Marketplace', to: paths.marketplace() }] })}
      />
      <SearchForm
        address={address}
        search={search}
        faults={faults}
        facets={facets}
        others={others as [string, string][]}
      />
      <Chosen />
      <h2 className="visually-hidden">Listings</h2>
      <p className="muted" role="status">
        {corrected === null ? (
          found(facets)
        ) : (
          <>
            There is nothing for “{search.q}”. Did you mean <strong>{corrected}</strong>? {found(facets)}
          </>
        )}
      </p>
      {items.length === 0 ? <Nothing /> : <ListingCards listings={items} />}
      <More nextCursor={nextCursor} />
    </>
  )
}

export default Marketplace

const found = ({ count, more }: { readonly count: number; readonly more: boolean }): string => {
  if (more) return `More than ${formatNumber(count)} listings.`
  return count === 1 ? '1 listing.' : `${formatNumber(count)} listings.`
}

/** What was chosen by a link, with the way back; and the tags that what was found has most. */
const Chosen = () => {
  const { search, facets } = useLoaderData<typeof loader>()
  const [params] = useSearchParams()
  const to = (tag: string): string => {
    const asked = new URLSearchParams(params)
    if (search.category !== '') asked.set('category', search.category)
    asked.set('tag', tag)
    return marketAddress(asked)
  }
  const tags = facets.tag.values.filter(({ value }) => value !== search.tag)
  if (search.tag === '' && tags.length < 2) return null
  return (
    <nav aria-label="Tags">
      <ul className="market-tags">
        {search.tag !== '' && (
          <li>
            <Link to={to('')} aria-current="true" preventScrollReset>
              {search.tag} <span aria-hidden="true">×</span>
              <span className="visually-hidden">: show all tags</span>
            </Link>
          </li>
        )}
        {search.tag === '' &&
          tags.map(({ value, count }) => (
            <li key={value}>
              <Link to={to(value)} preventScrollReset rel="nofollow">
                {value} <span className="muted">{formatNumber(count)}</span>
              </Link>
            </li>
          ))}
      </ul>
    </nav>
  )
}

/** Nothing was found: what to do next. */
const Nothing = () => {
  const { search, category } = useLoaderData<typeof loader>()
  const withoutFilters = withQuery(paths.marketplace(), search.q === '' ? {} : { q: search.q })
  return (
    <Card>
      <EmptyState
        title="Nothing fits"
        action={
          <div className="actions">
            {search.q !== '' && (search.narrowed || category !== null) && (
              <ButtonLink to={withoutFilters} variant="primary">
                Search everything for “{search.q}”
              </ButtonLink>
            )}
            <ButtonLink to={paths.marketplace()}>Show everything</ButtonLink>
          </div>
        }
      >
        Try fewer words or filters. New listings come every time a seller’s work is approved.
      </EmptyState>
    </Card>
  )
}

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
