/**
 * What of some captures is to be sent: which events, each once, in which order, at most so many. The dry run and the run have
 * it from here.
 */
import type { FileSystem } from "@effect/platform"
import { Chunk, Effect, Either, Schema, Stream } from "effect"
import type { Acknowledgements } from "./Acknowledgements.js"
import { IdentitySet } from "./IdentitySet.js"
import type { ResendFileFailed } from "./ResendError.js"
import * as ResendEvent from "./ResendEvent.js"
import * as ResendFilter from "./ResendFilter.js"
import * as TimeOrder from "./TimeOrder.js"

/** What is chosen. */
export interface Options {
  /** Which events; all of them unless told. */
  readonly filter?: ResendFilter.ResendFilter | undefined
  /** `file`, unless told: as they come. `time`: by event time; those that say none are rejected. */
  readonly order?: "file" | "time" | undefined
  /** At most so many. In the order of the file, nothing is read behind the last of them. */
  readonly limit?: number | undefined
  /** How many bytes of envelopes are kept in memory while they are sorted; 64 MiB. */
  readonly memory?: number | undefined
}

/** What became of the records that were read. */
export const Tally = Schema.Struct({
  records: Schema.NonNegativeInt,
  /** Records that are no events, or do not say when they happened where that counts; and the first of them. */
  rejected: Schema.Struct({ count: Schema.NonNegativeInt, first: Schema.Array(ResendEvent.Rejected) }),
  /** Events that the filter did not let pass. */
  passedOver: Schema.NonNegativeInt,
  /** Events that came before in the same captures. */
  duplicates: Schema.NonNegativeInt,
  /** Events that the target had acknowledged before. */
  before: Schema.NonNegativeInt,
  /** Events to be sent. */
  chosen: Schema.NonNegativeInt,
  /** Events of `only` that were not among the records; null where there is no `only`, or not everything was read. */
  notFound: Schema.NullOr(Schema.NonNegativeInt)
}).annotations({ identifier: "ResendTally" })

/** See {@link Tally}. */
export interface Tally extends Schema.Schema.Type<typeof Tally> {}

/** A selection that is going on. */
export interface Selection<E, R> {
  readonly events: Stream.Stream<ResendEvent.ResendEvent, E | ResendFileFailed, R | FileSystem.FileSystem>
  /** How it stands. */
  readonly tally: () => Tally
  /** How many events are to be sent in all, once that is known: when they were sorted. */
  readonly total: () => number | null
}

/** At most so many rejected records are told one by one. */
export const mostRejected = 10

const noTime = "it does not say when it happened"

/** The selection from these records. Memory grows by some 40 bytes for each distinct event that passes the filter. */
export const make = <E, R>(
  records: Stream.Stream<ResendEvent.Input, E, R>,
  acknowledgements: Acknowledgements,
  { filter = {}, limit = Number.POSITIVE_INFINITY, memory, order = "file" }: Options = {}
): Selection<E, R> => {
  const needsTime = order === "time" || ResendFilter.needsTime(filter)
  const seen = new IdentitySet()
  const found = new IdentitySet()
  const counts = { records: 0, rejected: 0, passedOver: 0, duplicates: 0, before: 0, unsent: 0 }
  const first: Array<ResendEvent.Rejected> = []
  const isEnough = (): boolean => order === "file" && counts.unsent >= limit
  let total: number | null = null

  const reject = (one: ResendEvent.Rejected): void => {
    counts.rejected++
    if (first.length < mostRejected) first.push(one)
  }

  const isChosen = (read: ResendEvent.Read): boolean => {
    const { event } = read
    const wanted = filter.only?.match(read)
    for (const name of wanted ?? []) found.add(name)
    if (needsTime && event.timeMs === undefined) reject({ source: event.source, line: event.line, reason: noTime })
    else if (wanted?.length === 0 || !ResendFilter.passes(filter, read)) counts.passedOver++
    else if (!seen.add(event.id)) counts.duplicates++
    else if (acknowledgements.has(event.id)) counts.before++
    else {
      counts.unsent++
      return true
    }
    return false
  }

  const choose = (inputs: Chunk.Chunk<ResendEvent.Input>): Chunk.Chunk<ResendEvent.ResendEvent> => {
    const chosen: Array<ResendEvent.ResendEvent> = []
    for (const input of inputs) {
      if (isEnough()) break
      counts.records++
      for (const read of ResendEvent.read(input)) {
        if (isEnough()) break
        if (Either.isLeft(read)) reject(read.left)
        else if (isChosen(read.right)) chosen.push(read.right.event)
      }
    }
    return Chunk.unsafeFromArray(chosen)
  }

  const chosen = Stream.mapChunks(records, choose)
  const onSorted = (count: number) =>
    Effect.sync(() => {
      total = Math.min(count, limit)
    })
  const ordered = order === "file" ? chosen : TimeOrder.sorted(chosen, { memory, onSorted })
  return {
    events: limit === Number.POSITIVE_INFINITY ? ordered : Stream.take(ordered, limit),
    tally: () => ({
      records: counts.records,
      rejected: { count: counts.rejected, first },
      passedOver: counts.passedOver,
      duplicates: counts.duplicates,
      before: counts.before,
      chosen: Math.min(counts.unsent, limit),
      notFound: filter.only === undefined || isEnough() ? null : filter.only.size - found.size
    }),
    total: () => total
  }
}
