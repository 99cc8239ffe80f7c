/** One line on standard error that follows long work, redrawn in place where a person sees it. */
import { Effect, Ref, Schedule, type Scope } from "effect"
import { Screen } from "./Screen.js"
import { strip } from "./Style.js"

/** Takes away what stands in the line of the cursor. */
export const clear = "\r\u001B[2K"
const hideCursor = "\u001B[?25l"
const showCursor = "\u001B[?25h"

/** A line that is being shown. */
export interface ProgressLine {
  /** What the line shows from now on. */
  readonly set: (text: string) => Effect.Effect<void>
  /** A line that stays, above the one that moves. */
  readonly log: (text: string) => Effect.Effect<void>
}

const fit = (text: string, width: number): string =>
  strip(text).length < width ? text : strip(text).slice(0, Math.max(0, width - 1))

/**
 * Shows a line for as long as the scope is open, ten times a second, and takes it away at the end, also when interrupted.
 * Where standard error is no terminal, only what is logged is printed.
 */
export const make: Effect.Effect<ProgressLine, never, Screen | Scope.Scope> = Effect.gen(function* () {
  const { err } = yield* Screen
  if (!err.isTerminal) return { set: () => Effect.void, log: (text) => err.write(`${text}\n`) }
  const current = yield* Ref.make("")
  const draw = Effect.flatMap(Ref.get(current), (text) =>
    text === "" ? Effect.void : err.write(clear + fit(text, err.width()))
  )
  yield* Effect.acquireRelease(err.write(hideCursor), () => err.write(clear + showCursor))
  yield* Effect.forkScoped(Effect.repeat(draw, Schedule.spaced("100 millis")))
  return {
    set: (text) => Ref.set(current, text),
    log: (text) => Effect.zipRight(err.write(`${clear}${text}\n`), draw)
  }
})

/** `████████░░░░  66%`, `width` cells wide. */
export const bar = (fraction: number, width: number, unicode: boolean): string => {
  const [full, empty] = unicode ? ["█", "░"] : ["#", "."]
  const filled = Math.round(Math.min(1, Math.max(0, fraction)) * width)
  return `${full.repeat(filled)}${empty.repeat(width - filled)} ${String(Math.floor(fraction * 100)).padStart(3)}%`
}
