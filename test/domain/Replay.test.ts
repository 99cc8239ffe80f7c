import { describe, expect, it } from "@effect/vitest"
import { EventStream, ProviderName, Replay } from "@genesys-replay/domain"
import { DateTime } from "effect"

const now = DateTime.unsafeMake("2024-01-15T12:00:00Z")

const replay = (
  state: EventStream.ReplayState,
  more: Partial<Replay.Replay> = {},
  lastReplayedDate?: string
): Replay.Replay => ({
  id: EventStream.ReplayId.make("id"),
  name: "outage",
  provider: ProviderName.genesys,
  topics: [],
  start: "2024-01-15T08:00:00Z",
  progress: { state, ...(lastReplayedDate === undefined ? {} : { lastReplayedDate }) },
  ...more
})

describe("Replay.fractionDone", () => {
  it("is how far the replayed event time has come on its way to now", () => {
    expect(Replay.fractionDone(replay("RUNNING", {}, "2024-01-15T09:00:00Z"), now)).toBe(0.25)
  })

  it("is on the way to the end where there is one", () => {
    const ended = { end: "2024-01-15T10:00:00Z" }
    expect(Replay.fractionDone(replay("RUNNING", ended, "2024-01-15T09:00:00Z"), now)).toBe(0.5)
  })

  it("stays between 0 and 1, whatever the provider tells", () => {
    expect(Replay.fractionDone(replay("PENDING"), now)).toBe(0)
    expect(Replay.fractionDone(replay("RUNNING", {}, "2023-01-01T00:00:00Z"), now)).toBe(0)
    expect(Replay.fractionDone(replay("RUNNING", {}, "2025-01-01T00:00:00Z"), now)).toBe(1)
    expect(Replay.fractionDone(replay("RUNNING", { start: "soon" }, "2024-01-15T09:00:00Z"), now)).toBe(0)
    expect(Replay.fractionDone(replay("COMPLETED"), now)).toBe(1)
  })
})
