import { describe, expect, it } from "@effect/vitest"
import { SdkError } from "@effect-aws/commons"
import { AwsFailure } from "@genesys-replay/eventbridge"
import { Cause } from "effect"

import { exception } from "./StubEventBridge.js"

const operation = "events:StartReplay"
const read = (error: unknown) => AwsFailure.of(operation, error)

describe("an exception of AWS", () => {
  it.each([
    ["AccessDeniedException", 400, { _tag: "NotPermitted" }],
    ["AccessDenied", 403, { _tag: "NotPermitted" }],
    ["UnrecognizedClientException", 400, { _tag: "NotAuthenticated" }],
    ["InvalidSignatureException", 400, { _tag: "NotAuthenticated" }],
    ["IncompleteSignatureException", 400, { _tag: "NotAuthenticated" }],
    ["MissingAuthenticationTokenException", 400, { _tag: "NotAuthenticated" }],
    ["ExpiredTokenException", 400, { _tag: "NotAuthenticated" }],
    ["InvalidClientTokenId", 403, { _tag: "NotAuthenticated" }],
    ["OptInRequired", 403, { _tag: "NotAuthenticated" }],
    ["ThrottlingException", 400, { _tag: "TransientFailure", kind: "limited" }],
    ["TooManyRequestsException", 429, { _tag: "TransientFailure", kind: "limited" }],
    ["InternalException", 500, { _tag: "TransientFailure", kind: "passing" }],
    ["InternalFailure", 500, { _tag: "TransientFailure", kind: "passing" }],
    ["ServiceUnavailable", 503, { _tag: "TransientFailure", kind: "passing" }],
    ["ConcurrentModificationException", 400, { _tag: "TransientFailure", kind: "passing" }],
    ["ResourceNotFoundException", 400, { _tag: "AwsException", code: "ResourceNotFoundException" }],
    ["ResourceAlreadyExistsException", 400, { _tag: "AwsException", code: "ResourceAlreadyExistsException" }],
    ["LimitExceededException", 400, { _tag: "AwsException", code: "LimitExceededException" }],
    ["IllegalStatusException", 400, { _tag: "AwsException", code: "IllegalStatusException" }],
    ["InvalidEventPatternException", 400, { _tag: "RequestRejected", code: "InvalidEventPatternException" }],
    ["InvalidStateException", 400, { _tag: "RequestRejected", code: "InvalidStateException" }],
    ["OperationDisabledException", 400, { _tag: "RequestRejected", code: "OperationDisabledException" }],
    ["ManagedRuleException", 400, { _tag: "RequestRejected", code: "ManagedRuleException" }],
    ["PolicyLengthExceededException", 400, { _tag: "RequestRejected", code: "PolicyLengthExceededException" }],
    ["ValidationException", 400, { _tag: "RequestRejected", code: "ValidationException" }],
    ["SomethingNewException", 418, { _tag: "RequestRejected", code: "SomethingNewException", status: 418 }]
  ])("%s (%i) has one meaning", (code, status, meaning) => {
    expect(read(exception(code, "words", status))).toMatchObject(meaning)
  })

  it("keeps AWS's words, its request id and its status", () => {
    expect(read(exception("ValidationException", "1 validation error detected"))).toMatchObject({
      operation,
      status: 400,
      reason: "1 validation error detected",
      correlationId: "request-1"
    })
  })

  it("denied names the IAM action that is missing", () => {
    const words =
      "User: arn:aws:iam::123456789012:user/ops is not authorized to perform: events:DescribeArchive on resource: x"
    expect(read(exception("AccessDeniedException", words))).toMatchObject({
      remedy: "Allow the IAM action events:DescribeArchive to these credentials"
    })
    const bare = read(exception("AccessDeniedException", "no"))
    expect(bare).toMatchObject({ remedy: "Allow the IAM action events:StartReplay to these credentials" })
    expect(bare.message).toContain("events:StartReplay to these credentials")
    expect(bare.message).not.toContain("OAuth")
  })

  it("of a signature keeps its first line: what follows repeats the request, session token and all", () => {
    const error = read(
      exception("InvalidSignatureException", "The signature does not match.\n\nx-amz-security-token:SECRET\n")
    )
    expect(JSON.stringify(error)).not.toContain("SECRET")
    expect(error.message).toContain("The signature does not match")
    expect(error.message).not.toContain("GENESYS")
  })
})

describe("no answer of AWS", () => {
  it("is a failure that may pass", () => {
    for (const error of [
      new Cause.TimeoutException("socket hang up"),
      SdkError({ name: "SdkError", message: "connect ECONNREFUSED", ...{ code: "ECONNREFUSED", $metadata: {} } })
    ]) {
      expect(read(error)).toMatchObject({ _tag: "TransientFailure", kind: "passing" })
    }
  })

  it("for want of credentials says where to put them", () => {
    const error = read(
      SdkError({
        name: "SdkError",
        message: "Could not load credentials from any providers",
        ...{ tryNextLink: false }
      })
    )
    expect(error).toMatchObject({ _tag: "NotAuthenticated" })
    expect(error.message).toContain("AWS_PROFILE")
  })
})

describe("a success that cannot be read", () => {
  const success = (message: string) =>
    read(SdkError({ name: "SdkError", message, ...{ $metadata: { httpStatusCode: 200, requestId: "request-1" } } }))

  it("may pass where it breaks off", () => {
    expect(success("Unterminated string in JSON at position 17")).toMatchObject({ _tag: "TransientFailure" })
    expect(success("Unexpected end of JSON input")).toMatchObject({ _tag: "TransientFailure" })
  })

  it("is AnswerUnreadable where it is no JSON at all", () => {
    expect(success("Unexpected token '<', \"<html>\" is not valid JSON")).toMatchObject({
      _tag: "AnswerUnreadable",
      status: 200
    })
  })
})
