export { listAffiliates, ownAffiliate, programTerms } from './affiliate-queries'
export { type AppliedCoupon, applyCoupon, couponRefused, previewCoupon } from './apply-coupon'
export { type Attributed, attributeByCoupon, attributeCustomer } from './attribute-customer'
export { answerReview, askForReview, listReviews, moveAttribution } from './attribution-reviews'
export { closeSelling } from './close-selling'
export { listCommissions, oneCommission } from './commission-queries'
export { countLinkClick } from './count-link-click'
export { countLinkUse } from './count-link-use'
export { couponsOffered, endCoupon, listCoupons, makeCoupon, makeOwnCoupon } from './coupons'
export { affiliateDashboard } from './dashboard'
export { describeLink } from './describe-link'
export { fraudFlags } from './fraud-flags'
export { generateAffiliateLink } from './generate-affiliate-link'
export { grantBonuses } from './grant-bonuses'
export { minWithdrawalsOf } from './group-terms'
export { changeGroup, listGroups, makeGroup, moveToGroup, openGroup } from './groups'
export { listHeldCommissions } from './held-commissions'
export { joinProgram } from './join-program'
export { judgeCommission } from './judge-commission'
export { keepClickPartitions } from './keep-click-partitions'
export { leaderboard, showOnLeaderboard } from './leaderboard'
export { liftLink } from './lift-link'
export { listLinks } from './list-links'
export { cardMark, payerMark } from './mailbox'
export { listMaterials, publishMaterial, withdrawMaterial } from './materials'
export { describePreview, readPreview } from './preview'
export { processUnpaidCommissions } from './process-unpaid-commissions'
export { affiliateBalance, balancesWithSales, salesHistory } from './queries'
export { readLink } from './read-link'
export { recordClick, type Visitor } from './record-click'
export { type CommissionedPayment, type RecordedCommissions, recordCommissions } from './record-commissions'
export {
  clickedReferral,
  REFERRAL_COOKIE,
  readReferral,
  referralCookie,
  TRACKING_COOKIE,
  trackingCookies,
  type Visit,
} from './referral'
export { listReferrals, referralTimeline } from './referral-queries'
export { type ReplayedPayment, type ReplayTerms, replay } from './replay'
export { type ResolvedLink, resolveLink } from './resolve-link'
export {
  type CommissionChange,
  type LostBase,
  previewReversal,
  reverseCommissions,
} from './reverse-commissions'
export { approveAffiliate, rejectAffiliate, suspendAffiliate } from './review-affiliate'
export { revokeLink } from './revoke-link'
export { rollUpClicks } from './roll-up-clicks'
export { holdEnd, reversalOf, shareOf, type Withheld } from './rules'
export { signUpReferred } from './sign-up-referred'
export { claimSignUpElsewhere, recordSignUpElsewhere } from './sign-ups-elsewhere'
export { addTrackingSite, isTrackingSite, listTrackingSites, revokeTrackingSite } from './tracking-sites'
