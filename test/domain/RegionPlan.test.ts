import { describe, expect, it } from "@effect/vitest"
import { ReplaySpec } from "@genesys-replay/domain"
import { Effect } from "effect"

import { codes, draft, oneWindow } from "./Planning.js"

const arn = (partition: string, region: string, bus = "gen-cx-events") =>
  `arn:${partition}:events:${region}:123456789012:event-bus/${bus}`

describe("the destination of a window", () => {
  const rows: ReadonlyArray<readonly [what: string, destination: string, said: string]> = [
    ["a region without its dash", arn("aws", "us-east1"), "there is no region us-east1. Did you mean us-east-1?"],
    ["a region with letters swapped", arn("aws", "us-esat-1"), "there is no region us-esat-1. Did you mean us-east-1?"],
    ["a region without a number", arn("aws", "eu-west-"), "there is no region eu-west-"],
    ["an availability zone", arn("aws", "us-east-1a"), "there is no region us-east-1a. Did you mean us-east-1?"],
    [
      "China's partition, a region elsewhere",
      arn("aws-cn", "us-east-1"),
      "us-east-1 is in the partition aws, not in aws-cn"
    ],
    [
      "a region of China in another partition",
      arn("aws", "cn-north-1"),
      "cn-north-1 is in the partition aws-cn, not in aws"
    ],
    ["GovCloud's partition, a region elsewhere", arn("aws-us-gov", "us-west-2"), "not in aws-us-gov"],
    ["a region of GovCloud in another partition", arn("aws", "us-gov-west-1"), "is in the partition aws-us-gov"],
    [
      "a partition that there is not",
      arn("aws-gov-us", "us-gov-west-1"),
      "there is no partition aws-gov-us. AWS has aws, aws-cn"
    ],
    ["a partition that there is not, without a region", arn("awss", ""), "there is no partition awss"],
    ["a slash at the end", arn("aws", "us-east-1", "gen-cx-events/"), "ends with a slash. Leave it out: gen-cx-events"],
    [
      "a slash at the end of a partner bus",
      arn("aws", "us-east-1", "aws.partner/genesys.com/cloud/o/n/"),
      "ends with a slash"
    ],
    ["a slash where no partner is", arn("aws", "us-east-1", "gen/cx"), "no bus can be named gen/cx"],
    ["two slashes", arn("aws", "us-east-1", "aws.partner/genesys.com//cloud"), "no bus can be named"]
  ]
  for (const [what, destination, said] of rows) {
    it.effect(`is read strictly: ${what}`, () =>
      Effect.gen(function* () {
        const { issues } = yield* Effect.flip(ReplaySpec.decode(oneWindow({ destination })))
        expect(issues).toEqual([
          expect.objectContaining({ path: "windows[0].destination", message: expect.stringContaining(said) })
        ])
      })
    )
  }

  it.effect("may be in every partition of AWS, in a region of it", () =>
    Effect.gen(function* () {
      for (const [partition, region] of [
        ["aws", "ap-southeast-2"],
        ["aws-cn", "cn-northwest-1"],
        ["aws-us-gov", "us-gov-east-1"],
        ["aws-eusc", "eusc-de-east-1"],
        ["aws-iso-b", "us-isob-east-1"]
      ] as const) {
        expect((yield* draft(oneWindow({ destination: arn(partition, region) }))).findings).toEqual([])
      }
    })
  )

  it.effect("in a region that is not known, and could be one, is a warning that names the nearest", () =>
    Effect.gen(function* () {
      const { findings, windows } = yield* draft(oneWindow({ destination: arn("aws", "eu-west-9") }))
      expect(codes(findings)).toEqual(["warning unknown-region windows[0].destination"])
      expect(findings[0]?.message).toContain("Did you mean eu-west-1?")
      expect(windows).toHaveLength(1)
    })
  )

  it.effect(
    "that tells no region is an error with EventBridge, whatever AWS_REGION is, unless the window names one",
    () =>
      Effect.gen(function* () {
        const provider = { provider: "eventbridge" }
        const window = { destination: arn("aws", ""), end: "2024-01-15T11:00:00Z" }
        for (const region of [undefined, "eu-west-1"]) {
          const { findings } = yield* draft(oneWindow(window, provider), { region })
          expect(codes(findings)).toEqual(["error region-missing windows[0].destination"])
        }
        expect((yield* draft(oneWindow({ ...window, region: "eu-west-1" }, provider))).findings).toEqual([])
      })
  )
})

describe("the region of a window", () => {
  it.effect("has the form of one", () =>
    Effect.gen(function* () {
      const { issues } = yield* Effect.flip(ReplaySpec.decode(oneWindow({ region: "useast1" })))
      expect(issues).toMatchObject([{ path: "windows[0].region", message: expect.stringContaining("us-east-1") }])
    })
  )

  it.effect("is one of the destination's partition, also where the surroundings tell it", () =>
    Effect.gen(function* () {
      const own = yield* draft(oneWindow({ destination: arn("aws-cn", ""), region: "us-east-1" }))
      expect(codes(own.findings)).toEqual(["error region-conflict windows[0].region"])
      const around = yield* draft(oneWindow({ destination: arn("aws", "") }), { region: "us-east1" })
      expect(codes(around.findings)).toEqual(["error region-conflict windows[0].destination"])
      expect(around.findings[0]?.message).toContain("Did you mean us-east-1?")
      const guessed = yield* draft(oneWindow({ destination: arn("aws-cn", "") }))
      expect(codes(guessed.findings)).toEqual(["error region-conflict windows[0].destination"])
    })
  )
})

describe("other ARNs of a window", () => {
  it.effect("are in partitions and regions that there are", () =>
    Effect.gen(function* () {
      const rules = ["arn:aws:events:us-east1:123456789012:rule/gen-cx-events/to-queue"]
      const { issues } = yield* Effect.flip(
        ReplaySpec.decode(oneWindow({ rules, roleArn: "arn:asw:iam::123456789012:role/deliver" }))
      )
      expect(issues.map(({ message, path }) => `${path}: ${message}`).sort()).toEqual([
        expect.stringMatching(/^windows\[0\]\.roleArn: not a role ARN: .*there is no partition asw/),
        expect.stringMatching(/^windows\[0\]\.rules\[0\]: not a rule ARN: .*Did you mean us-east-1\?$/)
      ])
    })
  )

  it.effect("are in the destination's partition", () =>
    Effect.gen(function* () {
      const roleArn = "arn:aws-cn:iam::123456789012:role/deliver"
      expect(codes((yield* draft(oneWindow({ roleArn }))).findings)).toEqual([
        "error role-of-other-partition windows[0].roleArn"
      ])
    })
  )
})
