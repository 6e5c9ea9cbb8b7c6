import { Form, Link } from '@remix-run/react'
import { Button, Card, type Column, DataTable, InputField } from '~/components/ui'
import { formatNumber } from '~/lib/format'
import { paths } from '~/lib/paths'
import type { WorkspaceTree } from '../../../server/domain/workspace/schemas'
import { PAGE_TYPES } from './funnel-card'

type PageLine = WorkspaceTree['funnels'][number]['pages'][number]

interface PagesInOrderProps {
  readonly workspaceId: string
  readonly funnelId: string
  readonly pages: readonly PageLine[]
}

/** The pages of a funnel with all that can be done with each, and the way to one more. */
export const PagesInOrder = ({ workspaceId, funnelId, pages }: PagesInOrderProps) => (
  <Card title="Pages" flush>
    <DataTable
      caption="Pages, in the order in which visitors go through them"
      columns={columns(workspaceId, funnelId, pages)}
      rows={pages}
      rowKey={({ id }) => id}
      empty={<p className="facts-empty muted">No pages yet. Add the first one below.</p>}
    />
    <Form method="post" className="form card-foot">
      <div className="form-pair">
        <InputField name="name" label="New page" hint="Its name, such as “Thank you”." maxLength={200} />
        <label className="check">
          <input type="checkbox" name="type" value="RESULT" /> <span>It is a result of a quiz</span>
        </label>
      </div>
      <div className="actions">
        <Button name="intent" value="add-page">
          Add the page
        </Button>
      </div>
    </Form>
  </Card>
)

const columns = (
  workspaceId: string,
  funnelId: string,
  pages: readonly PageLine[],
): readonly Column<PageLine>[] => [
  {
    header: 'Page',
    rowHeader: true,
    cell: (page) => (
      <>
        <Link to={paths.pageEditor(workspaceId, funnelId, page.id)}>{page.name}</Link>{' '}
        <span className="muted">/{page.slug}</span>
      </>
    ),
  },
  { header: 'Type', cell: ({ type }) => PAGE_TYPES[type] },
  { header: 'Visits', numeric: true, cell: ({ visits }) => formatNumber(visits) },
  {
    header: 'Change',
    cell: (page) => {
      const at = pages.indexOf(page)
      const above = pages[at - 1]
      return (
        <div className="marks">
          {above !== undefined && (
            <Form method="post">
              <input type="hidden" name="pageId" value={page.id} />
              <input type="hidden" name="before" value={above.id} />
              <Button variant="quiet" name="intent" value="move-page">
                Up<span className="visually-hidden">: {page.name}</span>
              </Button>
            </Form>
          )}
          <Form method="post">
            <input type="hidden" name="pageId" value={page.id} />
            <Button variant="quiet" name="intent" value="duplicate-page">
              Duplicate<span className="visually-hidden"> {page.name}</span>
            </Button>
          </Form>
          <Form method="post">
            <input type="hidden" name="pageId" value={page.id} />
            <Button variant="quiet" name="intent" value="delete-page">
              Delete<span className="visually-hidden"> {page.name}</span>
            </Button>
          </Form>
        </div>
      )
    },
  },
]
