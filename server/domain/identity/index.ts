export { lockSelf } from './accounts'
export { actorOfKey, createApiKey, type KeyActor, listApiKeys, revokeApiKey } from './api-keys'
export { askPasswordReset } from './ask-password-reset'
export { changePassword } from './change-password'
export { checkCode } from './check-code'
export { closeUser, forgetFormerNames, userToClose } from './close-user'
export { confirmPassword } from './confirm-password'
export { deviceOf } from './device'
export {
  answerEmailChange,
  cancelEmailChange,
  emailChangeView,
  readEmailChange,
  requestEmailChange,
} from './email-changes'
export { ensureAdmin } from './ensure-admin'
export { type Buyer, type BuyerInput, findOrCreateBuyer } from './find-or-create-buyer'
export { listSessions, revokeOtherSessions, revokeSession } from './list-sessions'
export { hashPassword, isRightPassword } from './passwords'
export { me, planOf } from './queries'
export { requestPasswordReset } from './request-password-reset'
export { resetPassword } from './reset-password'
export type { UserRole, UserView } from './schemas'
export {
  beginSecondFactor,
  confirmSecondFactor,
  readEnrolment,
  removeSecondFactor,
  renewRecoveryCodes,
  requiredCode,
  secondFactorView,
} from './second-factor'
export {
  actorOfSession,
  blankSessionCookie,
  deleteExpiredSessions,
  type SessionActor,
  secondStepCookie,
  secondStepCookieName,
  sessionCookie,
  sessionCookieName,
} from './sessions'
export { setPaidPlan } from './set-paid-plan'
export { finishSignIn, SecondFactorRequired, type SignedIn, signIn, signOut } from './sign-in'
export { signUp } from './sign-up'
export { mailedLinkToken } from './tokens'
export { updateProfile } from './update-profile'
export { updateUser } from './update-user'
export { verifyEmail } from './verify-email'
