import type { World } from '../world'

/** An object of MamoPay's interface, as it is answered, and some members of the sandbox's own, which begin with `_`. */
export interface MamoObject {
  readonly id: string
  readonly [member: string]: unknown
}

/** MB-LINK-1EC52247EE: a prefix and ten hexadecimal digits. */
export const newMamoRef = (world: Pick<World, 'random'>, prefix: string): string =>
  `${prefix}-${world.random(5).toString('hex').toUpperCase()}`

const two = (value: number): string => String(value).padStart(2, '0')

/** 2023-12-25-14-38-53 */
export const stamp = (at: Date): string =>
  at.toISOString().slice(0, 19).replace('T', '-').replaceAll(':', '-')

/** 2024-01-01 */
export const day = (at: Date): string => at.toISOString().slice(0, 10)

/** 20/02/2025 */
export const reversedDay = (at: Date): string =>
  `${two(at.getUTCDate())}/${two(at.getUTCMonth() + 1)}/${at.getUTCFullYear()}`

/** A refusal, as MamoPay words it. */
export class MamoError extends Error {
  constructor(
    readonly status: 403 | 404 | 422 | 500,
    readonly body: Readonly<Record<string, unknown>>,
  ) {
    super(Array.isArray(body.messages) ? body.messages.join(' ') : String(body.error))
  }
}

export const unprocessable = (message: string, code = 'VALIDATION_FAILED', errors?: unknown): MamoError =>
  new MamoError(422, { messages: [message], error_code: code, ...(errors === undefined ? {} : { errors }) })

export const unknownRecord = (name: string): MamoError =>
  new MamoError(404, { messages: [`${name} record was not found`], error_code: 'RECORD_NOT_FOUND' })
