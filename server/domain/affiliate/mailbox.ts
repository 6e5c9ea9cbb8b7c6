import { createHmac } from 'node:crypto'
import type { Config } from '../../kit/config'
import { derivedKey } from '../../kit/crypto'

const GMAIL = new Set(['gmail.com', 'googlemail.com'])

/**
 * Whose mailbox an address is: without what follows a plus, and for Gmail without dots. Never the address to write to;
 * two addresses with the same one are one person's.
 */
export const mailboxOf = (email: string): string => {
  const address = email.normalize('NFC').trim().toLowerCase()
  const at = address.lastIndexOf('@')
  if (at < 1) return address
  const domain = address.slice(at + 1)
  const [name = ''] = address.slice(0, at).split('+', 1)
  // Nothing is left of "+tag@": then the tag is the name.
  if (name === '') return address
  if (!GMAIL.has(domain)) return `${name}@${domain}`
  return `${name.replaceAll('.', '')}@gmail.com`
}

/** Marks by which payments are compared without keeping who paid, or with which card. */
export const payerMark = (config: Config, email: string): Buffer =>
  mark(config, `mailbox:${mailboxOf(email)}`)
export const cardMark = (config: Config, fingerprint: string): Buffer => mark(config, `card:${fingerprint}`)

const mark = (config: Config, of: string): Buffer =>
  createHmac('sha256', derivedKey(config.appSecret, 'payer')).update(of).digest()
