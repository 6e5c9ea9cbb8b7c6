/** A refusal in the shape of Stripe's. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly details: {
      readonly code?: string
      readonly param?: string
      readonly decline_code?: string
      readonly type?: 'card_error' | 'invalid_request_error' | 'idempotency_error' | 'api_error'
    } = {},
  ) {
    super(message)
    this.name = 'ApiError'
  }

  get body() {
    const { type = 'invalid_request_error', code, param, decline_code: declineCode } = this.details
    return {
      error: {
        ...(code === undefined ? {} : { code }),
        ...(declineCode === undefined ? {} : { decline_code: declineCode }),
        message: this.message,
        ...(param === undefined ? {} : { param }),
        type,
      },
    }
  }
}

export const missing = (what: string, id: string, param = 'id') =>
  new ApiError(404, `No such ${what}: '${id}'`, { code: 'resource_missing', param })

export const badParameter = (param: string, message: string, code = 'parameter_invalid') =>
  new ApiError(400, message, { param, code })
