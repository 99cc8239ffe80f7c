/** One window of a spec: which topics, from when, into which event bus. */
import { Option, Schema } from "effect"
import * as AwsRegion from "../value/AwsRegion.js"
import * as EventBusArn from "../value/EventBusArn.js"
import * as RetentionDays from "../value/RetentionDays.js"
import * as TimePoint from "../value/TimePoint.js"
import * as TopicId from "../value/TopicId.js"
import * as ArchiveReplay from "./ArchiveReplay.js"
import { ProofMeasure } from "./Proof.js"

const nameShape = /^[A-Za-z0-9](?:[A-Za-z0-9._ -]{0,126}[A-Za-z0-9._-])?$/

/**
 * The name of a window, and of the stream that replays it: 1 to 128 of `A-Za-z0-9._-` and blanks, beginning with a letter or a digit.
 * It is the idempotency key of the window: one name, one stream.
 */
export const WindowName = Schema.String.pipe(
  Schema.filter(
    (name) =>
      nameShape.test(name) ||
      `not a window name: ${JSON.stringify(name)}. Write 1 to 128 of A-Za-z0-9._- and blanks, beginning with a letter or a digit`,
    {
      identifier: "WindowName",
      description: "1 to 128 of A-Za-z0-9._- and blanks",
      jsonSchema: { pattern: nameShape.source }
    }
  ),
  Schema.brand("WindowName")
)

/** A string that is known to be a window name. */
export type WindowName = typeof WindowName.Type

const roleShape = /^arn:([a-z-]+):iam::\d{12}:role\/[\w+=,.@/-]{1,512}$/

const roleFault = (arn: string): Option.Option<string> => {
  const [, partition] = roleShape.exec(arn) ?? []
  return partition === undefined
    ? Option.some("write arn:<partition>:iam::<12 digits>:role/<name>, or leave it empty")
    : AwsRegion.partitionFault(partition)
}

/** The ARN of the role that delivers into the bus; empty where the bus needs none. */
export const RoleArn = Schema.String.pipe(
  Schema.filter(
    (arn) =>
      arn === "" ||
      Option.match(roleFault(arn), {
        onNone: () => true as const,
        onSome: (reason) => `not a role ARN: ${JSON.stringify(arn)}: ${reason}`
      }),
    { identifier: "RoleArn", description: "arn:<partition>:iam::<12 digits>:role/<name>, or empty" }
  ),
  Schema.brand("RoleArn")
)

/** A string that is known to be a role ARN, or empty. */
export type RoleArn = typeof RoleArn.Type

const longestDescription = 1_000

/** What a stream says of itself: at most 1,000 characters. */
const Description = Schema.String.pipe(
  Schema.filter(
    (text) =>
      text.length <= longestDescription ||
      `is ${text.length} characters long, and a description has at most ${longestDescription}`,
    { identifier: "Description", description: "text", jsonSchema: { maxLength: longestDescription } }
  )
)

const defaultsOf = <Destination>(destination: Schema.Schema<Destination, string>) => ({
  /** Where the events go. */
  destination: Schema.optionalWith(destination, { exact: true }),
  /** The role that delivers into the bus. */
  roleArn: Schema.optionalWith(RoleArn, { exact: true }),
  /** What the stream's description says. */
  description: Schema.optionalWith(Description, { exact: true }),
  /** By what the window is to be proven when its replay has ended. */
  prove: Schema.optionalWith(ProofMeasure, { exact: true }),
  /** What only EventBridge reads: `archive`, `rules`, `partial`. */
  ...ArchiveReplay.keys
})

/** What windows take when they do not say it themselves, where destinations are read by `destination`. */
export const windowDefaultsOf = <Destination>(destination: Schema.Schema<Destination, string>) =>
  Schema.Struct(defaultsOf(destination)).annotations({ identifier: "WindowDefaults" })

/** A window as it is written in a spec, where destinations are read by `destination`. Without `name` it is named after the planning instant. */
export const replayWindowOf = <Destination>(destination: Schema.Schema<Destination, string>) =>
  Schema.Struct({
    name: Schema.optionalWith(WindowName, { exact: true }),
    topics: TopicId.TopicIds,
    start: TimePoint.TimePoint,
    end: Schema.optionalWith(TimePoint.TimePoint, { exact: true }),
    /** Days that the platform is asked to keep the events, within the matrix; without it the matrix decides. */
    retention: Schema.optionalWith(RetentionDays.RetentionDays, { exact: true }),
    /** The region of the bus; needed only where the ARN names none. */
    region: Schema.optionalWith(AwsRegion.AwsRegion, { exact: true }),
    ...defaultsOf(destination)
  }).annotations({ identifier: "ReplayWindow" })

/** {@link windowDefaultsOf} event buses, which is where the providers that ship deliver to. */
export const WindowDefaults = windowDefaultsOf(EventBusArn.FromString)

/** See {@link WindowDefaults}. */
export type WindowDefaults = typeof WindowDefaults.Type

/** {@link replayWindowOf} event buses. */
export const ReplayWindow = replayWindowOf(EventBusArn.FromString)

/** See {@link ReplayWindow}. */
export type ReplayWindow = typeof ReplayWindow.Type

/** A window whose defaults are filled in: it has a destination. */
export interface CompleteWindow<Destination = EventBusArn.EventBusArn> extends Omit<ReplayWindow, "destination"> {
  readonly destination: Destination
}
