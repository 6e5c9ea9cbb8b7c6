/** Where closed accounts have their addresses: nobody signs up, buys or is mailed there (RFC 2606). */
const CLOSED_DOMAIN = 'closed.invalid'

/** What stands for the name of whoever closed their account. */
export const CLOSED_NAME = { firstName: 'Closed', lastName: 'account' } as const

/** An address for a closed account that nobody can guess, made of random hexadecimal digits. */
export const closedAddress = (random: string): string => `closed-${random}@${CLOSED_DOMAIN}`

export const isClosedAddress = (email: string): boolean => email.endsWith(`@${CLOSED_DOMAIN}`)
