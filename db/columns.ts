import { bigint, char, customType, timestamp, uuid } from 'drizzle-orm/pg-core'

/** A row's own id: a time-ordered UUID (version 7) made by the application, so that it is known before the insert. */
export const id = () => uuid('id').primaryKey()

/** A moment, to the millisecond: what JavaScript's Date can hold, so that a keyset cursor neither skips nor repeats. */
export const moment = (name: string) => timestamp(name, { withTimezone: true, precision: 3, mode: 'date' })

/** An amount in minor units of the currency beside it. */
export const minorUnits = (name: string) => bigint(name, { mode: 'bigint' })

/** ISO 4217, upper case. */
export const currencyCode = (name = 'currency') => char(name, { length: 3 })

export const bytea = customType<{ data: Buffer; driverData: Buffer }>({ dataType: () => 'bytea' })
