/**
 * Signatures of AWS requests, version 4, checked to the last byte: who signs with another secret is refused, as AWS does.
 *
 * The date is not held against the Clock: SDKs sign by the wall clock, the sandbox may live in another time.
 * Source: AWS, "Create a signed AWS API request".
 */
import { createHash, createHmac } from "node:crypto"
import type { Headers } from "@effect/platform"
import { Effect, Redacted } from "effect"
import * as Arn from "./Arn.js"
import { AwsError } from "./AwsError.js"

/** What was signed. */
export interface Signed {
  readonly method: string
  /** Path and query as they stand in the request. */
  readonly url: string
  readonly headers: Headers.Headers
  readonly body: Uint8Array
}

/** Who may ask. */
export interface Credentials {
  readonly accessKeyId: string
  readonly secretAccessKey: Redacted.Redacted<string>
}

interface Authorization {
  readonly accessKeyId: string
  readonly date: string
  readonly region: string
  readonly service: string
  readonly signedHeaders: ReadonlyArray<string>
  readonly signature: string
}

const algorithm = "AWS4-HMAC-SHA256"

const refused = (type: string, reason: string) => new AwsError({ type, reason, status: 400 })

const incomplete = (missing: ReadonlyArray<string>) =>
  refused(
    "IncompleteSignatureException",
    `${missing.map((name) => `Authorization header requires '${name}' parameter.`).join(" ")} The sandbox reads: ${algorithm} Credential=…/date/region/service/aws4_request, SignedHeaders=…, Signature=…`
  )

const parse = Effect.fnUntraced(function* (header: string | undefined) {
  if (header === undefined) return yield* refused("MissingAuthenticationTokenException", "Missing Authentication Token")
  if (!header.startsWith(`${algorithm} `)) {
    return yield* refused("IncompleteSignatureException", `Authorization header must begin with ${algorithm}`)
  }
  const parts = new Map(
    header
      .slice(algorithm.length)
      .split(",")
      .map((part) => {
        const [name = "", ...value] = part.trim().split("=")
        return [name, value.join("=")] as const
      })
  )
  const [accessKeyId, date, region, service, end] = (parts.get("Credential") ?? "").split("/")
  const signature = parts.get("Signature") ?? ""
  const signedHeaders = parts.get("SignedHeaders")
  const named = date !== undefined && region !== undefined && service !== undefined && end === "aws4_request"
  if (!accessKeyId || !named || !signedHeaders || !/^[0-9a-f]{64}$/.test(signature)) {
    return yield* incomplete([
      ...(accessKeyId && named ? [] : ["Credential"]),
      ...(signedHeaders ? [] : ["SignedHeaders"]),
      ...(/^[0-9a-f]{64}$/.test(signature) ? [] : ["Signature"])
    ])
  }
  const authorization: Authorization = {
    accessKeyId,
    date,
    region,
    service,
    signedHeaders: signedHeaders.split(";"),
    signature
  }
  return authorization
})

const hash = (data: string | Uint8Array): string => createHash("sha256").update(data).digest("hex")

const hmac = (key: string | Uint8Array, text: string): Uint8Array => createHmac("sha256", key).update(text).digest()

const canonicalQuery = (query: string): string =>
  query
    .split("&")
    .filter((pair) => pair !== "")
    .map((pair) => (pair.includes("=") ? pair : `${pair}=`))
    .sort()
    .join("&")

const canonical = ({ body, headers, method, url }: Signed, names: ReadonlyArray<string>): string => {
  const [path = "/", query = ""] = url.split("?", 2)
  const lines = names.map((name) => `${name}:${(headers[name] ?? "").trim().replace(/ +/g, " ")}\n`).join("")
  return [method, path === "" ? "/" : path, canonicalQuery(query), lines, names.join(";"), hash(body)].join("\n")
}

const signatureOf = (signed: Signed, { date, region, service, signedHeaders }: Authorization, secret: string) => {
  const text = [
    algorithm,
    signed.headers["x-amz-date"] ?? "",
    `${date}/${region}/${service}/aws4_request`,
    hash(canonical(signed, signedHeaders))
  ].join("\n")
  const key = [date, region, service, "aws4_request"].reduce<string | Uint8Array>(hmac, `AWS4${secret}`)
  return createHmac("sha256", key).update(text).digest("hex")
}

/**
 * Lets a request pass that is signed by `credentials` for `service`. Fails with `MissingAuthenticationTokenException`,
 * `IncompleteSignatureException`, `UnrecognizedClientException` or `InvalidSignatureException`.
 */
export const verify = Effect.fn("SigV4.verify")(function* (
  signed: Signed,
  { accessKeyId, secretAccessKey }: Credentials,
  service: string
) {
  const authorization = yield* parse(signed.headers["authorization"])
  if (authorization.accessKeyId !== accessKeyId) {
    return yield* refused("UnrecognizedClientException", "The security token included in the request is invalid.")
  }
  if (authorization.service !== service) {
    return yield* refused("InvalidSignatureException", `Credential should be scoped to correct service: '${service}'.`)
  }
  if (authorization.region !== Arn.region) {
    return yield* refused(
      "InvalidSignatureException",
      `Credential should be scoped to a valid region, not '${authorization.region}': the sandbox is in ${Arn.region}.`
    )
  }
  if (signatureOf(signed, authorization, Redacted.value(secretAccessKey)) !== authorization.signature) {
    return yield* refused(
      "InvalidSignatureException",
      "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details."
    )
  }
})
