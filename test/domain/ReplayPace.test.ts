import { describe, expect, it } from "@effect/vitest"
import { EventStream, ProviderName, type Replay, ReplayPace } from "@genesys-replay/domain"
import { DateTime, Duration, Option } from "effect"

const replay = (lastReplayedDate: string | undefined, changes: Partial<Replay.Replay> = {}): Replay.Replay => ({
  id: EventStream.ReplayId.make("1"),
  name: "outage",
  provider: ProviderName.eventbridge,
  progress: { state: "RUNNING", ...(lastReplayedDate === undefined ? {} : { lastReplayedDate }) },
  topics: [],
  start: "2024-01-15T08:00:00Z",
  end: "2024-01-15T11:00:00Z",
  ...changes
})
const at = (seconds: number, of: Replay.Replay): ReplayPace.Look => ({
  at: DateTime.add(DateTime.unsafeMake("2024-01-16T12:00:00Z"), { seconds }),
  replay: of
})

describe("the pace of a replay", () => {
  it("is the time of its window over the time of the clock; the rest takes as long at that speed", () => {
    const pace = ReplayPace.between(at(0, replay("2024-01-15T08:30:00Z")), at(60, replay("2024-01-15T09:30:00Z")))
    expect(pace).toEqual(Option.some({ speed: 60, left: Duration.seconds(90) }))
  })

  it("counts from the start where nothing was delivered at the first look", () => {
    const pace = ReplayPace.between(at(0, replay(undefined)), at(30, replay("2024-01-15T09:00:00Z")))
    expect(pace).toEqual(Option.some({ speed: 120, left: Duration.seconds(60) }))
  })

  it("goes up to now where the replay has no end", () => {
    const { end: _, ...open } = replay("2024-01-16T11:00:00Z")
    const pace = ReplayPace.between(at(0, { ...open, progress: { state: "RUNNING" } }), at(3_600, open))
    expect(Option.map(pace, ({ speed }) => speed)).toEqual(Option.some(27))
    expect(Option.map(pace, ({ left }) => Math.round(Duration.toSeconds(left)))).toEqual(Option.some(267))
  })

  it("is not known where nothing advanced, nothing is told, no time passed, or it is over", () => {
    const half = replay("2024-01-15T09:30:00Z")
    for (const [earlier, later] of [
      [at(0, half), at(60, half)],
      [at(0, replay(undefined)), at(60, replay(undefined))],
      [at(0, replay(undefined)), at(0, half)],
      [at(0, half), at(60, replay("2024-01-15T11:00:00Z"))],
      [at(0, replay(undefined)), at(60, { ...half, progress: { ...half.progress, state: "COMPLETED" } })]
    ] as const) {
      expect(ReplayPace.between(earlier, later)).toEqual(Option.none())
    }
  })
})
