import { FileSystem } from "@effect/platform"
import { NodeContext } from "@effect/platform-node"
import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { json, run, workplace } from "./Run.js"

const padding = "x".repeat(900)
const last = 80_000

/** Some 75 MB: enough for another thread to begin while the command line loads. Lacks 500 and 79,000 to 79,009. */
const log = Array.from({ length: last }, (_, at) => at + 1)
  .filter((index) => index !== 500 && (index < 79_000 || index > 79_009))
  .map((index) =>
    JSON.stringify({
      "replay-name": "outage",
      detail: { sequenceIndex: index, other: { index: index * 2 }, timestamp: `t${index}` },
      padding
    })
  )
  .join("\n")

describe("genesys-replay verify of a large log", () => {
  it.live("says the same of what was read ahead as of what was not", () =>
    Effect.gen(function* () {
      const files = yield* FileSystem.FileSystem
      const { directory: cwd, env } = yield* workplace()
      yield* files.writeFileString(`${cwd}/large.ndjson`, log)
      yield* files.writeFileString(`${cwd}/small.ndjson`, "")
      const verify = (...args: ReadonlyArray<string>) =>
        Effect.map(run(["verify", ...args, "--json"], { cwd, env }), ({ code, out }) => ({ code, report: json(out) }))
      const ahead = yield* verify("large.ndjson")
      expect(ahead).toMatchObject({
        code: 3,
        report: {
          groups: [
            {
              expected: { start: 1, end: last },
              observed: last - 11,
              gapCount: 11,
              missing: [
                { start: 500, end: 500, after: "t499", before: "t501" },
                { start: 79_000, end: 79_009, after: "t78999", before: "t79010" }
              ]
            }
          ]
        }
      })
      // Two logs are planned otherwise, so that nothing that was begun is taken.
      expect(yield* verify("large.ndjson", "small.ndjson")).toEqual(ahead)
      // What was begun is another question: it is given up.
      expect(yield* verify("large.ndjson", "--index-path", "detail.other.index")).toMatchObject({
        report: { groups: [{ expected: { start: 2, end: 2 * last }, gapCount: last - 1 + 11 }] }
      })
      expect(yield* verify("large.ndjson", "--max-missing", "0")).toMatchObject({
        report: { groups: [{ missing: [], missingTruncated: true, gapCount: 11 }] }
      })
    }).pipe(Effect.scoped, Effect.provide(NodeContext.layer))
  )

  it.live("that the system will not even look at is bad input, told in a block", () =>
    Effect.gen(function* () {
      const { directory: cwd, env } = yield* workplace()
      const { code, err } = yield* run(["verify", "x".repeat(5_000)], { cwd, env })
      expect(code).toBe(2)
      expect(err).toContain("error: ")
      expect(err).not.toMatch(/^\s+at /m)
    }).pipe(Effect.scoped, Effect.provide(NodeContext.layer))
  )
})
