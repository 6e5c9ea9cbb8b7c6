import { z } from 'zod'
import * as identity from '../domain/identity'
import { AdminUserView, UpdateUserInput } from '../domain/identity/schemas'
import { admin, router } from '../trpc'

export const adminUsersRouter = router({
  updateUser: admin
    .meta({
      http: {
        method: 'PATCH',
        path: '/api/admin/users/{id}',
        summary: "Set a user's rate, granted plan or role",
      },
    })
    .input(UpdateUserInput)
    .output(z.object({ user: AdminUserView }))
    .mutation(async ({ ctx, input }) => ({ user: await identity.updateUser(ctx, input) })),
})
