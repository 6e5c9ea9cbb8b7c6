import { z } from 'zod'
import {
  affiliateBalance,
  describeLink,
  describePreview,
  generateAffiliateLink,
  liftLink,
  listCommissions,
  listLinks,
  processUnpaidCommissions,
  readLink,
  revokeLink,
  salesHistory,
} from '../domain/affiliate'
import {
  CommissionsInput,
  CommissionsPage,
  GenerateAffiliateLinkInput,
  GeneratedAffiliateLink,
  Landing,
  LinkIdInput,
  LinksInput,
  LinksPage,
  LinkView,
  PreviewInput,
  PreviewTree,
  ProcessedCommissions,
  SalesInput,
  SalesPage,
} from '../domain/affiliate/schemas'
import { Balance } from '../domain/balance/schemas'
import { sellingTerms } from '../domain/marketplace'
import { SellingTerms } from '../domain/marketplace/schemas'
import { explainCommission } from '../domain/payment'
import { CommissionExplanation } from '../domain/payment/schemas'
import { MoneyJson } from '../kit/money'
import { admin, router, signedIn, visitor } from '../trpc'

export const affiliateRouter = router({
  generateAffiliateLink: signedIn
    .meta({
      http: {
        method: 'POST',
        path: '/api/affiliate/generate-affiliate-link',
        summary: 'Make a link that sells one of your workspaces',
      },
    })
    .input(GenerateAffiliateLinkInput)
    .output(GeneratedAffiliateLink)
    .mutation(({ ctx, input }) => generateAffiliateLink(ctx, input)),

  /** What a link sells, for whoever opened it. */
  landing: visitor
    .input(z.strictObject({ token: z.string().min(1).max(16_384) }))
    .output(Landing)
    .query(({ ctx, input }) => describeLink(ctx, input)),

  /** The funnels and pages that can be looked at before an offer is paid for. */
  preview: visitor
    .input(PreviewInput)
    .output(PreviewTree)
    .query(({ ctx, input }) => describePreview(ctx, input)),

  sellingTerms: signedIn.output(SellingTerms).query(({ ctx }) => sellingTerms(ctx)),

  link: signedIn
    .meta({ http: { method: 'GET', path: '/api/affiliate/links/{id}', summary: 'One of your links' } })
    .input(LinkIdInput)
    .output(LinkView)
    .query(({ ctx, input }) => readLink(ctx, input)),

  links: signedIn
    .meta({
      http: {
        method: 'GET',
        path: '/api/affiliate/links',
        summary: 'Your links: searched, filtered, sorted',
      },
    })
    .input(LinksInput)
    .output(LinksPage)
    .query(({ ctx, input }) => listLinks(ctx, input)),

  revokeLink: signedIn
    .meta({
      http: { method: 'POST', path: '/api/affiliate/links/{id}/revoke', summary: 'End one of your links' },
    })
    .input(LinkIdInput)
    .output(LinkView)
    .mutation(({ ctx, input }) => revokeLink(ctx, input)),

  liftLink: signedIn
    .meta({
      http: {
        method: 'POST',
        path: '/api/affiliate/links/{id}/lift',
        summary: 'Give one of your links the higher rate that you have reached',
      },
    })
    .input(LinkIdInput)
    .output(LinkView)
    .mutation(({ ctx, input }) => liftLink(ctx, input)),

  balance: signedIn
    .meta({
      http: { method: 'GET', path: '/api/affiliate/balance', summary: 'What you earned, per currency' },
    })
    .output(z.object({ balances: z.array(Balance), totalSales: z.array(MoneyJson) }))
    .query(({ ctx }) => affiliateBalance(ctx)),

  salesHistory: signedIn
    .meta({
      http: { method: 'GET', path: '/api/affiliate/sales-history', summary: 'Your sales, newest first' },
    })
    .input(SalesInput)
    .output(SalesPage)
    .query(({ ctx, input }) => salesHistory(ctx, input)),

  commissions: signedIn
    .meta({
      http: { method: 'GET', path: '/api/affiliate/commissions', summary: 'Your commissions, newest first' },
    })
    .input(CommissionsInput)
    .output(CommissionsPage)
    .query(({ ctx, input }) => listCommissions(ctx, input)),

  explainCommission: signedIn
    .meta({
      http: {
        method: 'GET',
        path: '/api/affiliate/commissions/{id}',
        summary: 'Why a commission is as high as it is',
      },
    })
    .input(LinkIdInput)
    .output(CommissionExplanation)
    .query(({ ctx, input }) => explainCommission(ctx, input)),

  processCommissions: admin
    .meta({
      http: {
        method: 'POST',
        path: '/api/affiliate/process-commissions',
        summary: 'Credit the commissions whose hold is over',
      },
    })
    .output(ProcessedCommissions)
    .mutation(({ ctx }) => processUnpaidCommissions(ctx)),
})
