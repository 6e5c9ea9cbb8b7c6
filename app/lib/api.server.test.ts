// @vitest-environment node
import type { AppLoadContext } from '@remix-run/node'
import { describe, expect, it } from 'vitest'
import { DomainError, invalid } from '../../server/kit/errors'
import { formFailure, isSignedIn, load, signedInGoesTo } from './api.server'

const contextOf = (kind: 'visitor' | 'user' | 'admin') =>
  ({ api: { actor: { kind } } }) as unknown as AppLoadContext
const request = new Request('http://localhost:3000/sales?cursor=x&_data=routes%2Fsales')

/** The Response that was thrown. */
const thrownBy = async (work: () => unknown): Promise<Response> => {
  try {
    await work()
  } catch (thrown) {
    if (thrown instanceof Response) return thrown
    throw thrown
  }
  throw new Error('nothing was thrown')
}

const refusedWith = (error: unknown) =>
  thrownBy(() =>
    load({ request, context: contextOf('user') }, async () => {
      throw error
    }),
  )

describe('what a loader asks', () => {
  it('is answered', async () => {
    expect(await load({ request, context: contextOf('user') }, async () => 'yes')).toBe('yes')
  })

  it('leads to sign-in and back again when nobody is signed in', async () => {
    const response = await refusedWith(new DomainError(401, 'SIGN_IN_REQUIRED', 'Sign in to go on.'))
    expect(response.status).toBe(302)
    expect(response.headers.get('Location')).toBe('/auth/sign-in?redirectTo=%2Fsales%3Fcursor%3Dx')
  })

  it('is refused with its status, and nothing but code and message', async () => {
    const response = await refusedWith(
      new DomainError(404, 'WORKSPACE_NOT_FOUND', 'There is no such workspace.'),
    )
    expect(response.status).toBe(404)
    expect(await response.json()).toEqual({
      code: 'WORKSPACE_NOT_FOUND',
      message: 'There is no such workspace.',
    })
  })

  it('says when to come again', async () => {
    const response = await refusedWith(new DomainError(503, 'BUSY', 'Too many.', { retryAfter: 2 }))
    expect(response.headers.get('Retry-After')).toBe('2')
  })

  it('hands on what broke, for the server to log', async () => {
    const broken = new Error('boom')
    await expect(refusedWith(broken)).rejects.toBe(broken)
  })

  it('lets a redirect of its own pass', async () => {
    const away = new Response(null, { status: 302 })
    expect(await refusedWith(away)).toBe(away)
  })
})

describe('a refused form', () => {
  it('says what is wrong where, the first fault of each field, and keeps what was typed', async () => {
    const error = invalid([
      { path: ['email'], message: 'Enter an e-mail address.' },
      { path: ['email'], message: 'Too long.' },
      { path: ['offer', 'price'], message: 'At least 0.50 USD.' },
    ])
    const response = formFailure(error, request, { email: 'ada@' })
    expect(response.status).toBe(400)
    expect(await response.json()).toEqual({
      code: 'INVALID_INPUT',
      formError: 'Some of this is not valid.',
      fieldErrors: { email: 'Enter an e-mail address.', 'offer.price': 'At least 0.50 USD.' },
      values: { email: 'ada@' },
    })
  })

  it('stays where it is when the password was wrong', () => {
    const error = new DomainError(401, 'INVALID_CREDENTIALS', 'They do not match an account.')
    expect(formFailure(error, request).status).toBe(401)
  })

  it('leads to sign-in when the session ended meanwhile', async () => {
    const error = new DomainError(401, 'SIGN_IN_REQUIRED', 'Sign in to go on.')
    expect((await thrownBy(() => formFailure(error, request))).status).toBe(302)
  })
})

it('knows who has no business on the pages for signing in', async () => {
  expect(isSignedIn(contextOf('visitor'))).toBe(false)
  expect(isSignedIn(contextOf('admin'))).toBe(true)
  expect(() => signedInGoesTo(contextOf('visitor'), '/dashboard')).not.toThrow()
  const response = await thrownBy(() => signedInGoesTo(contextOf('user'), '/dashboard'))
  expect(response.headers.get('Location')).toBe('/dashboard')
})
