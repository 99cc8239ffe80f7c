/** A clock that jumps to the next sleeper whenever nothing else is left to do: hours of traffic in a moment. */
import { Clock, Duration, Effect, Layer } from "effect"

interface Sleeper {
  readonly until: number
  readonly wake: () => void
}

/** Begins at `start`, in milliseconds since 1970. Sleepers of one instant wake together, in the order in which they fell asleep. */
export const make = (start = 0): Clock.Clock => {
  let now = start
  let sleepers: ReadonlyArray<Sleeper> = []
  let armed = false
  const arm = () => {
    if (armed || sleepers.length === 0) return
    armed = true
    // Behind the timer that Effect's scheduler itself uses when it makes room for others.
    setTimeout(
      () =>
        setImmediate(() => {
          armed = false
          now = Math.max(now, Math.min(...sleepers.map(({ until }) => until)))
          const due = sleepers.filter(({ until }) => until <= now)
          sleepers = sleepers.filter(({ until }) => until > now)
          for (const { wake } of due) wake()
          arm()
        }),
      0
    )
  }
  return {
    [Clock.ClockTypeId]: Clock.ClockTypeId,
    unsafeCurrentTimeMillis: () => now,
    unsafeCurrentTimeNanos: () => BigInt(Math.round(now * 1_000_000)),
    currentTimeMillis: Effect.sync(() => now),
    currentTimeNanos: Effect.sync(() => BigInt(Math.round(now * 1_000_000))),
    sleep: (duration) =>
      Effect.async<void>((resume) => {
        const sleeper = { until: now + Duration.toMillis(duration), wake: () => resume(Effect.void) }
        sleepers = [...sleepers, sleeper]
        arm()
        return Effect.sync(() => {
          sleepers = sleepers.filter((other) => other !== sleeper)
        })
      })
  }
}

/** As the clock of a program. */
export const layer = Layer.unwrapEffect(Effect.sync(() => Layer.setClock(make())))
