import { json, type LoaderFunctionArgs, type MetaFunction } from '@remix-run/node'
import { useLoaderData } from '@remix-run/react'
import { ButtonLink, Card, EmptyState, PageHeader, Pagination } from '~/components/ui'
import { LinkCard } from '~/features/selling/link-card'
import { LinkFilter, linkSearch } from '~/features/selling/link-filter'
import { NeedsAgency } from '~/features/selling/needs-agency'
import { load } from '~/lib/api.server'
import { pageTitle } from '~/lib/meta'
import { paths } from '~/lib/paths'
import type { SellerLevel } from '../../server/domain/marketplace/schemas'

export const meta: MetaFunction = () => pageTitle('Links')

export const loader = async (args: LoaderFunctionArgs) => {
  const params = new URL(args.request.url).searchParams
  const search = linkSearch(params)
  const asked = {
    limit: 20,
    cursor: params.get('cursor') ?? undefined,
    q: search.q,
    from: search.from || undefined,
    to: search.to || undefined,
    sort: search.sort,
  }
  return json({
    ...(await load(args, async (api) => ({
      links: await api.affiliate.links(asked),
      terms: await api.affiliate.sellingTerms(),
    }))),
    search,
    narrowed: [search.q, search.from, search.to].some((one) => one !== '') || params.has('cursor'),
  })
}

const Links = () => {
  const { links, terms, search, narrowed } = useLoaderData<typeof loader>()
  const mayAdd = terms.planType === 'AGENCY'
  return (
    <>
      <PageHeader
        title="Links"
        description="Each link sells copies of one workspace under one offer. Price and rate are frozen into it."
        actions={
          mayAdd &&
          (narrowed || links.items.length > 0) && (
            <ButtonLink to={paths.newLink()} variant="primary">
              Make a link
            </ButtonLink>
          )
        }
      />
      {terms.level.number > 0 && (
        <p className="muted">{levelWords(terms.level, terms.commissionPercentage)}</p>
      )}
      {!mayAdd && <NeedsAgency planType={terms.planType} selling={narrowed || links.items.length > 0} />}
      {(narrowed || links.items.length > 0) && <LinkFilter search={search} />}
      {narrowed && links.items.length === 0 ? (
        <Card>
          <EmptyState
            title="No such links"
            action={<ButtonLink to={paths.links()}>Show all links</ButtonLink>}
          >
            None of yours has this in its name or its workspace’s and was made in this time.
          </EmptyState>
        </Card>
      ) : links.items.length === 0 ? (
        <Card>
          <EmptyState
            title="No links yet"
            action={
              mayAdd ? (
                <ButtonLink to={paths.newLink()} variant="primary">
                  Make a link
                </ButtonLink>
              ) : (
                <ButtonLink to={paths.workspaces()}>Go to your workspaces</ButtonLink>
              )
            }
          >
            Choose a workspace, name a price, and send the link to whoever may want a copy. You keep the
            original.
          </EmptyState>
        </Card>
      ) : (
        links.items.map((link) => <LinkCard key={link.id} link={link} />)
      )}
      <Pagination nextCursor={links.nextCursor} />
    </>
  )
}

export default Links

/** 'Level 1 of 3, with 4 sales: new links earn you 20 %. Level 2 from 10 sales on: 22.5 %.' */
const levelWords = ({ number, of, sales, next }: SellerLevel, rate: string): string => {
  const here = `Level ${number} of ${of}, with ${sales} ${sales === 1 ? 'sale' : 'sales'}: new links earn you ${Number(rate)} %.`
  if (next === null) return here
  const gain = next.percentage === null ? '' : `: ${Number(next.percentage)} %`
  return `${here} Level ${number + 1} from ${next.sales} sales on${gain}.`
}
