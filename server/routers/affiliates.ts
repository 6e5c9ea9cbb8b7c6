import { z } from 'zod'
import {
  addTrackingSite,
  affiliateDashboard,
  answerReview,
  approveAffiliate,
  askForReview,
  changeGroup,
  fraudFlags,
  judgeCommission,
  listAffiliates,
  listGroups,
  listHeldCommissions,
  listReferrals,
  listReviews,
  listTrackingSites,
  makeGroup,
  moveAttribution,
  moveToGroup,
  openGroup,
  ownAffiliate,
  programTerms,
  recordSignUpElsewhere,
  referralTimeline,
  rejectAffiliate,
  revokeTrackingSite,
  suspendAffiliate,
  trackingCookies,
} from '../domain/affiliate'
import {
  AddTrackingSiteInput,
  AdminAffiliateView,
  AffiliateDashboard,
  AffiliateReasonInput,
  AffiliatesInput,
  AffiliatesPage,
  AffiliateView,
  AnswerReviewInput,
  ApproveAffiliateInput,
  AskForReviewInput,
  ChangeGroupInput,
  DashboardInput,
  FlaggedAffiliatesPage,
  GroupsList,
  GroupView,
  HeldCommission,
  HeldCommissionsInput,
  HeldCommissionsPage,
  JudgeCommissionInput,
  LinkIdInput,
  MakeGroupInput,
  MoveAttributionInput,
  MoveToGroupInput,
  ProgramTerms,
  RecordSignUpInput,
  ReferralsPage,
  ReferralTimeline,
  ReviewsInput,
  ReviewsPage,
  ReviewView,
  TrackingSite,
} from '../domain/affiliate/schemas'
import { joinProgram } from '../domain/payout'
import { JoinProgramInput } from '../domain/payout/schemas'
import { PageInput } from '../kit/pages'
import { admin, router, signedIn, tracker, visitor } from '../trpc'

/** The referral programme's members. */
export const affiliatesRouter = router({
  join: signedIn
    .meta({
      http: { method: 'POST', path: '/api/affiliate/join', summary: 'Join the referral programme' },
    })
    .input(JoinProgramInput)
    .output(z.object({ affiliate: AffiliateView }))
    .mutation(({ ctx, input }) => joinProgram(ctx, input, ctx.request.referral)),

  /** Of the programme; by an invite, of its group; of who has joined, theirs. */
  terms: visitor
    .input(z.strictObject({ invite: z.string().max(100).optional() }).default({}))
    .output(ProgramTerms)
    .query(({ ctx, input }) => programTerms(ctx, input)),

  groups: admin
    .meta({
      http: {
        method: 'GET',
        path: '/api/admin/affiliate-groups',
        summary: 'Groups of affiliates with their terms, each with its history',
      },
    })
    .output(GroupsList)
    .query(({ ctx }) => listGroups(ctx)),

  makeGroup: admin
    .meta({
      http: {
        method: 'POST',
        path: '/api/admin/affiliate-groups',
        summary: 'Make a group of affiliates with terms of its own',
      },
    })
    .input(MakeGroupInput)
    .output(GroupView)
    .mutation(({ ctx, input }) => makeGroup(ctx, input)),

  changeGroup: admin
    .meta({
      http: {
        method: 'POST',
        path: '/api/admin/affiliate-groups/{id}/terms',
        summary: 'Give a group other terms, for new customers from now on',
      },
    })
    .input(ChangeGroupInput)
    .output(GroupView)
    .mutation(({ ctx, input }) => changeGroup(ctx, input)),

  openGroup: admin
    .input(z.strictObject({ id: z.string().min(1).max(100), open: z.boolean() }))
    .output(GroupView)
    .mutation(({ ctx, input }) => openGroup(ctx, input)),

  moveToGroup: admin
    .meta({
      http: {
        method: 'POST',
        path: '/api/admin/affiliates/{id}/group',
        summary: 'Put an affiliate into a group, or out of any',
      },
    })
    .input(MoveToGroupInput)
    .output(AdminAffiliateView)
    .mutation(({ ctx, input }) => moveToGroup(ctx, input)),

  /** Whether the way a visitor came by may be kept on their device. */
  allowTracking: visitor
    .input(z.strictObject({ allowed: z.boolean() }))
    .output(z.object({ allowed: z.boolean() }))
    .mutation(({ ctx, input }) => {
      for (const cookie of trackingCookies(ctx, input.allowed)) ctx.request.setCookie(cookie)
      return input
    }),

  own: signedIn.output(AffiliateView.nullable()).query(({ ctx }) => ownAffiliate(ctx)),

  dashboard: signedIn
    .meta({
      http: {
        method: 'GET',
        path: '/api/affiliate/dashboard',
        summary: 'What your referral links brought, by day, week, month, year or a range of days',
      },
    })
    .input(DashboardInput)
    .output(AffiliateDashboard)
    .query(({ ctx, input }) => affiliateDashboard(ctx, input)),

  /** Sites outside whose pages record clicks. */
  trackingSites: admin
    .meta({
      http: {
        method: 'GET',
        path: '/api/admin/tracking-sites',
        summary: 'Sites that record clicks, newest first',
      },
    })
    .output(z.object({ items: z.array(TrackingSite) }))
    .query(async ({ ctx }) => ({ items: await listTrackingSites(ctx) })),

  addTrackingSite: admin
    .meta({
      http: {
        method: 'POST',
        path: '/api/admin/tracking-sites',
        summary: 'Let the pages of a site record clicks',
      },
    })
    .input(AddTrackingSiteInput)
    .output(TrackingSite)
    .mutation(({ ctx, input }) => addTrackingSite(ctx, input)),

  revokeTrackingSite: admin
    .meta({
      http: { method: 'POST', path: '/api/admin/tracking-sites/{id}/revoke', summary: 'End a site’s key' },
    })
    .input(LinkIdInput)
    .output(TrackingSite)
    .mutation(({ ctx, input }) => revokeTrackingSite(ctx, input)),

  recordSignUp: tracker
    .meta({
      http: {
        method: 'POST',
        path: '/api/track/sign-ups',
        summary: 'Tell of a sign-up at a site outside; with a key of the scope “track”',
      },
    })
    .input(RecordSignUpInput)
    .output(z.object({ received: z.literal(true) }))
    .mutation(({ ctx, input }) => recordSignUpElsewhere(ctx, input)),

  list: admin
    .meta({
      http: {
        method: 'GET',
        path: '/api/admin/affiliates',
        summary: 'Who joined the programme, newest first',
      },
    })
    .input(AffiliatesInput)
    .output(AffiliatesPage)
    .query(({ ctx, input }) => listAffiliates(ctx, input)),

  approve: admin
    .meta({
      http: {
        method: 'POST',
        path: '/api/admin/affiliates/{id}/approve',
        summary: 'Let an affiliate earn, or earn again',
      },
    })
    .input(ApproveAffiliateInput)
    .output(AdminAffiliateView)
    .mutation(({ ctx, input }) => approveAffiliate(ctx, input)),

  reject: admin
    .meta({
      http: { method: 'POST', path: '/api/admin/affiliates/{id}/reject', summary: 'Refuse an application' },
    })
    .input(AffiliateReasonInput)
    .output(AdminAffiliateView)
    .mutation(({ ctx, input }) => rejectAffiliate(ctx, input)),

  suspend: admin
    .meta({
      http: {
        method: 'POST',
        path: '/api/admin/affiliates/{id}/suspend',
        summary: 'Keep an affiliate from earning anything new',
      },
    })
    .input(AffiliateReasonInput)
    .output(AdminAffiliateView)
    .mutation(({ ctx, input }) => suspendAffiliate(ctx, input)),

  referrals: signedIn
    .meta({
      http: {
        method: 'GET',
        path: '/api/affiliate/referrals',
        summary: 'Whom you referred, masked, newest first',
      },
    })
    .input(PageInput)
    .output(ReferralsPage)
    .query(({ ctx, input }) => listReferrals(ctx, input)),

  referral: signedIn
    .meta({
      http: {
        method: 'GET',
        path: '/api/affiliate/referrals/{id}',
        summary: 'One of them: click, sign-up and payments, and which rule made them yours',
      },
    })
    .input(LinkIdInput)
    .output(ReferralTimeline)
    .query(({ ctx, input }) => referralTimeline(ctx, input)),

  askForReview: signedIn
    .meta({
      http: {
        method: 'POST',
        path: '/api/affiliate/reviews',
        summary: 'Ask an admin to look at an attribution',
      },
    })
    .input(AskForReviewInput)
    .output(ReviewView)
    .mutation(({ ctx, input }) => askForReview(ctx, input)),

  reviews: signedIn
    .meta({
      http: { method: 'GET', path: '/api/affiliate/reviews', summary: 'What you asked, newest first' },
    })
    .input(ReviewsInput)
    .output(ReviewsPage)
    .query(({ ctx, input }) => listReviews(ctx, { ...input, own: true })),

  allReviews: admin
    .meta({
      http: {
        method: 'GET',
        path: '/api/admin/attribution-reviews',
        summary: 'What affiliates asked, newest first',
      },
    })
    .input(ReviewsInput)
    .output(ReviewsPage)
    .query(({ ctx, input }) => listReviews(ctx, { ...input, own: false })),

  answerReview: admin
    .meta({
      http: {
        method: 'POST',
        path: '/api/admin/attribution-reviews/{id}/answer',
        summary: 'Answer an affiliate’s question',
      },
    })
    .input(AnswerReviewInput)
    .output(ReviewView)
    .mutation(({ ctx, input }) => answerReview(ctx, input)),

  held: admin
    .meta({
      http: {
        method: 'GET',
        path: '/api/admin/held-commissions',
        summary: 'Commissions that look like self-referrals, with what speaks for it, newest first',
      },
    })
    .input(HeldCommissionsInput)
    .output(HeldCommissionsPage)
    .query(({ ctx, input }) => listHeldCommissions(ctx, input)),

  flags: admin
    .meta({
      http: {
        method: 'GET',
        path: '/api/admin/fraud-flags',
        summary: 'Affiliates about whom something is out of the ordinary, with the figures, newest first',
      },
    })
    .input(PageInput)
    .output(FlaggedAffiliatesPage)
    .query(({ ctx, input }) => fraudFlags(ctx, input)),

  judge: admin
    .meta({
      http: {
        method: 'POST',
        path: '/api/admin/held-commissions/{id}/judge',
        summary: 'Release a held commission, or refuse it for good',
      },
    })
    .input(JudgeCommissionInput)
    .output(HeldCommission)
    .mutation(({ ctx, input }) => judgeCommission(ctx, input)),

  moveAttribution: admin
    .meta({
      http: {
        method: 'POST',
        path: '/api/admin/attributions/{referralId}/move',
        summary: 'Give a customer to another affiliate, from their next payment on',
      },
    })
    .input(MoveAttributionInput)
    .output(z.object({ moved: z.boolean() }))
    .mutation(({ ctx, input }) => moveAttribution(ctx, input)),
})
