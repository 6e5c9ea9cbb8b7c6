import { z } from 'zod'
import { signUpReferred } from '../domain/affiliate'
import * as identity from '../domain/identity'
import {
  ApiKeyView,
  CloseAccountInput,
  CreateApiKeyInput,
  MeView,
  RequestPasswordResetInput,
  ResetPasswordInput,
  RevokeApiKeyInput,
  SignInInput,
  SignUpInput,
  SignUpView,
  UserView,
  VerifyEmailInput,
} from '../domain/identity/schemas'
import * as payout from '../domain/payout'
import { ClosingView } from '../domain/payout/schemas'
import { limited, router, signedIn, visitor } from '../trpc'

const Message = z.object({ message: z.string() })

export const authRouter = router({
  signUp: visitor
    .use(limited('sign-up'))
    .meta({
      http: {
        method: 'POST',
        path: '/api/auth/sign-up',
        summary: 'Make an account; a mail verifies the address',
      },
    })
    .input(SignUpInput)
    .output(SignUpView)
    .mutation(({ ctx, input }) => signUpReferred(ctx, input, ctx.request.referral)),

  signIn: visitor
    .use(limited('sign-in'))
    .meta({
      http: { method: 'POST', path: '/api/auth/sign-in', summary: 'Sign in; sets the session cookie' },
    })
    .input(SignInInput)
    .output(z.object({ user: UserView }))
    .mutation(async ({ ctx, input }) => {
      const { user, session } = await identity.signIn(ctx, input)
      await identity.signOut(ctx, ctx.request.sessionId)
      ctx.request.setCookie(identity.sessionCookie(ctx.config, session.id, session.expiresAt))
      return { user }
    }),

  signOut: visitor
    .meta({
      http: { method: 'POST', path: '/api/auth/sign-out', summary: 'End the session and clear its cookie' },
    })
    .output(Message)
    .mutation(async ({ ctx }) => {
      await identity.signOut(ctx, ctx.request.sessionId)
      ctx.request.setCookie(identity.blankSessionCookie(ctx.config))
      return { message: 'You are signed out.' }
    }),

  me: signedIn
    .meta({ http: { method: 'GET', path: '/api/auth/me', summary: 'Who is signed in' } })
    .output(z.object({ user: MeView }))
    .query(async ({ ctx }) => ({ user: await identity.me(ctx) })),

  forgotPassword: visitor
    .use(limited('password-reset'))
    .meta({
      http: {
        method: 'POST',
        path: '/api/auth/forgot-password',
        summary: 'Mail a link that sets a new password',
      },
    })
    .input(RequestPasswordResetInput)
    .output(Message)
    .mutation(async ({ ctx, input }) => {
      await identity.askPasswordReset(ctx, input)
      return { message: 'If there is an account with this address, a mail with a link is on its way.' }
    }),

  resetPassword: visitor
    .use(limited('password-reset'))
    .meta({
      http: {
        method: 'POST',
        path: '/api/auth/reset-password',
        summary: 'Set a password through a mailed link',
      },
    })
    .input(ResetPasswordInput)
    .output(Message.extend({ purpose: z.enum(['RESET_PASSWORD', 'OPEN_PURCHASE']) }))
    .mutation(async ({ ctx, input }) => ({
      purpose: await identity.resetPassword(ctx, input),
      message: 'The password is set. You can sign in with it.',
    })),

  /** What has to be settled before the account can be closed. */
  closing: signedIn.output(ClosingView).query(({ ctx }) => payout.closingView(ctx)),

  // The password may be guessed here as it may at sign-in.
  closeAccount: signedIn
    .meta({ sessionOnly: true })
    .use(limited('sign-in'))
    .input(CloseAccountInput)
    .output(Message)
    .mutation(async ({ ctx, input }) => {
      await payout.closeAccount(ctx, input)
      ctx.request.setCookie(identity.blankSessionCookie(ctx.config))
      return { message: 'Your account is closed.' }
    }),

  verifyEmail: visitor
    .input(VerifyEmailInput)
    .output(Message)
    .mutation(async ({ ctx, input }) => {
      await identity.verifyEmail(ctx, input.token)
      return { message: 'The e-mail address is verified. You can sign in.' }
    }),

  apiKeys: signedIn
    .meta({ http: { method: 'GET', path: '/api/auth/api-keys', summary: 'Your keys to the API' } })
    .output(z.object({ items: z.array(ApiKeyView) }))
    .query(async ({ ctx }) => ({ items: await identity.listApiKeys(ctx) })),

  createApiKey: signedIn
    .meta({
      sessionOnly: true,
      http: {
        method: 'POST',
        path: '/api/auth/api-keys',
        summary: 'Make a key to the API; it is shown once',
      },
    })
    .input(CreateApiKeyInput)
    .output(z.object({ key: z.string(), apiKey: ApiKeyView }))
    .mutation(({ ctx, input }) => identity.createApiKey(ctx, input)),

  revokeApiKey: signedIn
    .meta({ http: { method: 'DELETE', path: '/api/auth/api-keys/{id}', summary: 'End a key to the API' } })
    .input(RevokeApiKeyInput)
    .output(Message)
    .mutation(async ({ ctx, input }) => {
      await identity.revokeApiKey(ctx, input)
      return { message: 'The key no longer works.' }
    }),
})
