import { Card, type Column, DataTable } from '~/components/ui'
import type { WorkspaceTree } from '../../../server/domain/workspace/schemas'

type Theme = WorkspaceTree['themes'][number]
type RoleTemplate = WorkspaceTree['roleTemplates'][number]

export const Themes = ({ themes }: { readonly themes: readonly Theme[] }) => (
  <Card title="Themes" flush>
    <DataTable
      caption="Themes of this workspace"
      columns={THEMES}
      rows={themes}
      rowKey={(theme) => theme.key}
      empty={<p className="facts-empty muted">No theme of its own.</p>}
    />
  </Card>
)

const THEMES: readonly Column<Theme>[] = [
  { header: 'Theme', rowHeader: true, cell: (theme) => theme.name },
  { header: 'Key', cell: (theme) => theme.key },
]

export const RoleTemplates = ({ templates }: { readonly templates: readonly RoleTemplate[] }) => (
  <Card title="Role templates" flush>
    <DataTable
      caption="What each role may do"
      columns={ROLES}
      rows={templates.map((template, place) => ({ ...template, place }))}
      rowKey={(template) => String(template.place)}
      empty={<p className="facts-empty muted">No role templates.</p>}
    />
  </Card>
)

const ROLES: readonly Column<RoleTemplate>[] = [
  { header: 'Role', rowHeader: true, cell: (template) => template.name },
  {
    header: 'May',
    cell: ({ permissions }) => (permissions.length === 0 ? 'only look' : permissions.join(', ')),
  },
]
