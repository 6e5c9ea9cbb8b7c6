import type { ApiContext } from '../trpc'

/** What every Remix loader and action is handed: who asks, and the nonce of this answer's scripts. */
export type LoadContext = {
  readonly api: ApiContext
  readonly nonce: string
}

declare module '@remix-run/node' {
  interface AppLoadContext extends LoadContext {}
}
