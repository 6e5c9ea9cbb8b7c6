import Stripe from 'stripe'
import { DomainError, refused } from '../../kit/errors'

/**
 * Runs a call to Stripe and says its failures in our words. Stripe's own sentences are not passed on: they may quote
 * keys and addresses.
 * @throws DomainError 503 PROVIDER_UNAVAILABLE (worth another try) or 422 PROVIDER_REFUSED (it is not).
 */
export const asking = async <T>(call: () => Promise<T>): Promise<T> => {
  try {
    return await call()
  } catch (error) {
    throw toDomainError(error)
  }
}

/**
 * Makes something that harms nobody when it is there twice. Stripe keeps a failure of its own under the key for a day and
 * answers nothing else meanwhile; then it is asked for under another one.
 */
export const underKey = async <T>(key: string, make: (idempotencyKey: string) => Promise<T>): Promise<T> => {
  for (let other = 1; ; other += 1)
    try {
      return await make(other === 1 ? key : `${key}:${other}`)
    } catch (error) {
      if (other === KEYS || !isKept(error)) throw error
    }
}

const KEYS = 4

const isKept = (error: unknown): boolean =>
  error instanceof Stripe.errors.StripeError &&
  (error.statusCode ?? 0) >= 500 &&
  error.headers?.['idempotent-replayed'] === 'true'

/** Stripe knows nothing of that name. */
export const isMissing = (error: unknown): boolean =>
  error instanceof Stripe.errors.StripeInvalidRequestError &&
  (error.statusCode === 404 || error.code === 'resource_missing')

const toDomainError = (error: unknown): unknown => {
  if (!(error instanceof Stripe.errors.StripeError)) return error
  if (isRefusal(error)) return refused('PROVIDER_REFUSED', refusalWords(error))
  return new DomainError(
    503,
    'PROVIDER_UNAVAILABLE',
    'Stripe cannot be reached just now. Try again in a moment.',
    {
      retryAfter: 5,
    },
  )
}

/** That it was refused, with Stripe's code for why. */
export const refusalWords = ({ code, param }: Stripe.errors.StripeError): string => {
  const why = [code, param].filter((part) => part !== undefined && SAFE.test(part)).join(', ')
  return `Stripe refused this${why === '' ? '' : ` (${why})`}.`
}

const SAFE = /^[a-z0-9_[\].]{1,100}$/

const isRefusal = (error: Stripe.errors.StripeError): boolean =>
  error.statusCode !== 409 &&
  (error instanceof Stripe.errors.StripeInvalidRequestError ||
    error instanceof Stripe.errors.StripeCardError ||
    error instanceof Stripe.errors.StripeIdempotencyError)
