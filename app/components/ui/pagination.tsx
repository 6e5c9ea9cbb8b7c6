import { useSearchParams } from '@remix-run/react'
import { ButtonLink } from './button'

interface PaginationProps {
  readonly nextCursor: string | null
  /** The cursor's name in the address, where a page has two such lists. */
  readonly name?: string
  readonly label?: string
}

/** The way on through a list that is read by cursor. Everything else in the address stays. */
export const Pagination = ({
  nextCursor,
  name = 'cursor',
  label = 'Pages of this list',
}: PaginationProps) => {
  const [search] = useSearchParams()
  const first = !search.has(name)
  if (first && nextCursor === null) return null
  const page = (cursor: string | null): string => {
    const query = new URLSearchParams(search)
    query.delete(name)
    if (cursor !== null) query.set(name, cursor)
    return `?${query}`
  }
  return (
    <nav aria-label={label} className="pagination">
      {!first && <ButtonLink to={page(null)}>Back to the newest</ButtonLink>}
      {nextCursor !== null && <ButtonLink to={page(nextCursor)}>Older</ButtonLink>}
    </nav>
  )
}
