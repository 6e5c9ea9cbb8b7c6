// npm run verify-statement FILE [--key FILE|JWK]: checks a signed statement by itself: no network, no database, nothing
// installed. It shares no code with what signs, so that one is a check of the other.
import { createHash, createPublicKey, verify } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'

const FORMAT = 'offshoot.statement/1'
const KEYS_FILE = 'offshoot-statement-keys.json'
const TYPES = ['COMMISSION', 'WITHDRAWAL', 'ADJUSTMENT', 'REFUND']

/** The file is not what was issued. */
class Refused extends Error {}
/** It cannot be checked: something is missing or was asked wrongly. */
class Unchecked extends Error {}

const refuseUnless = (holds, why) => {
  if (!holds) throw new Refused(why)
}

/**
 * @param {string} text the file's text
 * @param {(keyId: string, issuer: string) => object} keyOf the public key (JWK) of that name
 * @returns the statement
 * @throws Refused when any of it is not as it was issued
 */
const checkStatement = (text, keyOf) => {
  const { statement, signature } = parsed(text)
  checkForm(statement, signature)
  const key = keyOf(signature.keyId, statement.issuer)
  checkKey(key, signature.keyId)
  const bytes = Buffer.from(signature.value, 'base64url')
  refuseUnless(
    bytes.length === 64 && bytes.toString('base64url') === signature.value,
    'the signature is not one of Ed25519',
  )
  const publicKey = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: key.x }, format: 'jwk' })
  refuseUnless(
    verify(null, Buffer.from(canonical(statement)), publicKey, bytes),
    'the signature does not fit: something was changed after the statement was signed, or somebody else signed it',
  )
  checkSums(statement)
  return statement
}

/** How programs print JSON; a file may have been printed anew as a whole, but no byte of it may be another. */
const PRINTED = [0, 2, 4, '\t']

const parsed = (text) => {
  let value
  try {
    value = JSON.parse(text)
  } catch {
    throw new Refused('it is not JSON')
  }
  const bare = text.endsWith('\n') ? text.slice(0, -1) : text
  refuseUnless(
    PRINTED.some((indent) => JSON.stringify(value, null, indent) === bare),
    'it is not as any program prints it: a member comes twice, or something was written into it',
  )
  refuseUnless(hasMembers(value, ['signature', 'statement']), 'it is not a statement with its signature')
  return value
}

const hasMembers = (value, names) =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  Object.keys(value).sort().join() === [...names].sort().join()

const isText = (value) => typeof value === 'string'
const isTime = (value) =>
  isText(value) && !Number.isNaN(Date.parse(value)) && new Date(value).toISOString() === value
const isHash = (value) => isText(value) && /^([0-9a-f]{64})$/.test(value)

/** [what it must be, its members]: text, time, hash, whole number or what a member's own members are. */
const FORM = {
  format: isText,
  id: isText,
  issuer: isText,
  issuedAt: isTime,
  final: (value) => typeof value === 'boolean',
  holder: { userId: isText, name: isText },
  currency: { code: isText, exponent: Number.isSafeInteger },
  period: { month: isText, timezone: isText, from: isTime, to: isTime },
  opening: { balance: Number.isSafeInteger, no: Number.isSafeInteger },
  closing: { balance: Number.isSafeInteger, no: Number.isSafeInteger },
  totals: Object.fromEntries(
    TYPES.map((type) => [type, { count: Number.isSafeInteger, amount: Number.isSafeInteger }]),
  ),
  lines: Array.isArray,
  head: (value) => value === '' || isHash(value),
}
const LINE = {
  no: Number.isSafeInteger,
  id: isText,
  type: (value) => TYPES.includes(value),
  amount: Number.isSafeInteger,
  balanceBefore: Number.isSafeInteger,
  balanceAfter: Number.isSafeInteger,
  referenceType: isText,
  referenceId: isText,
  notes: isText,
  createdAt: isTime,
  hash: isHash,
}

const checkForm = (statement, signature) => {
  refuseUnless(
    hasMembers(signature, ['algorithm', 'keyId', 'value']) && Object.values(signature).every(isText),
    'its signature is not complete',
  )
  refuseUnless(signature.algorithm === 'Ed25519', 'it is signed in a way this program does not know')
  refuseUnless(statement?.format === FORMAT, `its format is not ${FORMAT}`)
  fits(statement, FORM, 'the statement')
  for (const [i, line] of statement.lines.entries()) fits(line, LINE, `line ${i + 1}`)
}

const fits = (value, form, what) => {
  refuseUnless(hasMembers(value, Object.keys(form)), `${what} lacks a member, or has one too many`)
  for (const [name, check] of Object.entries(form))
    if (typeof check === 'function')
      refuseUnless(check(value[name]), `${name} of ${what} is not what it must be`)
    else fits(value[name], check, `${name} of ${what}`)
}

const checkKey = (key, keyId) => {
  refuseUnless(
    key.kty === 'OKP' &&
      key.crv === 'Ed25519' &&
      isText(key.x) &&
      Buffer.from(key.x, 'base64url').length === 32,
    'the key is not one of Ed25519',
  )
  const print = createHash('sha256').update(canonical({ crv: key.crv, kty: key.kty, x: key.x }))
  refuseUnless(print.digest('base64url') === keyId, 'the key does not bear the name that the signature gives')
}

/** RFC 8785, of what such a statement holds. */
const canonical = (value) => {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Object.keys(value).sort()
  return `{${members.map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`).join()}}`
}

const checkSums = ({ period, opening, closing, totals, lines, head }) => {
  let { balance, no } = opening
  let at = period.from
  for (const line of lines) {
    const named = `line ${line.no} (${line.id})`
    refuseUnless(line.no === no + 1, `there is a gap before ${named}`)
    refuseUnless(line.balanceBefore === balance, `${named} does not begin where the one before ends`)
    refuseUnless(line.balanceAfter === balance + line.amount, `${named} does not add up`)
    refuseUnless(line.createdAt >= at && line.createdAt < period.to, `${named} is out of its place in time`)
    balance = line.balanceAfter
    no = line.no
    at = line.createdAt
  }
  refuseUnless(
    closing.balance === balance && closing.no === no,
    'the closing balance is not where the lines lead',
  )
  for (const type of TYPES) {
    const amounts = lines.filter((line) => line.type === type).map(({ amount }) => amount)
    refuseUnless(
      totals[type].count === amounts.length && totals[type].amount === amounts.reduce((a, b) => a + b, 0),
      `the total of ${type} is not the sum of its lines`,
    )
  }
  refuseUnless(lines.length === 0 || lines.at(-1).hash === head, 'the head of the chain is not the last line')
}

/** 11500 USD → '115.00 USD'. */
const money = (amount, { code, exponent }) => {
  const digits = String(Math.abs(amount)).padStart(exponent + 1, '0')
  const whole = digits.slice(0, digits.length - exponent)
  return `${amount < 0 ? '-' : ''}${whole}${exponent === 0 ? '' : `.${digits.slice(-exponent)}`} ${code}`
}

/** What others wrote, made harmless for a terminal. */
const plain = (text) => text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '·')

const report = (statement, keyId, keySource) => {
  const { holder, period, currency, opening, closing, totals, lines } = statement
  const sums = TYPES.filter((type) => totals[type].count > 0).map(
    (type) =>
      `  ${type.padEnd(12)}${money(totals[type].amount, currency).padStart(24)}   ${totals[type].count} lines`,
  )
  return `The statement is genuine.

  ${plain(holder.name)} (${plain(holder.userId)})
  ${plain(period.month)} in ${plain(period.timezone)}: from ${period.from} until before ${period.to}
  Opening     ${money(opening.balance, currency).padStart(24)}
${sums.map((sum) => `${sum}\n`).join('')}  Closing     ${money(closing.balance, currency).padStart(24)}   ${lines.length} lines in all

What this proves:
  - Whoever holds the private half of the key ${keyId}
    signed exactly this, and not a byte of it was changed since. The key was read from ${keySource};
    that it is the key of ${plain(statement.issuer)} is known if you got it from there.
  - Every line's balance before and amount make its balance after; each line begins where the one before
    ends, counted without a gap; opening, closing and totals are what the lines add up to.
  - ${
    statement.final
      ? 'The month was over when this was issued: it is its one and final statement.'
      : 'It is a preview, NOT final: it was drawn up before the statement was issued, and more lines may have come.'
  }
What it does not prove: that what the lines speak of happened. For that ask the issuer for the proof of its
books, in which every line bears the hash that stands here.`
}

const HELP = `npm run verify-statement FILE [--key FILE|JWK]

Checks a statement as downloaded from /api/balance/statements.json. The public key is taken from --key (a file with a
JWK or a JWK set, or the JWK itself), else from ${KEYS_FILE} beside the statement or here.
Exit status: 0 genuine, 1 refused, 2 could not be checked.`

/** Where the key may be: what was said, else beside the statement, else in the current folder. */
const readKeys = (said, file, claimed) => {
  // It goes into a command that somebody may copy.
  const issuer = /^https?:\/\/[\w.:[\]-]+$/.test(claimed) ? claimed : 'https://THE-PLATFORM'
  if (said?.trimStart().startsWith('{'))
    return { keys: keysIn(said, 'the command line'), source: 'the command line' }
  const places = said === undefined ? [join(dirname(file), KEYS_FILE), KEYS_FILE] : [said]
  const source = places.find((place) => existsSync(place))
  if (source === undefined)
    throw new Unchecked(
      said === undefined
        ? `There is no public key to check with. Fetch it once, from the platform itself, and keep it beside the statement:

  curl -o ${KEYS_FILE} ${issuer}/.well-known/${KEYS_FILE}

See that the address is the platform's own: a forger's statement names the forger's.`
        : `There is no file ${said}.`,
    )
  return { keys: keysIn(readFileSync(source, 'utf8'), source), source }
}

const keysIn = (text, where) => {
  let value
  try {
    value = JSON.parse(text)
  } catch {
    throw new Unchecked(`What is in ${where} is not JSON: it must be a JWK or a JWK set.`)
  }
  const keys = Array.isArray(value?.keys) ? value.keys : [value]
  if (!keys.every((key) => typeof key === 'object' && key !== null && isText(key.x)))
    throw new Unchecked(`What is in ${where} is neither a JWK nor a JWK set with an x.`)
  return keys
}

const thumbprint = ({ x }) =>
  createHash('sha256')
    .update(canonical({ crv: 'Ed25519', kty: 'OKP', x }))
    .digest('base64url')

const readArguments = (args) => {
  const at = args.indexOf('--key')
  const key = at < 0 ? undefined : args[at + 1]
  const files = args.filter((_, i) => at < 0 || (i !== at && i !== at + 1))
  if (files.length !== 1 || files[0].startsWith('--') || (at >= 0 && key === undefined))
    throw new Unchecked(HELP)
  return { file: files[0], key }
}

const readText = (file) => {
  let bytes
  try {
    bytes = readFileSync(file)
  } catch (error) {
    throw new Unchecked(`${file} could not be read (${error.code}).`)
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw new Refused('it is not UTF-8')
  }
}

const main = (args) => {
  try {
    const { file, key } = readArguments(args)
    let used = ['', '']
    const statement = checkStatement(readText(file), (keyId, issuer) => {
      const { keys, source } = readKeys(key, file, issuer)
      const found = keys.find((one) => thumbprint(one) === keyId)
      if (found === undefined)
        throw new Refused(
          `it names the key ${plain(keyId)}, which is not in ${source}. If the issuer has another key by now, check with the one you kept from then; if there never was such a key, the statement is not theirs`,
        )
      used = [keyId, source]
      return found
    })
    console.log(report(statement, used[0], basename(used[1])))
    return 0
  } catch (error) {
    if (error instanceof Refused) {
      console.error(`REFUSED: ${plain(error.message)}.`)
      return 1
    }
    if (!(error instanceof Unchecked)) throw error
    console.error(error.message)
    return 2
  }
}

export { checkStatement, Refused }

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href)
  process.exitCode = main(process.argv.slice(2))
