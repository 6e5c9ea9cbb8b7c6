/** Every address of the application. Pages link through this table, never by a string of their own. */
export const paths = {
  home: () => '/',
  marketplace: () => '/marketplace',
  category: (category: string) => `/marketplace/c/${encodeURIComponent(category)}`,
  listing: (slug: string) => `/marketplace/${encodeURIComponent(slug)}`,
  seller: (handle: string) => `/sellers/${encodeURIComponent(handle)}`,
  buy: (token: string) => `/buy/${encodeURIComponent(token)}`,

  signUp: () => '/auth/sign-up',
  /** @param redirectTo an own path to go on to once signed in */
  signIn: (redirectTo?: string) => withQuery('/auth/sign-in', { redirectTo }),
  /** The second step of signing in. */
  secondStep: (redirectTo?: string) => withQuery('/auth/second-factor', { redirectTo }),
  signOut: () => '/auth/sign-out',
  verifyEmail: (token: string) => withQuery('/auth/verify-email', { token }),
  forgotPassword: () => '/auth/forgot-password',
  resetPassword: (token?: string) => withQuery('/auth/reset-password', { token }),

  dashboard: () => '/dashboard',
  workspaces: () => '/workspaces',
  newWorkspace: () => '/workspaces/new',
  importWorkspace: () => '/workspaces/import',
  workspace: (id: string) => `/workspaces/${encodeURIComponent(id)}`,
  members: (id: string) => `/workspaces/${encodeURIComponent(id)}/members`,
  join: (token: string) => `/join/${encodeURIComponent(token)}`,
  editWorkspace: (id: string) => `/workspaces/${encodeURIComponent(id)}/edit`,
  releases: (id: string) => `/workspaces/${encodeURIComponent(id)}/releases`,
  updates: (id: string) => `/workspaces/${encodeURIComponent(id)}/updates`,
  pageHistory: (id: string, funnelId: string, pageId: string) =>
    `/workspaces/${encodeURIComponent(id)}/funnels/${encodeURIComponent(funnelId)}/pages/${encodeURIComponent(pageId)}/history`,
  exportWorkspace: (id: string) => `/workspaces/${encodeURIComponent(id)}/export`,
  submissions: (id: string) => `/workspaces/${encodeURIComponent(id)}/submissions`,
  submissionsCsv: (id: string) => `/api/workspace/${encodeURIComponent(id)}/submissions.csv`,
  /** @param folder the one to show; all when it is left out */
  pictures: (id: string, folder?: string) =>
    withQuery(`/workspaces/${encodeURIComponent(id)}/pictures`, { folder }),
  pageEditor: (id: string, funnelId: string, pageId: string) =>
    `/workspaces/${encodeURIComponent(id)}/funnels/${encodeURIComponent(funnelId)}/pages/${encodeURIComponent(pageId)}`,
  links: () => '/links',
  link: (id: string) => `/links/${encodeURIComponent(id)}`,
  /** @param workspace the workspace to begin with */
  newLink: (workspace?: string) => withQuery('/links/new', { workspace }),
  listings: () => '/listings',
  ownListing: (slug: string) => `/listings/${encodeURIComponent(slug)}`,
  /** @param workspace the workspace to begin with */
  newListing: (workspace?: string) => withQuery('/listings/new', { workspace }),
  sales: () => '/sales',
  purchases: () => '/purchases',
  purchase: (id: string) => `/purchases/${encodeURIComponent(id)}`,
  balance: () => '/balance',
  withdraw: (currency?: string) => withQuery('/balance/withdraw', { currency }),
  /** @param filter `status`, or the `batch` that one line of the statement credited */
  commissions: (filter: Readonly<Record<string, string | undefined>>) =>
    withQuery('/balance/commissions', filter),
  commission: (id: string) => `/balance/commissions/${encodeURIComponent(id)}`,
  /** @param kind the way of being paid whose fields are shown */
  payoutMethod: (kind?: string) => withQuery('/balance/payout-method', { kind }),
  tax: () => '/balance/tax',
  billing: () => '/billing',
  billingUpgrade: () => '/billing/upgrade',
  /** Where an add-on is bought. */
  addon: (addon: string) => `${withQuery('/billing', { addon })}#add-ons`,
  /** What a change would cost, to be looked at before it is made. */
  billingChange: (plan: string, cycle: string) => withQuery('/billing/change', { plan, cycle }),
  billingSuccess: () => '/billing/success',
  notifications: () => '/notifications',
  settings: () => '/settings',
  changePassword: () => '/settings/password',
  changeEmail: () => '/settings/email',
  security: () => '/settings/security',
  secondFactor: () => '/settings/second-factor',
  notificationSettings: () => '/settings/notifications',
  apiKeys: () => '/settings/keys',
  newFunnel: (id: string) => `/workspaces/${id}/funnels/new`,
  funnelSettings: (id: string, funnelId: string) => `/workspaces/${id}/funnels/${funnelId}`,
  publishedFunnel: (workspaceSlug: string, funnelSlug: string) => `/w/${workspaceSlug}/${funnelSlug}`,
  endpoints: () => '/settings/webhooks',
  endpoint: (id: string) => `/settings/webhooks/${id}`,
  closeAccount: () => '/account/close',
  /** @param user whose balance to adjust */
  adjustments: (user?: string) => withQuery('/admin/adjustments', { user }),
  affiliate: (asked: Readonly<Record<string, string | undefined>> = {}) => withQuery('/affiliate', asked),
  privacy: () => '/privacy',
  referrals: () => '/affiliate/referrals',
  referralOf: (id: string) => `/affiliate/referrals/${encodeURIComponent(id)}`,
  leaderboard: (month?: string) => withQuery('/affiliate/leaderboard', { month }),
  materials: () => '/affiliate/materials',
  coupons: () => '/affiliate/codes',
  referralQr: () => '/affiliate/qr.svg',
  admin: (page = '') => (page === '' ? '/admin' : `/admin/${page}`),

  published: (workspace: string, funnel: string, page?: string) =>
    `/w/${[workspace, funnel, ...(page === undefined ? [] : [page])].map(encodeURIComponent).join('/')}`,
  /** A page of what is offered. @param offer a listing's slug, or a link's token @param pieces the funnel's slug and the page's */
  preview: (offer: string, ...pieces: readonly string[]) =>
    `/preview/${[offer, ...pieces].map(encodeURIComponent).join('/')}`,
  byLinkingId: (linkingId: string) => `/p/${encodeURIComponent(linkingId)}`,
  referral: (code: string) => `/r/${encodeURIComponent(code)}`,

  apiDocs: () => '/api/docs',
  openApi: () => '/api/openapi.json',
  apiVerifyEmail: (token: string) => withQuery('/api/auth/verify-email', { token }),
  transactionsCsv: (filter: Readonly<Record<string, string | undefined>>) =>
    withQuery('/api/balance/transactions.csv', filter),
  /** A month of the balance as a file. */
  statement: (
    form: 'json' | 'pdf' | 'csv',
    asked: { readonly currency: string; readonly month: string; readonly timezone: string },
  ) => withQuery(`/api/balance/statements.${form}`, asked),
  statementKeys: () => '/.well-known/offshoot-statement-keys.json',
  taxSummaryCsv: () => '/api/admin/tax-summary.csv',
  payoutDocument: (id: string) => `/api/admin/payout-documents/${encodeURIComponent(id)}`,
  withdrawalsCsv: (status: string) => withQuery('/api/admin/withdrawals.csv', { status }),
  payoutBatchCsv: (id: string) => `/api/admin/withdrawals/batches/${encodeURIComponent(id)}.csv`,
  mailbox: () => '/dev/mailbox',
  sandbox: () => '/sandbox',
} as const

/** Adds the members that are set to a path's query. */
export const withQuery = (path: string, query: Readonly<Record<string, string | undefined>>): string => {
  const [base = '', before] = path.split('?', 2)
  const search = new URLSearchParams(before)
  for (const [name, value] of Object.entries(query)) if (value !== undefined) search.set(name, value)
  const text = search.toString()
  return text === '' ? base : `${base}?${text}`
}
