/** What is in a capture, topic by topic, told by what the events are: for captures of which nothing can be proven. */
import { InventoryReport } from "@genesys-replay/domain"
import { DateTime, Effect, type Scope } from "effect"
import type { Progress, SourceRead } from "../observe/LogReading.js"
import * as SourcePlan from "../observe/SourcePlan.js"
import * as LogSource from "../source/LogSource.js"
import * as EventEntries from "../threads/EventEntries.js"
import type { EventOptions } from "../threads/EventTally.js"
import * as PartPlan from "../threads/PartPlan.js"
import * as PartPool from "../threads/PartPool.js"
import * as EventReading from "./EventReading.js"
import { EventStore } from "./EventStore.js"
import * as HashSeed from "./HashSeed.js"
import { Matching } from "./Matching.js"
import { SpillFile, type TemporaryFileFailure } from "./SpillFile.js"

/** What {@link take} is told. */
export interface InventoryOptions {
  /** How many rejected records are shown, 10 by default. All are counted. */
  readonly maxRejected?: number | undefined
  /** Whether directories and archives are read whole, whatever the names of the files in them. */
  readonly all?: boolean | undefined
  /** In bytes, 1 GiB by default. What does not fit is kept in a temporary file. */
  readonly memory?: number | undefined
  readonly onProgress?: ((progress: Progress) => Effect.Effect<void>) | undefined
}

/** What came of it. */
export interface Result {
  readonly report: InventoryReport.InventoryReport
  /** Sources that were not read, or not to the end. */
  readonly unreadable: ReadonlyArray<LogSource.Unread>
  readonly sources: ReadonlyArray<SourceRead>
}

const gibibyte = 1_073_741_824

/** By name, what has none last. */
const sorted = (groups: ReadonlyArray<InventoryReport.InventoryGroup>): ReadonlyArray<InventoryReport.InventoryGroup> =>
  [...groups].sort(({ group: left }, { group: right }) =>
    left === right ? 0 : right === null || (left !== null && left < right) ? -1 : 1
  )

/**
 * Reads all sources and says for each topic how many events there are, how many of them are distinct (see `EventIdentity`), and from when to
 * when. Counts are exact. Memory stays within `memory`. A source that cannot be read is named in `unreadable`. Fails with
 * `TemporaryFileFailure` where a temporary file is needed and cannot be written.
 */
export const take = Effect.fn("Inventory.take")(function* (
  sources: ReadonlyArray<LogSource.LogSource>,
  options: InventoryOptions = {}
): Effect.fn.Return<Result, TemporaryFileFailure, Scope.Scope> {
  const memory = options.memory ?? gibibyte
  const eventOptions: EventOptions = {
    layout: { key: undefined, seed: yield* HashSeed.draw },
    byEnvelope: false,
    startMs: Number.NEGATIVE_INFINITY,
    endMs: Number.POSITIVE_INFINITY,
    topics: [],
    conversations: [],
    maxRejected: options.maxRejected ?? PartPlan.mostRejected
  }
  const store = new EventStore(memory / 2, yield* SpillFile.make, "capture")
  const reading = new EventReading.EventReading(store, eventOptions.maxRejected)
  const { leftOut, planned, unreadable } = yield* SourcePlan.make(sources, options)
  reading.unread.push(...unreadable)
  reading.leftOut.push(...leftOut)
  yield* EventReading.readAll(
    planned.map((one) => ({ ...one, side: "capture" as const, name: LogSource.nameOf(one.source) })),
    reading,
    eventOptions,
    { all: options.all ?? false, onProgress: options.onProgress }
  )
  const matching = new Matching(store, { expected: () => {} }, memory / 4)
  for (let partition = 0; partition < EventEntries.partitions; partition++) {
    yield* Effect.try({ try: () => matching.match(partition), catch: SpillFile.failure })
    if (partition % 16 === 15) yield* PartPool.breathe
  }
  const instant = (millis: number | undefined) => (millis === undefined ? null : DateTime.unsafeMake(millis))
  const inventory = reading.groups.flatMap((group, number) => {
    const { distinct, observed } = matching.groups[number] ?? { distinct: 0, observed: 0 }
    const span = store.spanOf(number)
    if (observed === 0) return []
    const counts = { observed, unique: distinct, duplicates: observed - distinct }
    return [{ group, ...counts, from: instant(span?.firstMs), to: instant(span?.lastMs) }]
  })
  return {
    report: InventoryReport.make({
      inventory: sorted(inventory),
      rejected: { count: reading.rejectedCount, first: reading.rejected },
      unread: reading.unread.map(({ bytesRead, reason, source }) => ({ source, reason, bytesRead })),
      leftOut: SourcePlan.listed(reading.leftOut)
    }),
    unreadable: reading.unread,
    sources: reading.reads
  }
})
