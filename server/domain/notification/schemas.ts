import { z } from 'zod'
import { KIND_NAMES, type NotificationKind } from '../../kit/notification-kinds'
import { PageInput } from '../../kit/pages'

const Kind = z.enum(KIND_NAMES as readonly [NotificationKind, ...NotificationKind[]])

export const ListNotificationsInput = PageInput
export type ListNotificationsInput = z.infer<typeof ListNotificationsInput>

export const NotificationView = z.object({
  id: z.string(),
  kind: z.string(),
  title: z.string(),
  text: z.string(),
  /** A path of this site; null: it leads nowhere. */
  link: z.string().nullable(),
  readAt: z.string().nullable(),
  createdAt: z.string(),
})
export type NotificationView = z.infer<typeof NotificationView>

/** One, or without an id all. */
export const MarkReadInput = z.strictObject({ id: z.uuid().optional() })

const MailRhythm = z.enum(['NOW', 'DAILY', 'OFF'])

/** How somebody wants to be told of a kind. */
export const PreferenceView = z.object({
  kind: Kind,
  label: z.string(),
  about: z.string(),
  switchable: z.boolean(),
  inApp: z.boolean(),
  mail: MailRhythm,
})
export type PreferenceView = z.infer<typeof PreferenceView>

export const PreferencesView = z.object({
  preferences: z.array(PreferenceView),
  /** Mails to one's address come back since then; null: they do not. */
  bouncedAt: z.string().nullable(),
})
export type PreferencesView = z.infer<typeof PreferencesView>

export const SetPreferencesInput = z.strictObject({
  preferences: z
    .array(z.strictObject({ kind: Kind, inApp: z.boolean(), mail: MailRhythm }))
    .min(1, 'Name at least one.')
    .max(KIND_NAMES.length, 'Each once.'),
})
export type SetPreferencesInput = z.infer<typeof SetPreferencesInput>

export const UnsubscribeInput = z.strictObject({ token: z.string().min(1).max(300) })
export const UnsubscribeView = z.object({ label: z.string() })
