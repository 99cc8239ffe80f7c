/** What the platform says of a request that it refuses: one shape for every endpoint and status. */
import { HttpApiSchema } from "@effect/platform"
import { Schema } from "effect"

const errorBody = {
  message: Schema.optionalWith(Schema.String, { default: () => "" }),
  code: Schema.optional(Schema.String),
  status: Schema.optional(Schema.Number),
  contextId: Schema.optional(Schema.String),
  details: Schema.optionalWith(Schema.Array(Schema.Unknown), { default: () => [] }),
  errors: Schema.optionalWith(Schema.Array(Schema.Unknown), { default: () => [] })
}

/** The body of every error: `{"message", "code", "status", "contextId", "details": [], "errors": []}`, read tolerantly. */
export const ErrorBody = Schema.Struct(errorBody).annotations({ identifier: "ErrorBody" })

/** See {@link ErrorBody}. */
export interface ErrorBody extends Schema.Schema.Type<typeof ErrorBody> {}

const failure = <const Status extends number>(status: Status) =>
  Schema.Struct(errorBody).annotations(HttpApiSchema.annotations({ status, description: `error ${status}` }))

/** 400: the request is not valid. */
export const BadRequest = failure(400)
/** 401: no token, or one that is not or no longer valid. */
export const Unauthorized = failure(401)
/** 403: the client lacks the permission. */
export const Forbidden = failure(403)
/** 404: what was asked for is not there. */
export const NotFound = failure(404)
/** 409: there is one of this name already. */
export const Conflict = failure(409)
/** 429: more requests than the token is allowed. */
export const TooManyRequests = failure(429)
