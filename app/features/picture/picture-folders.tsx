import { Link } from '@remix-run/react'
import { paths } from '~/lib/paths'

interface PictureFoldersProps {
  readonly workspaceId: string
  readonly folders: readonly { readonly name: string; readonly count: number }[]
  /** Null: all are shown. */
  readonly current: string | null
}

/** The ways to each folder; nothing where there is none. */
export const PictureFolders = ({ workspaceId, folders, current }: PictureFoldersProps) => {
  if (folders.every(({ name }) => name === '')) return null
  return (
    <nav aria-label="Folders">
      <ul className="picture-folders">
        <li>
          <Link to={paths.pictures(workspaceId)} aria-current={current === null ? 'page' : undefined}>
            All
          </Link>
        </li>
        {folders.map(({ name, count }) => (
          <li key={name}>
            <Link to={paths.pictures(workspaceId, name)} aria-current={current === name ? 'page' : undefined}>
              {name === '' ? 'In no folder' : name} ({count})
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  )
}
