/** One account per address, however it was typed. */
export const normalizeEmail = (email: string): string => email.normalize('NFC').toLowerCase()
