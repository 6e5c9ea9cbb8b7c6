import { randomUUID } from 'node:crypto'
import type { Db } from '../../client'
import { organizations, users } from '../../schema'

let made = 0

export interface Holder {
  readonly userId: string
  readonly organizationId: string
  readonly email: string
}

/** Somebody with an organization of their own, whose password is nobody's. Enough to hold a balance. */
export const givenHolder = async (
  db: Db,
  more: Partial<typeof users.$inferInsert> & { grantedPlan?: 'FREE' | 'BUSINESS' | 'AGENCY' | null } = {},
): Promise<Holder> => {
  made += 1
  const { grantedPlan = null, ...person } = more
  const createdAt = new Date('2026-11-01T00:00:00.000Z')
  const organizationId = person.organizationId ?? randomUUID()
  if (person.organizationId === undefined)
    await db
      .insert(organizations)
      .values({ id: organizationId, name: `Company ${made}`, grantedPlan, createdAt })
  const user = {
    id: randomUUID(),
    email: `person-${made}-${organizationId}@offshoot.example`,
    firstName: 'Pat',
    lastName: `Number ${made}`,
    commissionPercentage: '20.00',
    createdAt,
    ...person,
    organizationId,
  }
  await db.insert(users).values(user)
  return { userId: user.id, organizationId, email: user.email }
}
