import { z } from 'zod'
import * as notification from '../domain/notification'
import {
  ListNotificationsInput,
  MarkReadInput,
  NotificationView,
  PreferencesView,
  SetPreferencesInput,
  UnsubscribeInput,
  UnsubscribeView,
} from '../domain/notification/schemas'
import { limited, router, signedIn, visitor } from '../trpc'

export const notificationRouter = router({
  list: signedIn
    .meta({
      http: { method: 'GET', path: '/api/notifications', summary: 'What you were told, newest first' },
    })
    .input(ListNotificationsInput)
    .output(z.object({ items: z.array(NotificationView), nextCursor: z.string().nullable() }))
    .query(({ ctx, input }) => notification.listNotifications(ctx, input)),

  unread: signedIn
    .meta({
      duringEnrolment: true,
      http: { method: 'GET', path: '/api/notifications/unread', summary: 'How many you have not read' },
    })
    .output(z.object({ unread: z.number() }))
    .query(async ({ ctx }) => ({ unread: await notification.countUnread(ctx) })),

  markRead: signedIn
    .meta({ http: { method: 'POST', path: '/api/notifications/read', summary: 'Mark one as read, or all' } })
    .input(MarkReadInput)
    .output(z.object({ link: z.string().nullable() }))
    .mutation(async ({ ctx, input }) => ({ link: await notification.markRead(ctx, input) })),

  preferences: signedIn
    .meta({
      http: { method: 'GET', path: '/api/notifications/preferences', summary: 'How you want to be told' },
    })
    .output(PreferencesView)
    .query(({ ctx }) => notification.preferencesView(ctx)),

  setPreferences: signedIn
    .meta({
      http: {
        method: 'PATCH',
        path: '/api/notifications/preferences',
        summary: 'Set how you want to be told of some kinds',
      },
    })
    .input(SetPreferencesInput)
    .output(PreferencesView)
    .mutation(({ ctx, input }) => notification.setPreferences(ctx, input)),

  /** Mails to one's address came back, and are tried again. */
  tryAddressAgain: signedIn.output(z.object({})).mutation(async ({ ctx }) => {
    await notification.tryAddressAgain(ctx)
    return {}
  }),

  readUnsubscribe: visitor
    .use(limited('password-reset'))
    .input(UnsubscribeInput)
    .output(UnsubscribeView)
    .query(({ ctx, input }) => notification.readUnsubscribe(ctx, input.token)),

  unsubscribe: visitor
    .use(limited('password-reset'))
    .input(UnsubscribeInput)
    .output(UnsubscribeView)
    .mutation(({ ctx, input }) => notification.unsubscribe(ctx, input.token)),
})
