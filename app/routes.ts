import { index, type RouteConfig, route } from '@remix-run/route-config'

/** Every address of the pages; lib/paths.ts names them for links. */
export default [
  index('routes/home.tsx'),

  route('auth/sign-up', 'routes/auth.sign-up.tsx'),
  route('auth/sign-in', 'routes/auth.sign-in.tsx'),
  route('auth/sign-out', 'routes/auth.sign-out.tsx'),
  route('auth/verify-email', 'routes/auth.verify-email.tsx'),
  route('auth/forgot-password', 'routes/auth.forgot-password.tsx'),
  route('auth/reset-password', 'routes/auth.reset-password.tsx'),

  route('dashboard', 'routes/dashboard.tsx'),

  route('workspaces', 'routes/workspaces.tsx'),
  route('workspaces/new', 'routes/workspaces.new.tsx'),
  route('workspaces/import', 'routes/workspaces.import.tsx'),
  route('workspaces/:id', 'routes/workspaces.$id.tsx'),
  route('workspaces/:id/edit', 'routes/workspaces.$id.edit.tsx'),
  route('workspaces/:id/export', 'routes/workspaces.$id.export.ts'),
  route(
    'workspaces/:id/funnels/:funnelId/pages/:pageId',
    'routes/workspaces.$id.funnels.$funnelId.pages.$pageId.tsx',
  ),
  route('p/:linkingId', 'routes/p.$linkingId.tsx'),

  route('links', 'routes/links.tsx'),
  route('links/new', 'routes/links.new.tsx'),
  route('links/:id', 'routes/links.$id.tsx'),
  route('sales', 'routes/sales.tsx'),
  route('purchases', 'routes/purchases.tsx'),
  route('purchases/:id', 'routes/purchases.$id.tsx'),
  route('balance', 'routes/balance.tsx'),
  route('balance/commissions', 'routes/balance.commissions.tsx'),
  route('balance/commissions/:id', 'routes/balance.commissions.$id.tsx'),
  route('balance/withdraw', 'routes/balance.withdraw.tsx'),
  route('balance/payout-method', 'routes/balance.payout-method.tsx'),
  route('balance/tax', 'routes/balance.tax.tsx'),
  route('billing', 'routes/billing.tsx'),
  route('billing/upgrade', 'routes/billing.upgrade.tsx'),
  route('billing/change', 'routes/billing.change.tsx'),
  route('billing/success', 'routes/billing.success.tsx'),
  route('buy/success', 'routes/buy.success.tsx'),
  route('buy/:token', 'routes/buy.$token.tsx'),
  route('privacy', 'routes/privacy.tsx'),
  route('affiliate', 'routes/affiliate.tsx'),
  route('account/close', 'routes/account.close.tsx'),
  route('affiliate/referrals', 'routes/affiliate.referrals.tsx'),
  route('affiliate/referrals/:id', 'routes/affiliate.referrals.$id.tsx'),
  route('affiliate/qr.svg', 'routes/affiliate.qr.ts'),

  route('admin', 'routes/admin._index.tsx'),
  route('admin/webhooks', 'routes/admin.webhooks.tsx'),
  route('admin/webhooks/:id', 'routes/admin.webhooks.$id.tsx'),
  route('admin/payments', 'routes/admin.payments.tsx'),
  route('admin/payments/:id', 'routes/admin.payments.$id.tsx'),
  route('admin/withdrawals', 'routes/admin.withdrawals.tsx'),
  route('admin/affiliates', 'routes/admin.affiliates.tsx'),
  route('admin/reviews', 'routes/admin.reviews.tsx'),
  route('admin/program', 'routes/admin.program.tsx'),
  route('admin/adjustments', 'routes/admin.adjustments.tsx'),
  route('admin/reconciliation', 'routes/admin.reconciliation.tsx'),
  route('admin/ledger', 'routes/admin.ledger.tsx'),

  route('api/docs', 'routes/api.docs.tsx'),
  route('webhooks/stripe', 'routes/webhooks.stripe.ts'),
  route('webhooks/mamopay', 'routes/webhooks.mamopay.ts'),
  route('api/subscription/create', 'routes/webhooks.mamopay.ts', { id: 'mamopay-older-address' }),

  route('dev/mailbox', 'routes/dev.mailbox.tsx'),

  route('*', 'routes/not-found.tsx'),
] satisfies RouteConfig
