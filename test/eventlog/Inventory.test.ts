import { readFileSync } from "node:fs"
import { describe, expect, it } from "@effect/vitest"
import { Inventory, LogSource } from "@genesys-replay/eventlog"
import { DateTime, Effect, Stream } from "effect"

const sample = readFileSync(new URL("../domain/samples/voice-conversation.events.ndjson", import.meta.url), "utf8")
const lines = sample.trimEnd().split("\n")

const sourceOf = (text: string) => LogSource.bytes("events", Stream.make(new TextEncoder().encode(text)))

const taken = (...texts: ReadonlyArray<string>) => Effect.scoped(Inventory.take(texts.map(sourceOf)))

describe("Inventory", () => {
  it.live(
    "counts the events of each topic, the distinct ones among them, and tells the first and last event time",
    () =>
      Effect.gen(function* () {
        const { report } = yield* taken(sample, lines.slice(3).reverse().join("\n"))
        expect(report).toMatchObject({ verdict: "not proven", isContiguous: null, groups: [], rejected: { count: 0 } })
        const counts = new Map<string, { observed: number; unique: number; times: Array<number> }>()
        for (const [at, line] of lines.entries()) {
          const { detail, "detail-type": topic } = JSON.parse(line)
          const known = counts.get(topic) ?? { observed: 0, unique: 0, times: [] }
          counts.set(topic, {
            observed: known.observed + (at < 3 ? 1 : 2),
            unique: known.unique + 1,
            times: [...known.times, detail.eventBody.eventTime]
          })
        }
        expect(report.inventory).toEqual(
          [...counts]
            .sort(([left], [right]) => (left < right ? -1 : 1))
            .map(([group, { observed, times, unique }]) => ({
              group,
              observed,
              unique,
              duplicates: observed - unique,
              from: DateTime.unsafeMake(Math.min(...times)),
              to: DateTime.unsafeMake(Math.max(...times))
            }))
        )
      })
  )

  it.live("rejects what is no event, and tells no time where there is none", () =>
    Effect.gen(function* () {
      const { report } = yield* taken('not json\n{"source":"a","detail-type":"b","detail":{}}\n{}\n')
      expect(report.rejected.count).toBe(2)
      expect(report.inventory).toEqual([{ group: "b", observed: 1, unique: 1, duplicates: 0, from: null, to: null }])
    })
  )

  it.live("names what cannot be read", () =>
    Effect.gen(function* () {
      const { report, unreadable } = yield* Effect.scoped(Inventory.take([LogSource.file("/nowhere/at.all")]))
      expect(report.inventory).toEqual([])
      expect(unreadable.map(({ _tag }) => _tag)).toEqual(["UnreadableSource"])
      expect(report.unread).toMatchObject([{ source: "/nowhere/at.all" }])
    })
  )
})
