/** Windows that are proven by the platform's records: the sample conversation as a capture, and a platform whose records come late. */
import { FileSystem } from "@effect/platform"
import { NodeContext } from "@effect/platform-node"
import { type PlannedWindow, PlatformRecords, RecordsError, TopicId } from "@genesys-replay/domain"
import { AuditTrail, type ReplayPipeline } from "@genesys-replay/pipeline"
import {
  Clock,
  DateTime,
  Duration,
  Effect,
  Fiber,
  Layer,
  Option,
  Ref,
  Schema,
  Stream,
  TestClock,
  TestServices
} from "effect"
import { voiceEvents, voiceRecord } from "../domain/Conversations.js"
import { windowOf } from "./Windows.js"

/** The end of the window, an hour after the sample conversation. */
export const end = DateTime.unsafeMake("2025-11-10T11:00:00Z")

/** So long after the end of the window. */
export const after = (duration: Duration.DurationInput) => DateTime.addDuration(end, duration)

/** A window of the sample conversation, which asks for this proof. */
export const proven = (
  by: "baseline" | "records",
  topics: ReadonlyArray<string> = ["v2.detail.events.conversation.{id}.*"]
): PlannedWindow.PlannedWindow => ({
  ...windowOf("outage", "2025-11-10T10:00:00Z"),
  topics: Schema.decodeUnknownSync(TopicId.TopicIds)(topics),
  prove: { by, end, endIsFixed: true }
})

/** A plan of that window. */
export const plan = (by: "baseline" | "records", topics?: ReadonlyArray<string>) => ({ windows: [proven(by, topics)] })

/** Starts the clock so long after the end of the window. */
export const startAt = (duration: Duration.DurationInput) => TestClock.setTime(DateTime.toEpochMillis(after(duration)))

/** A file with the events of the sample conversation, but for those of this topic. */
export const file = (without = "none") =>
  Effect.gen(function* () {
    const files = yield* FileSystem.FileSystem
    const path = yield* files.makeTempFileScoped({ suffix: ".ndjson" })
    yield* files.writeFileString(path, voiceEvents.filter((line) => !line.includes(`.{id}.${without}"`)).join("\n"))
    return path
  }).pipe(Effect.provide(NodeContext.layer))

/** How the platform behaves. */
export interface Behaviour {
  /** How far its records are behind. */
  readonly lag?: Duration.DurationInput | undefined
  /** The records that it has; that of the sample conversation unless told. */
  readonly records?: ReadonlyArray<unknown> | undefined
  /** What a look for the availability fails with, in its turn; nothing once they are used up. */
  readonly failures?: ReadonlyArray<RecordsError.RecordsError> | undefined
}

/** A platform, and how often it was asked for records. */
export const platform = Effect.fn("RecordsProof.platform")(function* (behaviour: Behaviour = {}) {
  const { lag = 0, records = [voiceRecord] } = behaviour
  const failures = yield* Ref.make(behaviour.failures ?? [])
  const retrieved = yield* Ref.make(0)
  const availability = Effect.gen(function* () {
    const failure = yield* Ref.modify(failures, ([first, ...rest]) => [Option.fromNullable(first), rest])
    if (Option.isSome(failure)) return yield* failure.value
    return Option.some(DateTime.unsafeMake((yield* Clock.currentTimeMillis) - Duration.toMillis(lag)))
  })
  const layer = Layer.succeed(PlatformRecords.PlatformRecords, {
    configured: Effect.void,
    availability,
    retrieve: (window) =>
      Effect.gen(function* () {
        yield* Ref.update(retrieved, (count) => count + 1)
        const dataAvailableUntil = Option.getOrNull(yield* availability)
        if (dataAvailableUntil === null || DateTime.lessThanOrEqualTo(dataAvailableUntil, window.end))
          return yield* new RecordsError.RecordsNotAvailable({ end: window.end, dataAvailableUntil })
        return { retrievedAt: yield* DateTime.now, dataAvailableUntil, records: Stream.fromIterable(records) }
      })
  } satisfies PlatformRecords.Service)
  return { layer, retrieved: Ref.get(retrieved) }
})

/** Runs `effect`, which reads files: that takes no time of the test clock, which goes on by itself where anything waits for it. */
export const settled = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const fiber = yield* Effect.fork(effect)
    const turn = TestServices.provideLive(Effect.sleep("2 millis"))
    while (Option.isNone(yield* Fiber.poll(fiber))) yield* Effect.zipRight(turn, TestClock.adjust("10 seconds"))
    return yield* Fiber.join(fiber)
  })

/** The entries of this action. */
export const noted = (action: "await_records" | "refuse_replay_config" | "verify_replay") =>
  Effect.flatMap(AuditTrail.AuditTrail, (trail) =>
    Effect.map(trail.list({ action }), (all) => all.map((one) => one.detail))
  )

/** The result of the one window. */
export const only = ({ results: [result] }: Effect.Effect.Success<ReturnType<typeof ReplayPipeline.apply>>) => {
  if (result === undefined) throw new Error("no result")
  return result
}
