import { and, desc, eq, isNull, lt, or } from 'drizzle-orm'
import { mails, notifications } from '../../../db/schema'
import { type Context, signedIn } from '../../kit/context'
import { notFound } from '../../kit/errors'
import { type Page, readCursor, toPage } from '../../kit/pages'
import type { MailTemplates } from '../../kit/queue'
import type { ListNotificationsInput, NotificationView } from './schemas'
import { templates } from './templates'

/** What the signed-in user was told, newest first. */
export const listNotifications = async (
  ctx: Context,
  { limit, cursor }: ListNotificationsInput,
): Promise<Page<NotificationView>> => {
  const after = readCursor(cursor)
  const rows = await ctx.db
    .select({ row: notifications, template: mails.template, data: mails.data })
    .from(notifications)
    .innerJoin(mails, eq(mails.id, notifications.id))
    .where(
      and(
        eq(notifications.userId, signedIn(ctx).userId),
        after === null
          ? undefined
          : or(
              lt(notifications.createdAt, after.at),
              and(eq(notifications.createdAt, after.at), lt(notifications.id, after.id)),
            ),
      ),
    )
    .orderBy(desc(notifications.createdAt), desc(notifications.id))
    .limit(limit + 1)
  return toPage(
    rows,
    limit,
    ({ row }) => ({ at: row.createdAt, id: row.id }),
    ({ row, template, data }) => ({
      id: row.id,
      kind: row.kind,
      ...wordsOf(template as keyof MailTemplates, data),
      readAt: row.readAt?.toISOString() ?? null,
      createdAt: row.createdAt.toISOString(),
    }),
  )
}

/** How many the signed-in user has not read. */
export const countUnread = (ctx: Context): Promise<number> =>
  ctx.db.$count(
    notifications,
    and(eq(notifications.userId, signedIn(ctx).userId), isNull(notifications.readAt)),
  )

/**
 * Marks one as read, or all. @returns where the one leads; null: nowhere, or they were all
 * @throws DomainError 404 NOTIFICATION_NOT_FOUND, for somebody else's too
 */
export const markRead = async (ctx: Context, { id }: { id?: string | undefined }): Promise<string | null> => {
  const { userId } = signedIn(ctx)
  const own = eq(notifications.userId, userId)
  if (id === undefined) {
    await ctx.db
      .update(notifications)
      .set({ readAt: ctx.now() })
      .where(and(own, isNull(notifications.readAt)))
    return null
  }
  const [found] = await ctx.db
    .select({ readAt: notifications.readAt, template: mails.template, data: mails.data })
    .from(notifications)
    .innerJoin(mails, eq(mails.id, notifications.id))
    .where(and(own, eq(notifications.id, id)))
  if (found === undefined) throw notFound('NOTIFICATION_NOT_FOUND', 'There is no such notification.')
  await ctx.db
    .update(notifications)
    .set({ readAt: ctx.now() })
    .where(and(own, eq(notifications.id, id), isNull(notifications.readAt)))
  return wordsOf(found.template as keyof MailTemplates, found.data).link
}

/** The mail's words, short, with a link inside this site; never one that holds a mailed token. */
export const wordsOf = <T extends keyof MailTemplates>(
  name: T,
  data: unknown,
): { title: string; text: string; link: string | null } => {
  const { subject, paragraphs, action } = templates[name](data as MailTemplates[T], {
    appUrl: '',
    token: () => '',
  })
  const [first = ''] = paragraphs
  const url = action?.url ?? ''
  return {
    title: subject,
    text: first.charAt(0).toUpperCase() + first.slice(1),
    link: /^\/(?![/\\])/.test(url) && !url.startsWith('/auth/') && !url.startsWith('/api/') ? url : null,
  }
}
