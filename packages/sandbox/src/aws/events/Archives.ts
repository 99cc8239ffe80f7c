/** Archives: what they keep of the events on their bus. */
import { Chunk, Clock, Context, Duration, Effect, HashMap, Layer, Option, SynchronizedRef } from "effect"
import * as Arn from "../Arn.js"
import * as AwsError from "../AwsError.js"
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
  readonly kept: Chunk.Chunk<Kept>
}

/** An event in an archive. */
export interface Kept {
  readonly event: BusEvent.BusEvent
  /** How large its envelope is. */
  readonly bytes: number
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

/** What an archive takes of some events. */
const taken = ({ pattern }: Archive, events: ReadonlyArray<BusEvent.BusEvent>): ReadonlyArray<Kept> =>
  events.flatMap((event) => {
    const envelope = BusEvent.envelope(event)
    const wanted = Option.match(pattern, { onNone: () => true, onSome: ({ matches }) => matches(envelope) })
    return wanted ? [{ event, bytes: JSON.stringify(envelope).length }] : []
  })

const taking = (archive: Archive, events: ReadonlyArray<BusEvent.BusEvent>): Archive => ({
  ...archive,
  kept: Chunk.appendAll(archive.kept, Chunk.fromIterable(taken(archive, events)))
})

/** What is in an archive: events that are not as old as its retention. */
const held = ({ kept, retentionDays }: Archive, now: number): ReadonlyArray<Kept> => {
  const since = retentionDays === 0 ? Number.NEGATIVE_INFINITY : now - Duration.toMillis(Duration.days(retentionDays))
  return Chunk.toReadonlyArray(kept).filter(({ event }) => event.at > since)
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
            kept: Chunk.empty()
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
          Effect.map(heldNow(archive), (all) => ({
            events: all.length,
            bytes: all.reduce((sum, { bytes }) => sum + bytes, 0)
          })),
        between: (archive, from, until) =>
          Effect.map(heldNow(archive), (all) =>
            all
              .map(({ event }) => event)
              .filter(({ at }) => at >= from && at < until)
              .sort((left, right) => left.at - right.at)
          )
      })
    })
  )
}
