import type { HttpBindings } from '@hono/node-server'
import type { Context as Call } from 'hono'

/** What is known of a request while it is answered. */
export interface HttpEnv {
  Bindings: HttpBindings
  Variables: {
    requestId: string
    /** Of the scripts of this answer. */
    nonce: string
    /** What went wrong on our side, for the log. */
    failure: unknown
    /** Set-Cookie headers to add. */
    cookies: string[]
  }
}

export type HttpCall = Call<HttpEnv>
