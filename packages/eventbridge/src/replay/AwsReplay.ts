/** A replay of Amazon EventBridge in the words of the domain. */
import type { DescribeReplayResponse, Replay as ListedReplay } from "@aws-sdk/client-eventbridge"
import { type Difference, EventStream, Instant, ProviderName, type Replay } from "@genesys-replay/domain"
import { DateTime, Option, Schema } from "effect"
import * as ReplayArn from "./ReplayArn.js"

/** A replay as AWS tells of it, described or listed. */
export type AwsReplay = DescribeReplayResponse & ListedReplay

/** What a window asks of its replay. */
export interface Wanted {
  readonly start: DateTime.Utc
  readonly end: DateTime.Utc
  /** Whether the end is the spec's, so that another one is a difference. */
  readonly endIsFixed: boolean
  /** The event bus ARN, in AWS's own form. */
  readonly bus: string
  readonly rules: ReadonlyArray<string>
  /** The name of the archive, where the spec names one. */
  readonly archive: string | undefined
}

const isState = Schema.is(EventStream.ReplayState)

/** The instant as text; absent where AWS tells none. */
const text = (date: Date | undefined): string | undefined =>
  Option.getOrUndefined(Option.map(Option.flatMap(Option.fromNullable(date), DateTime.make), Instant.format))

/** The replay. AWS knows nothing of topics: `topics` are those of the window, where it is known. */
export const toReplay = (found: AwsReplay, topics: ReadonlyArray<string> = []): Replay.Replay => {
  const { EventLastReplayedTime, EventSourceArn, ReplayName = "", State = "", StateReason } = found
  const lastReplayedDate = text(EventLastReplayedTime)
  const known = isState(State)
  const reason = known ? StateReason : `EventBridge says ${State}`
  const start = text(found.EventStartTime)
  const end = text(found.EventEndTime)
  const created = text(found.ReplayStartTime)
  return {
    id:
      found.ReplayArn === undefined
        ? ReplayArn.ofArchive(EventSourceArn, ReplayName)
        : EventStream.ReplayId.make(found.ReplayArn),
    name: ReplayName,
    provider: ProviderName.eventbridge,
    progress: {
      state: known ? State : "PENDING",
      ...(reason === undefined || reason === "" ? {} : { stateReason: reason }),
      ...(lastReplayedDate === undefined ? {} : { lastReplayedDate })
    },
    topics,
    ...(start === undefined ? {} : { start }),
    ...(end === undefined ? {} : { end }),
    ...(found.Destination?.Arn === undefined ? {} : { destination: found.Destination.Arn }),
    ...(created === undefined ? {} : { dateCreated: created })
  }
}

// EventBridge keeps whole seconds.
const seconds = (instant: DateTime.Utc): number => Math.floor(DateTime.toEpochMillis(instant) / 1_000)

const sameTime = (wanted: DateTime.Utc, found: Date | undefined): boolean =>
  found !== undefined && seconds(wanted) === Math.floor(found.getTime() / 1_000)

/**
 * The fields in which a replay that has the window's name differs from what the window asks: archive, times, destination.
 * Times count by the second.
 */
export const differences = (wanted: Wanted, found: AwsReplay): ReadonlyArray<Difference.Difference> => {
  const archive = ReplayArn.archiveName(found.EventSourceArn)
  const rules = [...(found.Destination?.FilterArns ?? [])].sort()
  const wantedRules = [...wanted.rules].sort()
  const difference = (same: boolean, path: string, asked: unknown, stands: unknown) =>
    same ? [] : [{ path, wanted: asked, found: stands }]
  return [
    ...difference(wanted.archive === undefined || wanted.archive === archive, "archive", wanted.archive, archive),
    ...difference(
      sameTime(wanted.start, found.EventStartTime),
      "start",
      Instant.format(wanted.start),
      text(found.EventStartTime)
    ),
    ...difference(
      !wanted.endIsFixed || sameTime(wanted.end, found.EventEndTime),
      "end",
      Instant.format(wanted.end),
      text(found.EventEndTime)
    ),
    ...difference(found.Destination?.Arn === wanted.bus, "destination", wanted.bus, found.Destination?.Arn),
    ...difference(JSON.stringify(rules) === JSON.stringify(wantedRules), "rules", wantedRules, rules)
  ]
}
