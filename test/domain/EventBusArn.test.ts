import { describe, expect, it } from "@effect/vitest"
import { EventBusArn } from "@genesys-replay/domain"
import { Option, Schema } from "effect"

const decode = Schema.decodeUnknownOption(EventBusArn.FromString)

describe("EventBusArn", () => {
  it("is read into its parts and written back without loss", () => {
    for (const text of [
      "arn:aws:events:us-east-1:123456789012:event-bus/gen-cx-events",
      "arn:aws:eventbridge:us-east-1:123456789012:event-bus/gen-cx-events",
      "arn:aws-cn:events:cn-north-1:123456789012:event-bus/default",
      "arn:aws:events:eu-west-1:123456789012:event-bus/aws.partner/genesys.com/cloud/0b3f-1/sub_x.y"
    ]) {
      expect(Schema.encodeSync(EventBusArn.FromString)(Option.getOrThrow(decode(text)))).toBe(text)
    }
    const arn = Option.getOrThrow(
      decode("arn:aws:eventbridge:eu-west-1:123456789012:event-bus/aws.partner/genesys.com/x")
    )
    expect([arn.partition, arn.service, arn.region, arn.account, arn.bus]).toEqual([
      "aws",
      "eventbridge",
      Option.some("eu-west-1"),
      "123456789012",
      "aws.partner/genesys.com/x"
    ])
    expect(arn.canonical).toBe("arn:aws:events:eu-west-1:123456789012:event-bus/aws.partner/genesys.com/x")
  })

  it("names one bus in one way, whichever service part was written", () => {
    const [left, right] = ["events", "eventbridge"].map((service) =>
      Option.getOrThrow(decode(`arn:aws:${service}:us-east-1:123456789012:event-bus/b`))
    )
    expect(left?.canonical).toBe(right?.canonical)
  })

  it("is nothing else", () => {
    for (const text of [
      "",
      "gen-cx-events",
      "arn:aws:events:us-east-1:12345:event-bus/x",
      "arn:aws:events:us-east-1:123456789012:rule/x",
      "arn:aws:events:us-east-1:123456789012:event-bus/",
      "arn:aws:sns:us-east-1:123456789012:event-bus/x",
      "arn:aws:events:us-east-1:123456789012:event-bus/x y",
      " arn:aws:events:us-east-1:123456789012:event-bus/x"
    ]) {
      expect([text, Option.isNone(decode(text))]).toEqual([text, true])
    }
  })
})
