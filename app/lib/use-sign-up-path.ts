import { useSearchParams } from '@remix-run/react'
import { paths, withQuery } from './paths'

/**
 * Where to sign up, with the proof of a referral that the present address carries: whoever wants nothing kept on their
 * device is followed by nothing else.
 */
export const useSignUpPath = (): string => {
  const [search] = useSearchParams()
  return withQuery(paths.signUp(), { referral: search.get('referral') ?? undefined })
}
