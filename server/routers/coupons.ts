import {
  couponsOffered,
  endCoupon,
  listCoupons,
  makeCoupon,
  makeOwnCoupon,
  previewCoupon,
} from '../domain/affiliate'
import {
  CouponsOffered,
  CouponsPage,
  CouponView,
  EnterCouponInput,
  EnteredCoupon,
  LinkIdInput,
  MakeCouponInput,
  MakeOwnCouponInput,
} from '../domain/affiliate/schemas'
import { PageInput } from '../kit/pages'
import { admin, router, signedIn, visitor } from '../trpc'

/** Codes of affiliates that lower a price. */
export const couponsRouter = router({
  /** What a code would take off, before anything is paid. */
  enter: visitor
    .input(EnterCouponInput)
    .output(EnteredCoupon)
    .query(({ ctx, input }) => previewCoupon(ctx, input)),

  offered: signedIn.output(CouponsOffered).query(({ ctx }) => couponsOffered(ctx)),

  own: signedIn
    .meta({
      http: { method: 'GET', path: '/api/affiliate/coupons', summary: 'Your discount codes, newest first' },
    })
    .input(PageInput)
    .output(CouponsPage)
    .query(({ ctx, input }) => listCoupons(ctx, { ...input, own: true })),

  makeOwn: signedIn
    .meta({
      http: {
        method: 'POST',
        path: '/api/affiliate/coupons',
        summary: 'Make a discount code of your own, within what the programme allows',
      },
    })
    .input(MakeOwnCouponInput)
    .output(CouponView)
    .mutation(({ ctx, input }) => makeOwnCoupon(ctx, input)),

  endOwn: signedIn
    .meta({
      http: { method: 'POST', path: '/api/affiliate/coupons/{id}/end', summary: 'End one of your codes' },
    })
    .input(LinkIdInput)
    .output(CouponView)
    .mutation(({ ctx, input }) => endCoupon(ctx, input, { own: true })),

  list: admin
    .meta({
      http: { method: 'GET', path: '/api/admin/coupons', summary: 'All discount codes, newest first' },
    })
    .input(PageInput)
    .output(CouponsPage)
    .query(({ ctx, input }) => listCoupons(ctx, { ...input, own: false })),

  make: admin
    .meta({
      http: {
        method: 'POST',
        path: '/api/admin/coupons',
        summary: 'Give an affiliate a discount code',
      },
    })
    .input(MakeCouponInput)
    .output(CouponView)
    .mutation(({ ctx, input }) => makeCoupon(ctx, input)),

  end: admin
    .meta({
      http: { method: 'POST', path: '/api/admin/coupons/{id}/end', summary: 'End anybody’s code' },
    })
    .input(LinkIdInput)
    .output(CouponView)
    .mutation(({ ctx, input }) => endCoupon(ctx, input, { own: false })),
})
