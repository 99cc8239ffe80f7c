import { describe, expect, it } from "@effect/vitest"
import { PlannedWindow, Proof } from "@genesys-replay/domain"
import { DateTime, Effect, Schema } from "effect"
import { codes, draft, draftAt, now, oneWindow } from "./Planning.js"

// As documents have it.
const proofOf = (window: Record<string, unknown>, rest: Record<string, unknown> = {}) =>
  Effect.map(draft(oneWindow(window, rest)), ({ windows: [first] }) =>
    first === undefined ? undefined : Schema.encodeSync(PlannedWindow.PlannedWindow)(first).prove
  )

const archived = { topics: ["v2.detail.events.conversation.{id}.acd.start"], start: "-3h" }

describe("prove, in a spec", () => {
  it.effect("is planned with the end of the window, for every provider", () =>
    Effect.gen(function* () {
      const end = "2024-01-15T11:00:00Z"
      for (const by of Proof.ProofMeasure.literals) {
        expect(yield* proofOf({ prove: by, end })).toEqual({ by, end, endIsFixed: true })
      }
      const eventbridge = { provider: "eventbridge" }
      expect(yield* proofOf({ ...archived, prove: "records", end: "-1h" }, eventbridge)).toEqual({
        by: "records",
        end: "2024-01-16T11:00:00Z",
        endIsFixed: true
      })
    })
  )

  it.effect("reaches to the instant of planning where the spec leaves the end open", () =>
    Effect.gen(function* () {
      expect(yield* proofOf({ prove: "records" })).toEqual({
        by: "records",
        end: "2024-01-16T12:00:00Z",
        endIsFixed: false
      })
    })
  )

  it.effect("may stand in the defaults, and a window may say otherwise", () =>
    Effect.gen(function* () {
      const { defaults } = oneWindow({})
      const rest = { defaults: { ...defaults, prove: "records" } }
      expect((yield* proofOf({}, rest))?.by).toBe("records")
      expect((yield* proofOf({ prove: "sequence" }, rest))?.by).toBe("sequence")
    })
  )

  it.effect("is nothing that is submitted: payload and hash are those of a window that says nothing", () =>
    Effect.gen(function* () {
      const plain = yield* draft(oneWindow({}))
      const proven = yield* draft(oneWindow({ prove: "records" }))
      expect(plain.windows.map(Object.keys)).not.toContainEqual(expect.arrayContaining(["prove"]))
      expect(proven.windows.map(({ prove: _, ...rest }) => rest)).toEqual(plain.windows)
    })
  )

  it.effect("is warned of where it goes by numbers and events have none", () =>
    Effect.gen(function* () {
      const of = (prove: string, provider: string) =>
        Effect.map(draftAt(now, oneWindow({ ...archived, end: "-1h", prove }, { provider })), ({ findings }) =>
          codes(findings).filter((code) => code.includes("proof"))
        )
      expect(yield* of("sequence", "eventbridge")).toEqual(["warning proof-without-numbers windows[0].prove"])
      expect(yield* of("sequence", "genesys")).toEqual([])
      expect(yield* of("records", "eventbridge")).toEqual([])
    })
  )
})

describe("Proof.isSame", () => {
  const at = (end: string) => ({ by: "records" as const, end: DateTime.unsafeMake(end) })
  const open = (end: string): Proof.Proof => ({ ...at(end), endIsFixed: false })
  const fixed = (end: string): Proof.Proof => ({ ...at(end), endIsFixed: true })
  const [one, other] = ["2024-01-15T11:00:00Z", "2024-01-15T12:00:00Z"]

  it("takes an end that is left open for no difference, and one that is named for one", () => {
    expect(Proof.isSame(open(one), open(other))).toBe(true)
    expect(Proof.isSame(fixed(one), fixed(other))).toBe(false)
    expect(Proof.isSame(fixed(one), open(one))).toBe(false)
    expect(Proof.isSame(fixed(one), { ...fixed(one), by: "baseline" })).toBe(false)
    expect([Proof.isSame(undefined, undefined), Proof.isSame(undefined, open(one))]).toEqual([true, false])
  })
})
