import { z } from 'zod'
import * as workspace from '../domain/workspace'
import {
  ChangeMemberInput,
  InvitationAddress,
  InvitationToken,
  InvitationView,
  InviteLinkAddress,
  InviteMemberInput,
  JoinedWorkspace,
  MakeInviteLinkInput,
  MemberAddress,
  MembersView,
  SetRoleInput,
  WorkspaceId,
} from '../domain/workspace/schemas'
import { router, signedIn, visitor } from '../trpc'

const ById = z.strictObject({ id: WorkspaceId })
const Done = z.object({ done: z.literal(true) })
const done = { done: true } as const

export const membersRouter = router({
  list: signedIn
    .meta({
      http: {
        method: 'GET',
        path: '/api/workspace/{id}/members',
        summary: 'Who works in a workspace, and what they may',
      },
    })
    .input(ById)
    .output(MembersView)
    .query(({ ctx, input }) => workspace.listMembers(ctx, input.id)),

  invite: signedIn
    .meta({
      http: {
        method: 'POST',
        path: '/api/workspace/{id}/invitations',
        summary: 'Ask somebody by mail to join a workspace',
      },
    })
    .input(InviteMemberInput)
    .output(Done)
    .mutation(async ({ ctx, input }) => {
      await workspace.inviteMember(ctx, input)
      return done
    }),

  revokeInvitation: signedIn
    .meta({
      http: {
        method: 'POST',
        path: '/api/workspace/{id}/invitations/{invitationId}/revoke',
        summary: 'Take an invitation back',
      },
    })
    .input(InvitationAddress)
    .output(Done)
    .mutation(async ({ ctx, input }) => {
      await workspace.revokeInvitation(ctx, input)
      return done
    }),

  makeLink: signedIn
    .meta({
      http: {
        method: 'POST',
        path: '/api/workspace/{id}/invite-links',
        summary: 'Make a link by which so many may join a workspace',
      },
    })
    .input(MakeInviteLinkInput)
    .output(z.object({ url: z.string() }))
    .mutation(({ ctx, input }) => workspace.makeInviteLink(ctx, input)),

  revokeLink: signedIn
    .meta({
      http: {
        method: 'POST',
        path: '/api/workspace/{id}/invite-links/{linkId}/revoke',
        summary: 'Let nobody join by a link any more',
      },
    })
    .input(InviteLinkAddress)
    .output(Done)
    .mutation(async ({ ctx, input }) => {
      await workspace.revokeInviteLink(ctx, input)
      return done
    }),

  change: signedIn
    .meta({
      http: {
        method: 'PATCH',
        path: '/api/workspace/{id}/members/{userId}',
        summary: "Change a member's role or permissions",
      },
    })
    .input(ChangeMemberInput)
    .output(MembersView)
    .mutation(async ({ ctx, input }) => {
      await workspace.changeMember(ctx, input)
      return workspace.listMembers(ctx, input.id)
    }),

  remove: signedIn
    .meta({
      http: {
        method: 'DELETE',
        path: '/api/workspace/{id}/members/{userId}',
        summary: 'Take a member out of a workspace',
      },
    })
    .input(MemberAddress)
    .output(Done)
    .mutation(async ({ ctx, input }) => {
      await workspace.removeMember(ctx, input)
      return done
    }),

  leave: signedIn
    .meta({
      http: {
        method: 'POST',
        path: '/api/workspace/{id}/leave',
        summary: 'Leave a workspace of somebody else',
      },
    })
    .input(ById)
    .output(Done)
    .mutation(async ({ ctx, input }) => {
      await workspace.leaveWorkspace(ctx, input)
      return done
    }),

  setRole: signedIn
    .meta({
      http: {
        method: 'POST',
        path: '/api/workspace/{id}/roles',
        summary: 'Say what a role may in a workspace',
      },
    })
    .input(SetRoleInput)
    .output(MembersView)
    .mutation(async ({ ctx, input }) => {
      await workspace.setRolePermissions(ctx, input)
      return workspace.listMembers(ctx, input.id)
    }),

  offerOwnership: signedIn
    .meta({
      http: {
        method: 'POST',
        path: '/api/workspace/{id}/members/{userId}/offer-ownership',
        summary: 'Offer a workspace of yours to one of its members',
      },
    })
    .input(MemberAddress)
    .output(Done)
    .mutation(async ({ ctx, input }) => {
      await workspace.offerOwnership(ctx, input)
      return done
    }),

  invitation: visitor
    .input(InvitationToken)
    .output(InvitationView)
    .query(({ ctx, input }) => workspace.readInvitation(ctx, input)),

  accept: signedIn
    .meta({
      http: {
        method: 'POST',
        path: '/api/invitations/accept',
        summary: 'Accept an invitation, or join by a link',
      },
    })
    .input(InvitationToken)
    .output(JoinedWorkspace)
    .mutation(({ ctx, input }) => workspace.acceptInvitation(ctx, input)),

  reject: visitor
    .meta({ http: { method: 'POST', path: '/api/invitations/reject', summary: 'Say no to an invitation' } })
    .input(InvitationToken)
    .output(Done)
    .mutation(async ({ ctx, input }) => {
      await workspace.rejectInvitation(ctx, input)
      return done
    }),
})
