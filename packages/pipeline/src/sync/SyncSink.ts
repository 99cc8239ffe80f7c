/** The sinks of a program: those that its runs tell, and how a sink of another program's run is found by its name. */
import { SyncSink as Domain } from "@genesys-replay/domain"
import { Cause, Context, type Duration, Effect, Layer, Option, Ref, Schema, type Scope } from "effect"
import * as CanonicalJson from "../digest/CanonicalJson.js"
import type { StateUnavailable } from "../state/StateUnavailable.js"
import { SinkAddresses } from "./SinkAddresses.js"

/** See `SyncSink.SyncSink` of the domain: a system downstream. */
export type SyncSink = Domain.SyncSink

/** See `SyncSink.SyncDocument` of the domain: what sinks are told. */
export type SyncDocument = Domain.SyncDocument

/** See `SyncSink.SyncFailed` of the domain: a sink did not take a document. */
export const SyncFailed = Domain.SyncFailed

export type SyncFailed = Domain.SyncFailed

/** See `SyncSink.kindOf` of the domain: which kind a document is. */
export const kindOf = Domain.kindOf

/** The id of a document: the same for the same document, however often it is delivered, so that a receiver can drop what it has. */
export const idOf = (document: SyncDocument): string => `msg_${CanonicalJson.digest(document, 32)}`

/** Tells sinks of one origin apart without showing where they are: a few digits of the digest of the whole address. */
export const markOf = (location: string): string => `#${CanonicalJson.digest(location, 6)}`

/** What became of one document at one sink. */
export interface SyncResult {
  readonly sink: string
  readonly id: string
  readonly document: ReturnType<typeof kindOf>
  /** None where the sink took it. */
  readonly failure: Option.Option<SyncFailed>
}

/** This process cannot deliver to a sink: it does not know it, or lacks its secret. Another process may well be able to. */
export class SinkUnknown extends Schema.TaggedError<SinkUnknown>()("SinkUnknown", {
  /** The sink's name. */
  sink: Schema.String,
  /** What is missing, and what to do. */
  reason: Schema.String
}) {
  override get message(): string {
    return `the sink ${this.sink} cannot be told from here: ${this.reason}`
  }
}

/** The operations. */
export interface Sinks {
  /** Those that the runs of this program tell; no two have the same name. */
  readonly sinks: ReadonlyArray<SyncSink>
  /** The sink of this name: one of `sinks`, or one that another process named. {@link SinkUnknown} where there is no way to it. */
  readonly find: (name: string) => Effect.Effect<SyncSink, SinkUnknown | StateUnavailable>
  /**
   * Keeps where `sinks` are, for processes that were not told; belongs into the transaction that writes their names down.
   * Nothing, unless the sinks are {@link SyncSinks.remembered}.
   */
  readonly register: Effect.Effect<void, StateUnavailable>
}

const isSame = (one: SyncSink, other: SyncSink): boolean =>
  one === other || (one.address !== undefined && one.address.location === other.address?.location)

const byName = (sinks: ReadonlyArray<SyncSink>): ReadonlyMap<string, SyncSink> => {
  const named = new Map<string, SyncSink>()
  for (const sink of sinks) {
    const before = named.get(sink.name)
    // What is delivered is kept by name: one of the two would never be told.
    if (before !== undefined && !isSame(before, sink)) throw new Error(`two sinks are called ${sink.name}`)
    named.set(sink.name, before ?? sink)
  }
  return named
}

const unknown = (name: string) =>
  Effect.fail(new SinkUnknown({ sink: name, reason: "this process was not told where it is" }))

/**
 * Sinks that are found by their names among themselves, and by `elsewhere` when they are none of them. One that is named
 * twice is told once; two different ones of one name are a bug, and it throws.
 */
export const among = (sinks: ReadonlyArray<SyncSink>, elsewhere: Sinks["find"] = unknown): Sinks => {
  const named = byName(sinks)
  return {
    sinks: [...named.values()],
    find: (name) =>
      Option.match(Option.fromNullable(named.get(name)), { onNone: () => elsewhere(name), onSome: Effect.succeed }),
    register: Effect.void
  }
}

/** The service tag. */
export class SyncSinks extends Context.Tag("@genesys-replay/pipeline/SyncSinks")<SyncSinks, Sinks>() {
  /** Nobody is told. */
  static readonly layerNone: Layer.Layer<SyncSinks> = Layer.sync(SyncSinks, () => among([]))

  /** These are told. */
  static readonly layerOf = (...sinks: ReadonlyArray<SyncSink>): Layer.Layer<SyncSinks> =>
    Layer.sync(SyncSinks, () => among(sinks))

  /** This one is told; `make` is what the sinks' modules have. */
  static readonly layerMake = <E, R>(
    make: Effect.Effect<SyncSink, E, R>
  ): Layer.Layer<SyncSinks, E, Exclude<R, Scope.Scope>> =>
    Layer.scoped(
      SyncSinks,
      Effect.map(make, (sink) => among([sink]))
    )

  /** The sinks of one layer, then those of another: `first.pipe(SyncSinks.and(second))`. */
  static readonly and =
    <E2, R2>(second: Layer.Layer<SyncSinks, E2, R2>) =>
    <E1, R1>(first: Layer.Layer<SyncSinks, E1, R1>): Layer.Layer<SyncSinks, E1 | E2, R1 | R2> =>
      Layer.scoped(
        SyncSinks,
        Effect.zipWith(Layer.build(first), Layer.build(second), (left, right) => {
          const [one, other] = [Context.get(left, SyncSinks), Context.get(right, SyncSinks)]
          const both = among([...one.sinks, ...other.sinks], (name) =>
            Effect.catchTag(one.find(name), "SinkUnknown", () => other.find(name))
          )
          return { ...both, register: Effect.zipRight(one.register, other.register) }
        })
      )

  /**
   * The sinks of a layer, for several programs on one database: their addresses are kept, and `elsewhere` makes a sink of an
   * address that another program kept, once for each.
   */
  static readonly remembered =
    <R2>(elsewhere: (address: Domain.SinkAddress, name: string) => Effect.Effect<SyncSink, SinkUnknown, R2>) =>
    <E, R>(
      own: Layer.Layer<SyncSinks, E, R>
    ): Layer.Layer<SyncSinks, E, R | SinkAddresses | Exclude<R2, Scope.Scope>> =>
      Layer.scoped(
        SyncSinks,
        Effect.gen(function* () {
          const addresses = yield* SinkAddresses
          const services = yield* Effect.context<R2>()
          const { find, sinks } = Context.get(yield* Layer.build(own), SyncSinks)
          const made = yield* Ref.make<ReadonlyMap<string, SyncSink>>(new Map())
          const make = (name: string) =>
            Effect.gen(function* () {
              const address = yield* addresses.find(name)
              if (Option.isNone(address)) return yield* unknown(name)
              const sink = yield* Effect.provide(elsewhere(address.value, name), services)
              yield* Ref.update(made, (all) => new Map(all).set(name, sink))
              return sink
            })
          const turn = yield* Effect.makeSemaphore(1)
          const kept: Sinks["find"] = (name) =>
            Effect.flatMap(Ref.get(made), (all) => {
              const sink = all.get(name)
              return sink === undefined ? make(name) : Effect.succeed(sink)
            }).pipe(turn.withPermits(1))
          return {
            sinks,
            find: (name) => Effect.catchTag(find(name), "SinkUnknown", () => kept(name)),
            register: addresses.register(sinks)
          }
        })
      )
}

/** The failure that a cause comes to. */
export const failureOf = (sink: string, id: string, cause: Cause.Cause<SyncFailed>): SyncFailed =>
  Option.getOrElse(
    Cause.failureOption(cause),
    () =>
      new SyncFailed({
        sink,
        id,
        reason: Cause.isInterruptedOnly(cause) ? "it was interrupted" : String(Cause.squash(cause))
      })
  )

/**
 * One delivery. A sink that dies, or takes longer than `timeout`, is a {@link SyncFailed} like any other: nothing that a sink
 * does reaches further.
 */
export const deliverTo = (
  sink: SyncSink,
  document: SyncDocument,
  id: string,
  timeout: Duration.DurationInput
): Effect.Effect<void, SyncFailed> =>
  Effect.suspend(() => sink.deliver(document, id)).pipe(
    // Disconnected, because a sink that cannot be interrupted would otherwise hold the others beyond its time.
    Effect.disconnect,
    Effect.timeoutFail({
      duration: timeout,
      onTimeout: () => new SyncFailed({ sink: sink.name, id, reason: "it did not answer in time" })
    }),
    Effect.sandbox,
    Effect.mapError((cause) => failureOf(sink.name, id, cause))
  )
