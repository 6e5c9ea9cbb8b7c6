interface Kind {
  readonly label: string
  readonly about: string
  /** Stands in the list of notifications too, unless its owner wants it otherwise. */
  readonly inApp: boolean
  /** May be switched off, in the application and by mail. What keeps the account safe and what is a receipt may not. */
  readonly switchable: boolean
}

/** What one is told of, in the order of the preferences. */
export const NOTIFICATION_KINDS = {
  account: {
    label: 'Your account',
    about: 'Links that open, confirm or close the account. By mail only.',
    inApp: false,
    switchable: false,
  },
  security: {
    label: 'Security',
    about: 'Sign-ins, and changes of what keeps your account and money safe.',
    inApp: true,
    switchable: false,
  },
  receipts: {
    label: 'Purchases and receipts',
    about: 'What you bought, what is charged, and money that comes back to you.',
    inApp: true,
    switchable: false,
  },
  admin: {
    label: 'Alerts for admins',
    about: 'What needs somebody who runs this place.',
    inApp: true,
    switchable: false,
  },
  sales: {
    label: 'Sales',
    about: 'Somebody bought from you, or a customer’s next payment earned you something.',
    inApp: true,
    switchable: true,
  },
  refunds: {
    label: 'Refunds and disputes',
    about: 'A sale of yours was given back, is disputed, or was decided.',
    inApp: true,
    switchable: true,
  },
  commissions: {
    label: 'Commissions and bonuses',
    about: 'A held commission was decided on, or you were granted a bonus.',
    inApp: true,
    switchable: true,
  },
  withdrawals: {
    label: 'Withdrawals',
    about: 'Each step of a withdrawal, until it is paid.',
    inApp: true,
    switchable: true,
  },
  plan: {
    label: 'Your plan',
    about: 'It was changed, ends or has ended; your trial is almost over.',
    inApp: true,
    switchable: true,
  },
  affiliate: {
    label: 'Affiliate programme',
    about: 'You were approved or not, and answers to your questions.',
    inApp: true,
    switchable: true,
  },
  listings: {
    label: 'Listings and reviews',
    about: 'Your listing on the marketplace was approved or not, or somebody reviewed it.',
    inApp: true,
    switchable: true,
  },
  releases: {
    label: 'New versions',
    about: 'The seller of a copy of yours has published a new version.',
    inApp: true,
    switchable: true,
  },
  webhooks: {
    label: 'Your webhooks',
    about: 'An address of yours that takes webhooks was switched off because it failed too long.',
    inApp: true,
    switchable: true,
  },
} as const satisfies Readonly<Record<string, Kind>>

export type NotificationKind = keyof typeof NOTIFICATION_KINDS
export const KIND_NAMES = Object.keys(NOTIFICATION_KINDS) as readonly NotificationKind[]
