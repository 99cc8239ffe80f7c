/**
 * What a replay from an archive of Amazon EventBridge needs beyond what every replay has.
 *
 * Genesys Cloud has no archives: there these keys mean nothing, and planning says so.
 */
import { Option, Schema } from "effect"
import * as AwsRegion from "../value/AwsRegion.js"
import { UtcText } from "../value/Instant.js"

const archiveShape = /^[A-Za-z0-9._-]{1,48}$/

/**
 * Which archive a window is replayed from: the name of one, or `create`, which makes one where no archive of the bus can
 * hold the topics. Source: AWS, `ArchiveName` of CreateArchive.
 */
export const ArchiveWish = Schema.String.pipe(
  Schema.filter(
    (name) =>
      archiveShape.test(name) ||
      `not an archive: ${JSON.stringify(name)}. Write create, or the name of an archive: 1 to 48 of A-Za-z0-9._-`,
    {
      identifier: "ArchiveWish",
      description: "create, or the name of an archive",
      jsonSchema: { pattern: archiveShape.source }
    }
  ),
  Schema.brand("ArchiveWish")
)

/** See {@link ArchiveWish}. */
export type ArchiveWish = typeof ArchiveWish.Type

/** The wish that no archive is named by. */
export const create = ArchiveWish.make("create")

const ruleShape = /^arn:([a-z-]+):events:([a-z0-9-]+):\d{12}:rule\/(?:[A-Za-z0-9._/-]+\/)?[A-Za-z0-9._-]{1,64}$/

const ruleFault = (arn: string): Option.Option<string> => {
  const [, partition, region] = ruleShape.exec(arn) ?? []
  return partition === undefined || region === undefined
    ? Option.some("write arn:<partition>:events:<region>:<12 digits>:rule/<bus>/<rule>")
    : AwsRegion.pairFault(partition, region)
}

/** The ARN of a rule on an event bus: `arn:<partition>:events:<region>:<12 digits>:rule/<bus>/<rule>`, on the default bus without `<bus>/`. */
export const RuleArn = Schema.String.pipe(
  Schema.filter(
    (arn) =>
      Option.match(ruleFault(arn), {
        onNone: () => true as const,
        onSome: (reason) => `not a rule ARN: ${JSON.stringify(arn)}: ${reason}`
      }),
    {
      identifier: "RuleArn",
      description: "arn:<partition>:events:<region>:<12 digits>:rule/<bus>/<rule>",
      jsonSchema: { pattern: ruleShape.source }
    }
  ),
  Schema.brand("RuleArn")
)

/** A string that is known to be a rule ARN. */
export type RuleArn = typeof RuleArn.Type

/** One or more rules, none of them twice. */
export const RuleArns = Schema.NonEmptyArray(RuleArn).pipe(
  Schema.filter((rules) => {
    const twice = rules.findIndex((rule, index) => rules.indexOf(rule) < index)
    return twice < 0 || { path: [twice], message: `duplicate rule ${rules[twice]}: name each rule once` }
  })
)

/** The keys of a window, and of the defaults, that only EventBridge reads. */
export const keys = {
  /** Without it the archive is found by the event bus. */
  archive: Schema.optionalWith(ArchiveWish, { exact: true }),
  /** The rules that replayed events are matched against; without them, all rules of the bus. */
  rules: Schema.optionalWith(RuleArns, { exact: true }),
  /** Replay what is still there, where an archive holds only a part of the window. */
  partial: Schema.optionalWith(Schema.Boolean, { exact: true })
}

/** Those keys, as a window has them. */
export const Options = Schema.Struct(keys)

/** See {@link Options}. */
export interface Options extends Schema.Schema.Type<typeof Options> {}

/** What a planned window has for StartReplay beyond what every window has. */
export const ArchiveReplay = Schema.Struct({
  archive: Schema.optionalWith(ArchiveWish, { exact: true }),
  /** Empty for all rules of the bus. */
  rules: Schema.Array(RuleArn),
  partial: Schema.Boolean
})

/** See {@link ArchiveReplay}. */
export interface ArchiveReplay extends Schema.Schema.Type<typeof ArchiveReplay> {}

/** As documents have it, with the end of the window. */
export const ArchiveReplayDocument = Schema.Struct({
  /** Until when, exclusive; the instant of planning where the spec names no end. */
  end: UtcText,
  /** Whether the spec names the end. An end that it leaves open is no difference to a replay that stands. */
  endIsFixed: Schema.Boolean,
  ...ArchiveReplay.fields
}).annotations({ identifier: "ArchiveReplay" })

/** See {@link ArchiveReplayDocument}. */
export interface ArchiveReplayDocument extends Schema.Schema.Type<typeof ArchiveReplayDocument> {}

/**
 * What of it belongs to the window's identity, and so to its hash: what the spec fixes. An open end does not, for planning
 * the same window a minute later means the same replay.
 */
export const identity = ({ archive, end, endIsFixed, partial, rules }: ArchiveReplayDocument) => ({
  ...(endIsFixed ? { end } : {}),
  ...(archive === undefined ? {} : { archive }),
  rules: [...rules].sort(),
  partial
})
