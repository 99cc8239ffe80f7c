/** Answers in the platform's words: every error has the same body, every answer a correlation id. */
import { HttpBody, HttpServerResponse } from "@effect/platform"
import { Context, Effect, type ParseResult } from "effect"

/** The id of the exchange that is being answered; empty outside of one. */
export class CorrelationId extends Context.Reference<CorrelationId>()("@genesys-replay/sandbox/CorrelationId", {
  defaultValue: () => ""
}) {}

/** One thing that is wrong with a request. */
export interface Detail {
  readonly errorCode: string
  /** The field: `filters.topics[0]`. */
  readonly fieldName: string
  readonly message: string
}

/** Why a request was not carried out. */
export interface Refusal {
  readonly status: number
  readonly code: string
  readonly message: string
  readonly details?: ReadonlyArray<Detail>
}

/** `{"message", "code", "status", "contextId", "details": [], "errors": []}`. */
export const refuse = ({ code, details = [], message, status }: Refusal) =>
  Effect.map(CorrelationId, (contextId) =>
    HttpServerResponse.unsafeJson({ message, code, status, contextId, details, errors: [] }, { status })
  )

const fieldOf = (path: ReadonlyArray<PropertyKey>): string =>
  path.reduce<string>((text, key) => {
    if (typeof key === "number") return `${text}[${key}]`
    return text === "" ? String(key) : `${text}.${String(key)}`
  }, "")

/** 400, with a detail for every field that is wrong. */
export const invalid = (issues: ReadonlyArray<Pick<ParseResult.ArrayFormatterIssue, "path" | "message">>) => {
  const details = issues.map(
    ({ message, path }): Detail => ({ errorCode: "invalid.value", fieldName: fieldOf(path), message })
  )
  const message = details.map((detail) =>
    detail.fieldName === "" ? detail.message : `${detail.fieldName}: ${detail.message}`
  )
  return refuse({
    status: 400,
    code: "bad.request",
    message: `The request is not valid: ${message.join("; ")}`,
    details
  })
}

/** 400 of the OAuth server: the request is not one for a token. */
export const tokenRequestInvalid = (error: string, description: string) =>
  HttpServerResponse.unsafeJson({ error, description }, { status: 400, headers: { "cache-control": "no-store" } })

/** 401 of the OAuth server: who asks is not known. */
export const clientRefused = (description: string) =>
  HttpServerResponse.unsafeJson(
    { error: "invalid_client", description },
    { status: 401, headers: { "cache-control": "no-store", "www-authenticate": 'Basic realm="genesys-sandbox"' } }
  )

/** An answer with the first half of its body: what a client sees of one that broke off. */
export const halved = (response: HttpServerResponse.HttpServerResponse): HttpServerResponse.HttpServerResponse => {
  if (response.body._tag !== "Uint8Array") return response
  const { body, contentType } = response.body
  return HttpServerResponse.setBody(response, HttpBody.uint8Array(body.slice(0, body.length >> 1), contentType))
}
