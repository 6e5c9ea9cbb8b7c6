import { isRouteErrorResponse } from '@remix-run/react'
import { paths } from '../lib/paths'
import { ButtonLink, PageHeader } from './ui'

interface Words {
  readonly title: string
  readonly text: string
}

const WORDS: Readonly<Record<number, Words>> = {
  403: {
    title: 'This is not open to you',
    text: 'Your account may not do this. If it should, ask whoever runs this place.',
  },
  404: {
    title: 'There is nothing here',
    text: 'The address may be mistyped, or what stood here is gone or belongs to somebody else.',
  },
  429: { title: 'Too many attempts', text: 'Wait a minute, then try again.' },
  503: { title: 'Not available just now', text: 'This passes by itself. Try again in a moment.' },
}

const BROKEN: Words = {
  title: 'Something went wrong on our side',
  text: 'It has been noted. Nothing was paid twice: what did not go through can be tried again.',
}

/** What stands in place of a page that cannot be shown: what happened, and a way on. */
export const Problem = ({ error }: { readonly error: unknown }) => {
  const status = statusOf(error)
  const { title, text } = problemWords(error)
  return (
    <div className="narrow">
      <p className="problem-status">{status}</p>
      <PageHeader title={title} description={text} />
      <div className="actions">
        <ButtonLink to={paths.home()} variant="primary" reload={status >= 500}>
          Go to the start page
        </ButtonLink>
      </div>
    </div>
  )
}

/** A refusal without words of our own here speaks for itself. */
export const problemWords = (error: unknown): Words => {
  const status = statusOf(error)
  return WORDS[status] ?? (status < 500 ? messageOf(error) : undefined) ?? BROKEN
}

const statusOf = (error: unknown): number => (isRouteErrorResponse(error) ? error.status : 500)

const messageOf = (error: unknown): Words | undefined => {
  const data: unknown = isRouteErrorResponse(error) ? error.data : null
  if (typeof data !== 'object' || data === null || !('message' in data)) return undefined
  return { title: 'This did not work', text: String(data.message) }
}
