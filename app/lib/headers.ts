import type { HeadersFunction } from '@remix-run/node'

/** Lets through what a refusal says about when to try again; Remix drops the headers of loaders and actions otherwise. */
export const refusalHeaders: HeadersFunction = ({ actionHeaders, errorHeaders }) => {
  const retryAfter = errorHeaders?.get('Retry-After') ?? actionHeaders.get('Retry-After')
  return retryAfter === null ? {} : { 'Retry-After': retryAfter }
}
