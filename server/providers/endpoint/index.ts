import { lookup } from 'node:dns'
import { request as plainRequest } from 'node:http'
import { request as secureRequest } from 'node:https'
import type { LookupFunction } from 'node:net'
import type { Post } from '../../kit/ports'
import { isPublicAddress } from './public-address'

const TIMEOUT = 15_000

/**
 * Posts to addresses that users have chosen. A name is looked up for each connection, and the connection goes to an
 * address that was looked at, so a name that changes its mind leads nowhere else. Redirects are not followed, nothing of
 * the answer but its status is read.
 * @param options.allowPrivate also to this machine and its network, and without https
 */
export const createPost =
  ({ allowPrivate }: { readonly allowPrivate: boolean }): Post =>
  ({ url, headers, body }) =>
    new Promise((answered, failed) => {
      const target = new URL(url)
      const problem = allowPrivate ? null : problemOf(target)
      if (problem !== null) return failed(new Error(problem))
      const send = target.protocol === 'https:' ? secureRequest : plainRequest
      const call = send(target, {
        method: 'POST',
        headers: { ...headers, 'Content-Length': Buffer.byteLength(body) },
        agent: false,
        signal: AbortSignal.timeout(TIMEOUT),
        ...(allowPrivate ? {} : { lookup: publicLookup }),
      })
      call.once('response', (answer) => {
        answered(answer.statusCode ?? 0)
        answer.destroy()
      })
      call.once('error', failed)
      call.end(body)
    })

/** Why an address is not posted to, in words for whoever typed it; null: nothing speaks against it. */
const problemOf = ({ protocol, hostname, username, password }: URL): string | null => {
  if (protocol !== 'https:') return 'The address has to begin with https.'
  if (username !== '' || password !== '') return 'The address may hold no name and no password.'
  const literal = hostname.replace(/^\[|\]$/g, '')
  // Numbers are connected to without looking anything up.
  if (/^[\d.]+$|:/.test(literal) && !isPublicAddress(literal)) return PRIVATE
  return null
}

const PRIVATE = 'The address leads into a private network.'

const publicLookup: LookupFunction = (hostname, options, done) =>
  lookup(hostname, { ...options, all: true }, (error, addresses) => {
    if (error) return done(error, '', 0)
    const [first] = addresses
    // One that is private is enough: a name that is half and half is not to be trusted.
    if (first === undefined || !addresses.every(({ address }) => isPublicAddress(address)))
      return done(Object.assign(new Error(PRIVATE), { code: 'EPRIVATE' }), '', 0)
    if (options.all === true) return done(null, addresses)
    done(null, first.address, first.family)
  })
