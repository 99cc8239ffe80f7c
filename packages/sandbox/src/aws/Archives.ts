/** Archives: what they keep of the events on their bus. */
import { Chunk, Clock, Context, Duration, Effect, HashMap, Layer, Option, SynchronizedRef } from "effect"
import * as Arn from "./Arn.js"
import * as AwsError from "./AwsError.js"
import * as BusEvent from "./BusEvent.js"
import type { EventPattern } from "./EventPattern.js"

/** What an archive is told to be. */
export interface Definition {
  readonly name: string
  /** The name of the bus whose events it keeps. */
  readonly bus: string
  readonly description: string | undefined
  /** None keeps every event. */
  readonly pattern: Option.Option<EventPattern>
  /** Days; 0 keeps events for ever. */
  readonly retentionDays: number
}

/** An archive. */
export interface Archive extends Definition {
  readonly arn: string
  /** Epoch milliseconds. */
  readonly createdAt: number
  readonly events: Chunk.Chunk<BusEvent.BusEvent>
}

/** What an archive holds at an instant. */
export interface Holding {
  readonly events: number
  readonly bytes: number
}

/** The operations. They fail with `ResourceNotFoundException` where the archive is not there. */
export interface Service {
  /** A new archive. Fails with `ResourceAlreadyExistsException`. */
  readonly create: (definition: Definition, createdAt?: number) => Effect.Effect<Archive, AwsError.AwsError>
  readonly get: (name: string) => Effect.Effect<Archive, AwsError.AwsError>
  /** Changes an archive; what it holds already stays. */
  readonly change: (name: string, change: (archive: Archive) => Archive) => Effect.Effect<Archive, AwsError.AwsError>
  readonly remove: (name: string) => Effect.Effect<void, AwsError.AwsError>
  /** Every archive, by name. */
  readonly all: Effect.Effect<ReadonlyArray<Archive>>
  /** Puts events of a bus into the archives whose patterns they match. */
  readonly keep: (bus: string, events: ReadonlyArray<BusEvent.BusEvent>) => Effect.Effect<void>
  /** Puts events into one archive as far as they match its pattern. */
  readonly write: (name: string, events: ReadonlyArray<BusEvent.BusEvent>) => Effect.Effect<void>
  /** How much an archive holds now. */
  readonly holding: (archive: Archive) => Effect.Effect<Holding>
  /** The events that happened in a span of time, `from` included, `until` not; oldest first. */
  readonly between: (archive: Archive, from: number, until: number) => Effect.Effect<ReadonlyArray<BusEvent.BusEvent>>
}

const archiveMissing = (name: string) => AwsError.resourceNotFound(`Archive ${name} does not exist.`)

const archiveOf = (archives: HashMap.HashMap<string, Archive>, name: string) =>
  Effect.mapError(HashMap.get(archives, name), () => archiveMissing(name))

const wants = (archive: Archive, event: BusEvent.BusEvent): boolean =>
  Option.match(archive.pattern, { onNone: () => true, onSome: (pattern) => pattern.matches(BusEvent.envelope(event)) })

const taking = (archive: Archive, events: ReadonlyArray<BusEvent.BusEvent>): Archive => ({
  ...archive,
  events: Chunk.appendAll(archive.events, Chunk.unsafeFromArray(events.filter((event) => wants(archive, event))))
})

/** What is in an archive: events that are not as old as its retention. */
const held = (archive: Archive, now: number): ReadonlyArray<BusEvent.BusEvent> => {
  const since =
    archive.retentionDays === 0
      ? Number.NEGATIVE_INFINITY
      : now - Duration.toMillis(Duration.days(archive.retentionDays))
  return Chunk.toReadonlyArray(archive.events).filter((event) => event.at > since)
}

/** The archives of this sandbox. */
export class Archives extends Context.Tag("@genesys-replay/sandbox/Archives")<Archives, Service>() {
  /** In memory, on the Clock. */
  static readonly layer = Layer.effect(
    Archives,
    Effect.gen(function* () {
      const state = yield* SynchronizedRef.make(HashMap.empty<string, Archive>())
      const heldNow = (archive: Archive) => Effect.map(Clock.currentTimeMillis, (now) => held(archive, now))
      return Archives.of({
        create: Effect.fn("Archives.create")(function* (definition, createdAt) {
          const { name } = definition
          const archive: Archive = {
            ...definition,
            arn: Arn.archive(name),
            createdAt: createdAt ?? (yield* Clock.currentTimeMillis),
            events: Chunk.empty()
          }
          yield* SynchronizedRef.updateEffect(state, (archives) =>
            HashMap.has(archives, name)
              ? AwsError.resourceAlreadyExists(`Archive ${name} already exists.`)
              : Effect.succeed(HashMap.set(archives, name, archive))
          )
          return archive
        }),
        get: (name) => Effect.flatMap(SynchronizedRef.get(state), (archives) => archiveOf(archives, name)),
        change: (name, change) =>
          SynchronizedRef.modifyEffect(state, (archives) =>
            Effect.map(archiveOf(archives, name), (before) => {
              const after = change(before)
              return [after, HashMap.set(archives, name, after)] as const
            })
          ),
        remove: (name) =>
          SynchronizedRef.updateEffect(state, (archives) =>
            Effect.as(archiveOf(archives, name), HashMap.remove(archives, name))
          ),
        all: Effect.map(SynchronizedRef.get(state), (archives) =>
          [...HashMap.values(archives)].sort((left, right) => (left.name < right.name ? -1 : 1))
        ),
        keep: (bus, events) =>
          SynchronizedRef.update(
            state,
            HashMap.map((archive) => (archive.bus === bus ? taking(archive, events) : archive))
          ),
        write: (name, events) =>
          SynchronizedRef.update(
            state,
            HashMap.modify(name, (archive) => taking(archive, events))
          ),
        holding: (archive) =>
          Effect.map(heldNow(archive), (events) => ({
            events: events.length,
            bytes: events.reduce((sum, event) => sum + JSON.stringify(BusEvent.envelope(event)).length, 0)
          })),
        between: (archive, from, until) =>
          Effect.map(heldNow(archive), (events) =>
            events.filter(({ at }) => at >= from && at < until).sort((left, right) => left.at - right.at)
          )
      })
    })
  )
}
