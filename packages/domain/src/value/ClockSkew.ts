/**
 * Whether this machine's clock is right, from the `Date` headers of answers (RFC 9110, section 6.6.1). Relative starts are reckoned
 * from it, and a start that lies in the future of the platform replays nothing.
 */
import { Clock, Duration, Effect, Option, Ref } from "effect"

/** Skew that is not worth a word. */
export const tolerance = Duration.seconds(30)

/**
 * How far this machine's clock is ahead of a server's, in milliseconds, negative where it is behind: the least that explains an
 * answer which the server dated `date`, to the second, and which was asked for at `sentAt` and there at `now`. None where the
 * header is no date.
 */
export const of = (date: string | undefined, sentAt: number, now: number): Option.Option<number> => {
  const at = /^[A-Z][a-z]{2}, .* GMT$/.test(date ?? "") ? Date.parse(date ?? "") : Number.NaN
  if (Number.isNaN(at)) return Option.none()
  if (at > now) return Option.some(now - at)
  return Option.some(Math.max(0, sentAt - (at + 999)))
}

// To the second it would be no more than a guess.
const sizeOf = (skew: number): string => {
  const unit = Math.abs(skew) < 120_000 ? 1_000 : 60_000
  return Duration.format(Duration.millis(Math.round(Math.abs(skew) / unit) * unit))
}

/** Whether the skew is worth a word: not less than {@link tolerance}. */
export const isNoteworthy = (skew: number): boolean => Math.abs(skew) >= Duration.toMillis(tolerance)

/** The skew against the clock of `server`, in words. */
export const describe = (skew: number, server: string): string =>
  `the clock of this machine is ${sizeOf(skew)} ${skew > 0 ? "ahead of" : "behind"} that of ${server}: starts and ends that are relative to now are off by as much`

/**
 * An observer of the answers of `server`, which people know by that name. It warns once where the skew is more than
 * {@link tolerance}.
 */
export const observer = (server: string) =>
  Effect.map(
    Ref.make(false),
    (isWarned) => (date: string | undefined, sentAt: number) =>
      Effect.gen(function* () {
        const skew = Option.getOrElse(of(date, sentAt, yield* Clock.currentTimeMillis), () => 0)
        if (!isNoteworthy(skew) || (yield* Ref.getAndSet(isWarned, true))) return
        yield* Effect.logWarning(`${describe(skew, server)}. Set the clock`)
      })
  )
