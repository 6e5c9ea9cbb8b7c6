import { Secret, TOTP } from 'otpauth'
import { expect, it } from 'vitest'
import { withdrawals } from '../../../db/schema'
import { testContext } from '../../../db/testing/context'
import { useDatabase } from '../../../db/testing/database'
import { makeUser, TEST_PASSWORD } from '../../../db/testing/factories/identity'
import { makePayee } from '../../../db/testing/factories/payout'
import { beginSecondFactor, confirmSecondFactor } from '../identity'
import { changeProgram } from '../program'
import { quoteWithdrawal, requestWithdrawal } from '.'

const database = useDatabase()
const STEP = 30_000

it('from the programme’s limit on a withdrawal needs a code of the second factor, used once', async () => {
  const base = testContext(database.db)
  const admin = base.as((await makeUser(base, { role: 'ADMIN' })).actor)
  const { as } = await makePayee(base, { available: 30_000n })
  const [below, above] = [
    { amount: 9_999, currency: 'USD' },
    { amount: 10_000, currency: 'USD' },
  ]
  expect(await quoteWithdrawal(as, above)).toMatchObject({ codeNeeded: false })
  await changeProgram(admin, { secondFactorLimits: { USD: 10_000 }, reason: '' })
  expect(await quoteWithdrawal(as, below)).toMatchObject({ codeNeeded: false })
  expect(await quoteWithdrawal(as, above)).toMatchObject({ codeNeeded: true })

  await expect(requestWithdrawal(as, above)).rejects.toMatchObject({
    status: 422,
    code: 'SECOND_FACTOR_NEEDED',
  })
  const { enrolment, secret } = await beginSecondFactor(as, { password: TEST_PASSWORD })
  const totp = new TOTP({ secret: Secret.fromBase32(secret.replaceAll(' ', '')) })
  const code = () => totp.generate({ timestamp: as.now().getTime() })
  await confirmSecondFactor(as, { enrolment, code: code() }, null)
  as.clock.advance(STEP)
  await expect(requestWithdrawal(as, above)).rejects.toMatchObject({ status: 400, code: 'CODE_REQUIRED' })
  await expect(requestWithdrawal(as, { ...above, code: '000000' })).rejects.toMatchObject({
    status: 403,
    code: 'WRONG_CODE',
  })
  expect(await database.db.$count(withdrawals)).toBe(0)

  const asked = { ...above, code: code(), attempt: 'first' }
  const made = await requestWithdrawal(as, asked)
  // The same attempt is what was done already: it needs no second code.
  expect(await requestWithdrawal(as, asked)).toMatchObject({ id: made.id })
  await expect(requestWithdrawal(as, { ...asked, attempt: 'second' })).rejects.toMatchObject({
    code: 'WRONG_CODE',
  })
  expect(await database.db.$count(withdrawals)).toBe(1)
})
