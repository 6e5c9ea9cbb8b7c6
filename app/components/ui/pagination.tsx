import { useSearchParams } from '@remix-run/react'
import { ButtonLink } from './button'

/** The way on through a list that is read by cursor. Everything else in the address stays. */
export const Pagination = ({ nextCursor }: { readonly nextCursor: string | null }) => {
  const [search] = useSearchParams()
  const first = !search.has('cursor')
  if (first && nextCursor === null) return null
  const page = (cursor: string | null): string => {
    const query = new URLSearchParams(search)
    query.delete('cursor')
    if (cursor !== null) query.set('cursor', cursor)
    return `?${query}`
  }
  return (
    <nav aria-label="Pages of this list" className="pagination">
      {!first && <ButtonLink to={page(null)}>Back to the newest</ButtonLink>}
      {nextCursor !== null && <ButtonLink to={page(nextCursor)}>Older</ButtonLink>}
    </nav>
  )
}
