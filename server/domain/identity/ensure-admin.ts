import { eq } from 'drizzle-orm'
import { users } from '../../../db/schema'
import { type Context, inTransaction, newId } from '../../kit/context'
import { mailOtherAdmins, recordActivity } from '../audit'
import { createAccount, findAccount, lockAddress, lockUser } from './accounts'
import { normalizeEmail } from './email'
import { hashPassword } from './passwords'
import { endSessions, shortenSessions } from './sessions'
import { replaceTokens } from './tokens'

/**
 * Makes the admin the settings name, if there is none of that address; safe for several processes at once.
 * An account that is there becomes an admin. It keeps a password its owner set and verified; anything else (a stranger
 * may have signed up with the address) gives way to the settings' password.
 */
export const ensureAdmin = async (
  ctx: Context,
  admin: { email: string; password: string },
): Promise<void> => {
  const email = normalizeEmail(admin.email)
  const known = await findAccount(ctx, email)
  if (known?.role === 'ADMIN') return
  const passwordHash = await hashPassword(ctx, admin.password)
  await inTransaction(ctx, async (ctx) => {
    await lockAddress(ctx, email)
    const user = await findAccount(ctx, email)
    if (user?.role === 'ADMIN') return
    if (user) await promote(ctx, user.id, passwordHash)
    else
      await createAccount(ctx, {
        email,
        firstName: 'Offshoot',
        lastName: 'Admin',
        companyName: 'Offshoot',
        passwordHash,
        verified: true,
        role: 'ADMIN',
        trialEndsAt: null,
        origin: { by: 'settings' },
      })
  })
}

const promote = async (ctx: Context, userId: string, passwordHash: string): Promise<void> => {
  const user = await lockUser(ctx, userId)
  const isTheirs = user.passwordHash !== null && user.emailVerifiedAt !== null
  await ctx.db
    .update(users)
    .set({
      role: 'ADMIN',
      adminSince: null,
      ...(isTheirs ? {} : { passwordHash, emailVerifiedAt: ctx.now() }),
    })
    .where(eq(users.id, user.id))
  if (isTheirs) await shortenSessions(ctx, user.id)
  else {
    await endSessions(ctx, user.id)
    await replaceTokens(ctx, user.id, ['VERIFY_EMAIL', 'RESET_PASSWORD', 'OPEN_PURCHASE'])
  }
  await mailOtherAdmins(ctx, {
    key: `admin-made:${newId(ctx)}`,
    title: 'There is a new admin',
    text: `The settings have made ${user.firstName} ${user.lastName} (${user.email}) an admin. If you know nothing of it, take the role back: ${ctx.config.appUrl}/admin/users`,
    except: [user.id],
  })
  await recordActivity(ctx, {
    action: 'user_updated',
    description: `${user.firstName} ${user.lastName} was made an admin by the settings`,
    organizationId: user.organizationId,
    userId: user.id,
    subject: { type: 'user', id: user.id },
    before: { role: user.role },
    after: { role: 'ADMIN' },
  })
}
