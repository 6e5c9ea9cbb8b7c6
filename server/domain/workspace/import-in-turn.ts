import { bound } from '../../kit/bound'
import { type Context, signedIn } from '../../kit/context'
import { importWorkspace } from './import-workspace'
import { refuseOverLimit, workspaceUsage } from './limits'
import type { Workspace } from './schemas'

/**
 * Imports one document at a time: reading a large one keeps the whole process busy, and several would keep everybody
 * waiting. Whoever may have no further workspace is told before theirs is looked at.
 * @throws DomainError as importWorkspace, and 503 BUSY when more than five are waiting
 */
export const importInTurn = async (ctx: Context, input: unknown): Promise<Workspace> => {
  signedIn(ctx)
  refuseOverLimit((await workspaceUsage(ctx)).refusal)
  return oneByOne(() => importWorkspace(ctx, input))
}

const oneByOne = bound(1, 5)
