import type { LoaderFunctionArgs } from '@remix-run/node'
import { renderSVG } from 'uqr'
import { load } from '~/lib/api.server'

/** One's own referral link as a QR code. */
export const loader = async (args: LoaderFunctionArgs): Promise<Response> => {
  const affiliate = await load(args, (api) => api.affiliates.own())
  if (affiliate === null) throw new Response('Not found', { status: 404 })
  return new Response(renderSVG(affiliate.referralLink, { border: 2 }), {
    headers: { 'Content-Type': 'image/svg+xml', 'Cache-Control': 'private, no-store' },
  })
}
