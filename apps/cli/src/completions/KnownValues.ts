/** What stands for a placeholder of the help: files, or names out of the state or a spec file. */
import { Effect } from "effect"
import type { Place } from "./Completion.js"

/** What may stand there. */
export interface KnownValues {
  readonly names: ReadonlyArray<string>
  /** What a shell finds by itself. */
  readonly files: "none" | "directories" | "all"
}

const files = ["FILE", "SPEC", "CAPTURE", "BASELINE", "TARGET"]

const state = Effect.gen(function* () {
  const [{ latest }, { url }] = yield* Effect.promise(() =>
    Promise.all([import("@genesys-replay/pipeline/KnownNames"), import("../wiring/StateDatabase.js")])
  )
  return yield* latest(yield* url)
})

const inSpec = (file: string) =>
  Effect.flatMap(
    Effect.promise(() => import("./SpecWindows.js")),
    ({ names }) => names(file)
  )

const windows = ({ command, operands: [first] }: Place) => {
  if (command === "heal" && first !== undefined) return inSpec(first)
  return Effect.map(state, ({ windows }) =>
    windows.filter(({ run }) => command !== "runs cancel" || run === first).map(({ name }) => name)
  )
}

const sources: Readonly<Record<string, (place: Place) => Effect.Effect<ReadonlyArray<string>>>> = {
  RUN: () => Effect.map(state, ({ runs }) => runs),
  WINDOW: windows,
  ID: () => Effect.map(state, ({ replays }) => replays),
  REPLAY: () => Effect.map(state, ({ replayNames, replays }) => [...replayNames, ...replays]),
  MESSAGE: () => Effect.map(state, ({ messages }) => messages)
}

// What a terminal might obey, or a shell take for the end of a word, is the name of nothing.
const isHarmless = (name: string): boolean => !/[\p{C}\p{Zl}\p{Zp}]/u.test(name)

/** The names that are known, each once and none that was given before, and whether files may stand there. */
export const at = (place: Place): Effect.Effect<KnownValues> =>
  Effect.map(
    Effect.forEach(place.expected, (name) => sources[name]?.(place) ?? Effect.succeed([])),
    (found) => ({
      names: [...new Set(found.flat())].filter((name) => isHarmless(name) && !place.operands.includes(name)),
      files: place.expected.some((name) => files.includes(name))
        ? "all"
        : place.expected.includes("DIRECTORY")
          ? "directories"
          : "none"
    })
  )
