import { and, eq, like } from 'drizzle-orm'
import { expect, it } from 'vitest'
import { activityLog, formerNames, mails, users } from '../../../db/schema'
import { useDatabase } from '../../../db/testing/database'
import { closingWorld } from '../../../db/testing/factories/closing'
import { makeUser, TEST_PASSWORD } from '../../../db/testing/factories/identity'
import { sqlState } from '../../kit/errors'
import { recordActivity } from '../audit'
import { answerEmailChange, mailedLinkToken, requestEmailChange, updateProfile } from '../identity'

const database = useDatabase()
const { given, close, traces } = closingWorld(database)

it('erases what somebody was called and where they were written to before, and nobody else’s mails', async () => {
  const ctx = given()
  const user = await makeUser(ctx, {
    firstName: 'Quentin',
    lastName: 'Formerly',
    email: 'was@former.example',
  })
  const as = ctx.as(user.actor)
  await recordActivity(as, {
    action: 'noted',
    description: 'Quentin Formerly wrote from was@former.example',
    after: { who: 'Quentin Formerly' },
  })
  await updateProfile(as, { firstName: 'Rudolf', lastName: 'Newly', companyName: 'Formerly Trading' })
  await updateProfile(as, { firstName: 'Rudolf', lastName: 'Newly', companyName: 'Newly Trading' })
  const tokenIn = async (to: string) => {
    const [mail] = await ctx.db
      .select()
      .from(mails)
      .where(and(eq(mails.to, to), eq(mails.template, 'email-change')))
    return mailedLinkToken(ctx, String(mail?.data.tokenId))
  }
  await requestEmailChange(as, { email: 'now@former.example', password: TEST_PASSWORD })
  for (const to of ['was@former.example', 'now@former.example'])
    await answerEmailChange(as, { token: await tokenIn(to), stop: false })
  ctx.clock.advance(1_000)
  // Somebody else's since, and somebody who is only asked.
  const next = await makeUser(ctx, { email: 'was@former.example', firstName: 'Nell', lastName: 'Next' })
  const moved = { ...user.actor, email: 'now@former.example' }
  await requestEmailChange(ctx.as(moved), { email: 'asked@former.example', password: TEST_PASSWORD })
  await requestEmailChange(ctx.as(next.actor), { email: 'next@former.example', password: TEST_PASSWORD })

  await close(ctx.as(moved))

  for (const word of ['Quentin', 'Formerly', 'Rudolf', 'Newly', 'now@former.example', 'asked@former.example'])
    expect(await traces(word), word).toEqual([])
  expect(await ctx.db.$count(formerNames)).toBe(0)
  const log = await ctx.db.select().from(activityLog).where(eq(activityLog.action, 'noted'))
  expect(log).toMatchObject([
    {
      description: expect.stringMatching(/^Closed account wrote from closed-[0-9a-f]+@closed\.invalid$/),
      after: { who: 'Closed account' },
    },
  ])
  expect(await ctx.db.$count(users, eq(users.email, 'was@former.example'))).toBe(1)
  const theirs = await ctx.db.select().from(mails).where(like(mails.to, '%former.example'))
  expect(theirs.map(({ to, template }) => [to, template]).sort()).toEqual([
    ['next@former.example', 'email-change'],
    ['was@former.example', 'email-change'],
  ])
})

it('erases nothing of an account that is not closed', async () => {
  const ctx = given()
  const { id } = await makeUser(ctx)
  const refusal = await database.db
    .execute(`select erase_former_names('${id}', 'x', 'y')`)
    .catch((error: unknown) => error)
  expect(sqlState(refusal)).toBe('23001')
})
