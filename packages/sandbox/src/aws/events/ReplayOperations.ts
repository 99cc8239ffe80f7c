/** Operations on replays. */
import { Clock, Effect, Option } from "effect"
import * as Arn from "../Arn.js"
import * as AwsError from "../AwsError.js"
import { implement } from "../AwsJson.js"
import * as Page from "../Page.js"
import { onlyOne } from "./ArchiveOperations.js"
import { Archives } from "./Archives.js"
import * as Api from "./EventBridgeApi.js"
import { EventBuses } from "./EventBuses.js"
import * as Replays from "./Replays.js"

const document = (replay: Replays.Replay) => ({
  ReplayName: replay.name,
  EventSourceArn: Arn.archive(replay.archive),
  State: replay.state,
  StateReason: replay.stateReason,
  EventStartTime: replay.from,
  EventEndTime: replay.until,
  EventLastReplayedTime: replay.lastReplayedAt,
  ReplayStartTime: replay.startedAt,
  ReplayEndTime: replay.endedAt
})

const invalid = (parameter: string, reason: string) =>
  AwsError.validation(`Parameter ${parameter} is not valid. Reason: ${reason}`)

/** The operations. */
export const make = Effect.gen(function* () {
  const buses = yield* EventBuses
  const archives = yield* Archives
  const replays = yield* Replays.Replays

  const start = Effect.fnUntraced(function* (input: typeof Api.StartReplay.input.Type) {
    const { Destination, EventEndTime: until, EventSourceArn, EventStartTime: from } = input
    const archiveName = Arn.archiveName(EventSourceArn)
    if (Option.isNone(archiveName)) return yield* invalid("EventSourceArn", "Must contain an archive ARN.")
    const busName = Arn.eventBusName(Destination.Arn)
    if (Option.isNone(busName)) return yield* invalid("Destination.Arn", "Must contain an event bus ARN.")
    const archive = yield* archives.get(archiveName.value)
    const bus = yield* buses.get(busName.value)
    if (archive.bus !== bus.name) {
      return yield* invalid("Destination.Arn", "Cross event bus replay is not permitted.")
    }
    if (from >= until) return yield* invalid("EventEndTime", "EventStartTime must be before EventEndTime.")
    if (until > (yield* Clock.currentTimeMillis)) {
      return yield* invalid("EventEndTime", "EventEndTime must not be in the future.")
    }
    const ruleArns = Destination.FilterArns ?? []
    const rules = yield* buses.rules(bus.name)
    const unknown = ruleArns.find((arn) => !rules.some((rule) => rule.arn === arn))
    if (unknown !== undefined) {
      return yield* invalid("Destination.FilterArns", `Rule ${unknown} does not exist on event bus ${bus.name}.`)
    }
    return yield* replays.start({
      name: input.ReplayName,
      description: input.Description,
      archive: archive.name,
      bus: bus.name,
      ruleArns,
      from,
      until
    })
  })

  return [
    implement(Api.StartReplay, (input) =>
      Effect.map(start(input), (replay) => ({
        ReplayArn: replay.arn,
        State: replay.state,
        ReplayStartTime: replay.startedAt
      }))
    ),
    implement(Api.DescribeReplay, ({ ReplayName }) =>
      Effect.map(replays.get(ReplayName), (replay) => ({
        ReplayArn: replay.arn,
        Description: replay.description,
        Destination: { Arn: Arn.eventBus(replay.bus), FilterArns: replay.ruleArns },
        ...document(replay)
      }))
    ),
    implement(Api.ListReplays, ({ EventSourceArn, Limit, NamePrefix, NextToken, State }) =>
      Effect.gen(function* () {
        yield* onlyOne({ NamePrefix, State, EventSourceArn })
        const all = (yield* replays.all).filter(
          ({ archive, name, state }) =>
            name.startsWith(NamePrefix ?? "") &&
            (State === undefined || State === state) &&
            (EventSourceArn === undefined || EventSourceArn === Arn.archive(archive))
        )
        const page = yield* Page.of(all, { limit: Limit, token: NextToken })
        return { Replays: page.items.map(document), NextToken: page.next }
      })
    ),
    implement(Api.CancelReplay, ({ ReplayName }) =>
      Effect.map(replays.cancel(ReplayName), (replay) => ({ ReplayArn: replay.arn, State: replay.state }))
    )
  ]
})
