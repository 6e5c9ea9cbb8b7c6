import { z } from 'zod'
import { listActivity } from '../domain/audit'
import { PageInput } from '../kit/pages'
import { router, signedIn } from '../trpc'

const Line = z.object({
  id: z.string(),
  action: z.string(),
  description: z.string(),
  createdAt: z.string(),
})

export const activityRouter = router({
  list: signedIn
    .meta({ http: { method: 'GET', path: '/api/activity', summary: 'What happened in your organization' } })
    .input(PageInput)
    .output(z.object({ items: z.array(Line), nextCursor: z.string().nullable() }))
    .query(({ ctx, input }) => listActivity(ctx, input)),
})
