import { describe, expect, it } from "@effect/vitest"
import { CaptureQueueUrl } from "@genesys-replay/eventbridge"
import { Either, Option } from "effect"

describe("CaptureQueueUrl", () => {
  it.each([
    ["https://sqs.eu-west-1.amazonaws.com/123456789012/q", "eu-west-1"],
    ["https://sqs.cn-north-1.amazonaws.com.cn/123456789012/q", "cn-north-1"],
    ["https://sqs.us-gov-west-1.api.aws/123456789012/q", "us-gov-west-1"],
    ["https://sqs-fips.us-east-2.amazonaws.com/123456789012/q", "us-east-2"],
    ["https://vpce-1a2b-3c4d.sqs.us-west-2.vpce.amazonaws.com/123456789012/q", "us-west-2"],
    ["https://eu-central-1.queue.amazonaws.com/123456789012/q.fifo", "eu-central-1"],
    ["https://queue.amazonaws.com/123456789012/q", "us-east-1"]
  ])("%s names the region %s", (url, region) => {
    expect(CaptureQueueUrl.parse(url)).toEqual(Either.right({ url, region: Option.some(region), isLocal: false }))
  })

  it.each(["http://127.0.0.1:4566/000000000000/q", "http://localhost:4566/000000000000/q", "http://[::1]:9/0/q"])(
    "%s is a queue on this machine and names no region",
    (url) => {
      expect(CaptureQueueUrl.parse(url)).toEqual(Either.right({ url, region: Option.none(), isLocal: true }))
    }
  )

  it.each([
    ["orders", "is no URL"],
    ["arn:aws:sqs:us-east-1:123456789012:q", "is no URL"],
    ["http://sqs.us-east-1.amazonaws.com/123456789012/q", "not https"],
    ["http://localhost.example.com/1/q", "not https"],
    ["ftp://127.0.0.1/1/q", "not https"],
    ["https://sqs.us-east-1.amazonaws.com/", "names no queue"]
  ])("%s is refused: %s", (url, reason) => {
    expect(Either.getLeft(CaptureQueueUrl.parse(url)).pipe(Option.map(({ message }) => message))).toEqual(
      Option.some(expect.stringContaining(reason))
    )
  })

  it("repeats no password", () => {
    const refused = Either.getLeft(CaptureQueueUrl.parse("https://me:hunter2@sqs.us-east-1.amazonaws.com/1/q"))
    expect(String(Option.map(refused, ({ message }) => message))).not.toContain("hunter2")
  })
})
