import { z } from 'zod'
import { signUpReferred } from '../domain/affiliate'
import * as identity from '../domain/identity'
import {
  AnswerEmailChangeInput,
  ApiKeyView,
  BeginSecondFactorInput,
  ChangeEmailInput,
  ChangePasswordInput,
  CloseAccountInput,
  ConfirmSecondFactorInput,
  CreateApiKeyInput,
  EmailChangeAnswer,
  EmailChangeView,
  EnrolmentView,
  FinishSignInInput,
  GuardedInput,
  MeView,
  ReadEmailChangeInput,
  ReadEnrolmentInput,
  RecoveryCodesView,
  RequestPasswordResetInput,
  ResetPasswordInput,
  RevokeApiKeyInput,
  RevokeSessionInput,
  SecondFactorView,
  SessionView,
  SignInInput,
  SignUpInput,
  SignUpView,
  UpdateProfileInput,
  UserView,
  VerifyEmailInput,
} from '../domain/identity/schemas'
import * as payout from '../domain/payout'
import { ClosingView } from '../domain/payout/schemas'
import { type ApiContext, limited, router, signedIn, visitor } from '../trpc'

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
      http: {
        method: 'POST',
        path: '/api/auth/sign-in',
        summary:
          'Sign in; sets the session cookie. 403 SECOND_FACTOR_REQUIRED where a second factor is on: go on at /api/auth/second-factor',
      },
    })
    .input(SignInInput)
    .output(z.object({ user: UserView }))
    .mutation(async ({ ctx, input }) => {
      try {
        const signedIn = await identity.signIn(ctx, input, identity.deviceOf(ctx.request.userAgent))
        return { user: await opened(ctx, signedIn) }
      } catch (error) {
        if (error instanceof identity.SecondFactorRequired)
          ctx.request.setCookie(identity.secondStepCookie(ctx.config, error.secondStep))
        throw error
      }
    }),

  finishSignIn: visitor
    .use(limited('sign-in'))
    .meta({
      http: {
        method: 'POST',
        path: '/api/auth/second-factor',
        summary: 'The second step of signing in, with the cookie of the first; sets the session cookie',
      },
    })
    .input(FinishSignInInput)
    .output(z.object({ user: UserView }))
    .mutation(async ({ ctx, input }) => {
      const device = identity.deviceOf(ctx.request.userAgent)
      const signedIn = await identity.finishSignIn(ctx, ctx.request.secondStep ?? null, input, device)
      ctx.request.setCookie(identity.secondStepCookie(ctx.config, ''))
      return { user: await opened(ctx, signedIn) }
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
    .meta({
      duringEnrolment: true,
      http: { method: 'GET', path: '/api/auth/me', summary: 'Who is signed in' },
    })
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

  updateProfile: signedIn
    .meta({ http: { method: 'PATCH', path: '/api/auth/me', summary: 'Change your name and company' } })
    .input(UpdateProfileInput)
    .output(z.object({ user: MeView }))
    .mutation(async ({ ctx, input }) => ({ user: await identity.updateProfile(ctx, input) })),

  changePassword: signedIn
    .use(limited('sign-in'))
    .meta({
      sessionOnly: true,
      http: {
        method: 'POST',
        path: '/api/auth/password',
        summary: 'Change the password under the old one; ends other sessions and all keys',
      },
    })
    .input(ChangePasswordInput)
    .output(Message)
    .mutation(async ({ ctx, input }) => {
      await identity.changePassword(ctx, input, ctx.request.sessionId)
      return { message: 'The password is changed. You are signed out everywhere but here.' }
    }),

  emailChange: signedIn
    .meta({ sessionOnly: true })
    .output(EmailChangeView.nullable())
    .query(({ ctx }) => identity.emailChangeView(ctx)),

  changeEmail: signedIn
    .use(limited('sign-in'))
    .meta({
      sessionOnly: true,
      http: {
        method: 'POST',
        path: '/api/auth/email',
        summary: 'Ask both addresses to confirm a change of e-mail',
      },
    })
    .input(ChangeEmailInput)
    .output(Message)
    .mutation(async ({ ctx, input }) => {
      await identity.requestEmailChange(ctx, input)
      return { message: 'Both addresses are asked by mail. Nothing changes before both have agreed.' }
    }),

  cancelEmailChange: signedIn
    .meta({ sessionOnly: true })
    .output(Message)
    .mutation(async ({ ctx }) => {
      await identity.cancelEmailChange(ctx)
      return { message: 'The address stays as it is.' }
    }),

  readEmailChange: visitor
    .use(limited('password-reset'))
    .input(ReadEmailChangeInput)
    .output(z.object({ oldEmail: z.string(), newEmail: z.string(), side: z.enum(['old', 'new']) }))
    .query(({ ctx, input }) => identity.readEmailChange(ctx, input.token)),

  answerEmailChange: visitor
    .use(limited('password-reset'))
    .input(AnswerEmailChangeInput)
    .output(EmailChangeAnswer)
    .mutation(({ ctx, input }) => identity.answerEmailChange(ctx, input)),

  secondFactor: signedIn
    .meta({
      duringEnrolment: true,
      http: { method: 'GET', path: '/api/auth/second-factor', summary: 'Whether a second factor is on' },
    })
    .output(SecondFactorView)
    .query(({ ctx }) => identity.secondFactorView(ctx)),

  // Password and codes may be guessed here as they may at sign-in.
  beginSecondFactor: signedIn
    .use(limited('sign-in'))
    .meta({
      sessionOnly: true,
      duringEnrolment: true,
      http: {
        method: 'POST',
        path: '/api/auth/second-factor/enrolment',
        summary: 'Begin to set up a second factor; nothing counts until a code confirms it',
      },
    })
    .input(BeginSecondFactorInput)
    .output(EnrolmentView)
    .mutation(({ ctx, input }) => identity.beginSecondFactor(ctx, input)),

  /** What is being set up, to show it again. */
  enrolment: signedIn
    .meta({ sessionOnly: true, duringEnrolment: true })
    .input(ReadEnrolmentInput)
    .output(EnrolmentView)
    .query(({ ctx, input }) => identity.readEnrolment(ctx, input.enrolment)),

  confirmSecondFactor: signedIn
    .use(limited('sign-in'))
    .meta({
      sessionOnly: true,
      duringEnrolment: true,
      http: {
        method: 'POST',
        path: '/api/auth/second-factor/confirm',
        summary: 'Switch the second factor on; shows the recovery codes once and ends other sessions',
      },
    })
    .input(ConfirmSecondFactorInput)
    .output(RecoveryCodesView)
    .mutation(({ ctx, input }) => identity.confirmSecondFactor(ctx, input, ctx.request.sessionId)),

  renewRecoveryCodes: signedIn
    .use(limited('sign-in'))
    .meta({
      sessionOnly: true,
      http: {
        method: 'POST',
        path: '/api/auth/second-factor/recovery-codes',
        summary: 'New recovery codes in the place of all others; shown once',
      },
    })
    .input(GuardedInput)
    .output(RecoveryCodesView)
    .mutation(({ ctx, input }) => identity.renewRecoveryCodes(ctx, input)),

  removeSecondFactor: signedIn
    .use(limited('sign-in'))
    .meta({
      sessionOnly: true,
      http: {
        method: 'POST',
        path: '/api/auth/second-factor/remove',
        summary: 'Switch the second factor off',
      },
    })
    .input(GuardedInput)
    .output(Message)
    .mutation(async ({ ctx, input }) => {
      await identity.removeSecondFactor(ctx, input)
      return { message: 'The second factor is off.' }
    }),

  sessions: signedIn
    .meta({ http: { method: 'GET', path: '/api/auth/sessions', summary: 'Where you are signed in' } })
    .output(z.object({ items: z.array(SessionView) }))
    .query(async ({ ctx }) => ({ items: await identity.listSessions(ctx, ctx.request.sessionId) })),

  revokeSession: signedIn
    .meta({
      sessionOnly: true,
      http: { method: 'DELETE', path: '/api/auth/sessions/{id}', summary: 'Sign a session out' },
    })
    .input(RevokeSessionInput)
    .output(Message)
    .mutation(async ({ ctx, input }) => {
      await identity.revokeSession(ctx, input)
      return { message: 'The session is signed out.' }
    }),

  revokeOtherSessions: signedIn
    .meta({
      sessionOnly: true,
      http: { method: 'DELETE', path: '/api/auth/sessions', summary: 'Sign out everywhere but here' },
    })
    .output(z.object({ ended: z.number() }))
    .mutation(async ({ ctx }) => ({
      ended: await identity.revokeOtherSessions(ctx, ctx.request.sessionId),
    })),

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

/** The new session takes the place of the one the request came with. */
const opened = async (ctx: ApiContext, { user, session }: identity.SignedIn): Promise<UserView> => {
  await identity.signOut(ctx, ctx.request.sessionId)
  ctx.request.setCookie(identity.sessionCookie(ctx.config, session.id, session.expiresAt))
  return user
}
