/** One account per address, however it was typed. */
export const normalizeEmail = (email: string): string => email.normalize('NFC').toLowerCase()

/** ann@x.test → a•••@x.test */
export const maskEmail = (email: string): string =>
  `${email.slice(0, 1)}•••${email.slice(email.lastIndexOf('@'))}`
