import { createCallerFactory, router } from '../trpc'
import { activityRouter } from './activity'
import { adminUsersRouter } from './admin-users'
import { affiliateRouter } from './affiliate'
import { affiliatesRouter } from './affiliates'
import { authRouter } from './auth'
import { balanceRouter } from './balance'
import { couponsRouter } from './coupons'
import { endpointRouter } from './endpoint'
import { growthRouter } from './growth'
import { marketplaceRouter } from './marketplace'
import { membersRouter } from './members'
import { notificationRouter } from './notification'
import { paymentRouter } from './payment'
import { payoutRouter } from './payout'
import { pictureRouter } from './picture'
import { programRouter } from './program'
import { webhookRouter } from './webhook'
import { workspaceRouter } from './workspace'

/** The application's own API. A domain's word names its router. */
export const appRouter = router({
  activity: activityRouter,
  admin: adminUsersRouter,
  affiliate: affiliateRouter,
  affiliates: affiliatesRouter,
  auth: authRouter,
  balance: balanceRouter,
  coupons: couponsRouter,
  endpoint: endpointRouter,
  growth: growthRouter,
  marketplace: marketplaceRouter,
  members: membersRouter,
  notification: notificationRouter,
  payment: paymentRouter,
  payout: payoutRouter,
  picture: pictureRouter,
  program: programRouter,
  webhook: webhookRouter,
  workspace: workspaceRouter,
})

/** Calls procedures within the process, as whoever the context says. */
export const createCaller = createCallerFactory(appRouter)
