import { createHmac } from 'node:crypto'
import { and, eq, sql } from 'drizzle-orm'
import { bouncedAddresses, notificationPreferences, users } from '../../../db/schema'
import { type Context, inTransaction, signedIn } from '../../kit/context'
import { derivedKey, equalSecrets } from '../../kit/crypto'
import { DomainError, invalid } from '../../kit/errors'
import { KIND_NAMES, NOTIFICATION_KINDS, type NotificationKind } from '../../kit/notification-kinds'
import type { PreferencesView, SetPreferencesInput } from './schemas'

/** How the signed-in user wants to be told of each kind, and whether mails reach them at all. */
export const preferencesView = async (ctx: Context): Promise<PreferencesView> => {
  const { userId, email } = signedIn(ctx)
  const rows = await ctx.db
    .select()
    .from(notificationPreferences)
    .where(eq(notificationPreferences.userId, userId))
  const [bounced] = await ctx.db.select().from(bouncedAddresses).where(eq(bouncedAddresses.email, email))
  return {
    preferences: KIND_NAMES.filter((kind) => kind !== 'admin' || ctx.actor.kind === 'admin').map((kind) => {
      const { label, about, inApp, switchable } = NOTIFICATION_KINDS[kind]
      const row = switchable ? rows.find((one) => one.kind === kind) : undefined
      return { kind, label, about, switchable, inApp: row?.inApp ?? inApp, mail: row?.mail ?? 'NOW' }
    }),
    bouncedAt: bounced?.bouncedAt.toISOString() ?? null,
  }
}

/**
 * Sets how the signed-in user wants to be told of these kinds; the others stay.
 * @throws DomainError 400 INVALID_INPUT for a kind that may not be switched, or is named twice
 */
export const setPreferences = (
  ctx: Context,
  { preferences }: SetPreferencesInput,
): Promise<PreferencesView> =>
  inTransaction(ctx, async (tx) => {
    const { userId } = signedIn(tx)
    const fixed = preferences.findIndex(({ kind }) => !NOTIFICATION_KINDS[kind].switchable)
    if (fixed !== -1)
      throw invalid([{ path: ['preferences', fixed, 'kind'], message: 'This kind cannot be switched off.' }])
    if (new Set(preferences.map(({ kind }) => kind)).size !== preferences.length)
      throw invalid([{ path: ['preferences'], message: 'Each kind once.' }])
    await save(
      tx,
      userId,
      preferences.map(({ kind, inApp, mail }) => ({ kind, inApp, mail })),
    )
    return preferencesView(tx)
  })

type Wish = SetPreferencesInput['preferences'][number]

const save = async (tx: Context, userId: string, wishes: readonly Wish[]): Promise<void> => {
  await tx.db
    .insert(notificationPreferences)
    .values(wishes.map((wish) => ({ ...wish, userId, updatedAt: tx.now() })))
    .onConflictDoUpdate({
      target: [notificationPreferences.userId, notificationPreferences.kind],
      set: {
        inApp: sql`excluded.in_app`,
        mail: sql`excluded.mail`,
        updatedAt: sql`excluded.updated_at`,
      },
    })
}

/** Mails to the signed-in user's address are tried again. */
export const tryAddressAgain = async (ctx: Context): Promise<void> => {
  await ctx.db.delete(bouncedAddresses).where(eq(bouncedAddresses.email, signedIn(ctx).email))
}

/** Ends mails of one kind to one user, and can do nothing else; it holds for good, as old mails do. */
export const unsubscribeToken = (ctx: Context, userId: string, kind: NotificationKind): string =>
  `${userId}.${kind}.${signature(ctx, userId, kind)}`

const signature = (ctx: Context, userId: string, kind: string): string =>
  createHmac('sha256', derivedKey(ctx.config.appSecret, 'unsubscribe'))
    .update(`${userId}.${kind}`)
    .digest('base64url')

const readToken = (ctx: Context, token: string): { userId: string; kind: NotificationKind } => {
  const [userId = '', kind = '', mac = ''] = token.split('.')
  const known = KIND_NAMES.find((one) => one === kind)
  if (
    known === undefined ||
    !NOTIFICATION_KINDS[known].switchable ||
    !equalSecrets(mac, signature(ctx, userId, kind))
  )
    throw new DomainError(400, 'TOKEN_INVALID', 'This link is not complete. Take it from the mail again.')
  return { userId, kind: known }
}

/** What the link in a mail would end. @throws DomainError 400 TOKEN_INVALID */
export const readUnsubscribe = (ctx: Context, token: string): { label: string } => ({
  label: NOTIFICATION_KINDS[readToken(ctx, token).kind].label,
})

/**
 * Ends mails of the kind the link is about; the application goes on telling. Again changes nothing.
 * @throws DomainError 400 TOKEN_INVALID
 */
export const unsubscribe = (ctx: Context, token: string): Promise<{ label: string }> =>
  inTransaction(ctx, async (tx) => {
    const { userId, kind } = readToken(tx, token)
    const { label, inApp } = NOTIFICATION_KINDS[kind]
    const [user] = await tx.db.select({ id: users.id }).from(users).where(eq(users.id, userId)).for('share')
    // Closed or gone: there is nobody to mail any more.
    if (user === undefined) return { label }
    const [row] = await tx.db
      .select()
      .from(notificationPreferences)
      .where(and(eq(notificationPreferences.userId, userId), eq(notificationPreferences.kind, kind)))
    await save(tx, userId, [{ kind, inApp: row?.inApp ?? inApp, mail: 'OFF' }])
    return { label }
  })
