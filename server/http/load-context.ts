import type { ApiContext } from '../trpc'

/** What every Remix loader and action is handed: who asks, and what marks this answer. */
export type LoadContext = {
  readonly api: ApiContext
  /** Of this answer's scripts. */
  readonly nonce: string
  /** As in the log's lines and the header X-Request-Id. */
  readonly requestId: string
}

declare module '@remix-run/node' {
  interface AppLoadContext extends LoadContext {}
}
