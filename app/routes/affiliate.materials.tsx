import { json, type LoaderFunctionArgs, type MetaFunction } from '@remix-run/node'
import { useLoaderData } from '@remix-run/react'
import { ButtonLink, Card, CopyField, EmptyState, PageHeader, Pagination } from '~/components/ui'
import { load } from '~/lib/api.server'
import { pageTitle } from '~/lib/meta'
import { paths } from '~/lib/paths'

export const meta: MetaFunction = () => pageTitle('Materials')

export const loader = async (args: LoaderFunctionArgs) => {
  const cursor = new URL(args.request.url).searchParams.get('cursor') ?? undefined
  return json(await load(args, (api) => api.growth.materials({ limit: 20, cursor })))
}

const Materials = () => {
  const { items, nextCursor } = useLoaderData<typeof loader>()
  return (
    <>
      <PageHeader
        title="Materials"
        description="To recommend us with. Your own link is in each of them."
        breadcrumb={[{ label: 'Affiliate Program', to: paths.affiliate() }]}
      />
      {items.length === 0 && (
        <Card>
          <EmptyState
            title="Nothing here yet"
            action={<ButtonLink to={paths.affiliate()}>Go to your link</ButtonLink>}
          >
            Banners and texts appear here as soon as somebody publishes them. Your link works everywhere.
          </EmptyState>
        </Card>
      )}
      {items.map(({ id, title, body, link, image }) => (
        <Card key={id} title={title}>
          <div className="stack">
            {image !== null && (
              <p>
                <img src={image} alt={title} className="material" loading="lazy" />
              </p>
            )}
            {body !== '' && (
              <div className="field">
                <label htmlFor={`${id}-text`}>Text</label>
                <textarea
                  id={`${id}-text`}
                  className="control"
                  readOnly
                  rows={Math.min(10, 2 + body.split('\n').length)}
                  defaultValue={body}
                />
              </div>
            )}
            <CopyField label={`Link of ${title}`} value={link} />
          </div>
        </Card>
      ))}
      <Pagination nextCursor={nextCursor} />
    </>
  )
}

export default Materials
