import { eq } from 'drizzle-orm'
import { formerNames, organizations, users } from '../../../db/schema'
import { type Context, inTransaction, signedIn } from '../../kit/context'
import { recordActivity } from '../audit'
import { lockSelf } from './accounts'
import { me } from './queries'
import type { MeView, UpdateProfileInput } from './schemas'

/** Sets the signed-in user's name and, where it is given, that of their organization. */
export const updateProfile = (ctx: Context, input: UpdateProfileInput): Promise<MeView> =>
  inTransaction(ctx, async (tx) => {
    const { userId, organizationId } = signedIn(tx)
    const { firstName, lastName } = await lockSelf(tx, userId, 'no key update')
    if (firstName !== input.firstName || lastName !== input.lastName) {
      await noteFormer(tx, userId, 'name', `${firstName} ${lastName}`)
      await tx.db
        .update(users)
        .set({ firstName: input.firstName, lastName: input.lastName })
        .where(eq(users.id, userId))
      await noteChange(tx, 'name')
    }
    if (input.companyName !== undefined) await renameOrganization(tx, organizationId, input.companyName)
    return me(tx)
  })

const renameOrganization = async (tx: Context, id: string, name: string): Promise<void> => {
  const [organization] = await tx.db
    .select({ name: organizations.name })
    .from(organizations)
    .where(eq(organizations.id, id))
    .for('update')
  if (organization === undefined || organization.name === name) return
  await noteFormer(tx, signedIn(tx).userId, 'organization', organization.name)
  await tx.db.update(organizations).set({ name }).where(eq(organizations.id, id))
  await noteChange(tx, 'company')
}

/** What the name was: the log may hold it, and it is erased there with the account. */
export const noteFormer = async (
  tx: Context,
  userId: string,
  kind: (typeof formerNames.$inferSelect)['kind'],
  word: string,
): Promise<void> => {
  await tx.db.insert(formerNames).values({ userId, kind, word, createdAt: tx.now() }).onConflictDoNothing()
}

/** Without the names themselves: the log is written once. */
const noteChange = (tx: Context, what: string): Promise<void> =>
  recordActivity(tx, {
    action: 'profile_changed',
    description: `The ${what} was changed`,
    subject: { type: 'user', id: signedIn(tx).userId },
  })
