import { describe, expect, it } from "@effect/vitest"
import { ProviderError } from "@genesys-replay/domain"
import { LogSource } from "@genesys-replay/eventlog"
import { WindowError } from "@genesys-replay/pipeline"
import { Schema } from "effect"

const kept = Schema.parseJson(WindowError.WindowError)
const readAgain = (error: WindowError.WindowError) => Schema.decodeSync(kept)(Schema.encodeSync(kept)(error))

const conflict = new ProviderError.ReplayConflict({
  operation: "POST /api/v2/eventstreams",
  correlationId: "c-1",
  name: "outage",
  id: "id-1",
  // A stream that has no such field.
  differences: [{ path: "retentionDays", wanted: 30, found: undefined }]
})

const known: ReadonlyArray<WindowError.WindowError> = [
  conflict,
  new ProviderError.RateLimited({
    operation: "POST",
    attempts: 4,
    elapsedMs: 1_500,
    lastAnswer: "429 Too Many Requests",
    retryAfterSeconds: 7
  }),
  new ProviderError.ReplayRefused({
    operation: "events:StartReplay",
    name: "outage",
    findings: [
      { severity: "error", code: "archive-not-found", window: "outage", path: "archive", message: "there is none" }
    ]
  }),
  new ProviderError.ReplayNotFound({ operation: "GET", id: "id-1" }),
  new LogSource.UnreadableSource({ source: "events.ndjson", reason: "no such file", bytesRead: 0 }),
  new WindowError.VerifierGone({ window: "outage" }),
  new WindowError.WindowCancelled(),
  new WindowError.Defect({ message: "a bug" })
]

describe("The error of a window", () => {
  for (const error of known) {
    it(`${error._tag} is kept, and read again with its type, its fields and its words`, () => {
      const again = readAgain(error)
      expect(again).toBeInstanceOf(error.constructor)
      expect(again.message).toBe(error.message)
      expect(JSON.stringify(again)).toBe(JSON.stringify(error))
    })
  }

  it("is what was thrown, where that is known", () => {
    for (const error of known) expect(WindowError.of(error)).toBe(error)
  })

  it("that is not known here keeps its tag, its words and its remedy", () => {
    const own = { _tag: "WarehouseAway", message: "no warehouse", remedy: "wait", correlationId: "c-2", secret: "s" }
    const error = readAgain(WindowError.of(own))
    expect(error).toEqual(
      new WindowError.OtherError({
        tag: "WarehouseAway",
        message: "no warehouse",
        remedy: "wait",
        correlationId: "c-2"
      })
    )
    expect(WindowError.summarize(error)).toEqual(WindowError.summarize(own))
  })

  it("is a defect where it is nobody's error", () => {
    expect(WindowError.of(new Error("a bug"))).toEqual(new WindowError.Defect({ message: "a bug" }))
    expect(WindowError.of("a text")).toEqual(new WindowError.Defect({ message: "a text" }))
  })

  it("is told in words by documents, of which only the words are read", () => {
    const words = { tag: "ReplayConflict", message: conflict.message, correlationId: "c-1" }
    expect(Schema.encodeSync(WindowError.InWords)(conflict)).toEqual(words)
    expect(Schema.decodeSync(WindowError.InWords)(words)).toEqual(new WindowError.OtherError(words))
  })
})
