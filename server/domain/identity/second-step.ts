import { createHmac } from 'node:crypto'
import type { Context } from '../../kit/context'
import { derivedKey, equalSecrets, sha256 } from '../../kit/crypto'
import type { UserRow } from './accounts'

/** How long the code may take after the password, in milliseconds. */
export const SECOND_STEP_LIFE = 5 * 60_000

/** Says who gave the right password, and nothing else: it opens nothing without a code. */
interface SecondStep {
  readonly user: string
  /** Of the password it was: a new one ends this. */
  readonly password: string
  readonly until: number
}

/** Signed, for a cookie. */
export const secondStepToken = (ctx: Context, user: UserRow): string => {
  const step: SecondStep = {
    user: user.id,
    password: fingerprint(user),
    until: ctx.now().getTime() + SECOND_STEP_LIFE,
  }
  const body = Buffer.from(JSON.stringify(step)).toString('base64url')
  return `${body}.${signature(ctx, body)}`
}

/** Whose second step it is; null: none of ours, altered or too late. `isStillGood` asks about the password. */
export const readSecondStep = (ctx: Context, token: string | null): SecondStep | null => {
  const [body, mac, ...rest] = (token ?? '').split('.')
  if (body === undefined || mac === undefined || rest.length > 0) return null
  if (!equalSecrets(mac, signature(ctx, body))) return null
  const step = JSON.parse(Buffer.from(body, 'base64url').toString()) as SecondStep
  return ctx.now().getTime() < step.until ? step : null
}

export const isStillGood = (step: SecondStep, user: UserRow): boolean =>
  user.passwordHash !== null && step.password === fingerprint(user)

const fingerprint = ({ passwordHash }: UserRow): string =>
  sha256(passwordHash ?? '')
    .toString('hex')
    .slice(0, 16)

const signature = (ctx: Context, body: string): string =>
  createHmac('sha256', derivedKey(ctx.config.appSecret, 'second-step')).update(body).digest('base64url')
