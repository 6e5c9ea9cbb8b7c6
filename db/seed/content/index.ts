import type { DemoWorkspace } from './builders'
import { coaching } from './coaching'
import { restaurant } from './restaurant'
import { saas } from './saas'

export type { DemoWorkspace } from './builders'

/** A workspace as a document that can be imported. */
export const toDocument = (workspace: DemoWorkspace) => ({ format: 'offshoot.workspace/1', ...workspace })

export const DEMO_WORKSPACES = { coaching, saas, restaurant } as const satisfies Record<string, DemoWorkspace>
