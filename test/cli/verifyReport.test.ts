import { FileSystem } from "@effect/platform"
import { NodeContext } from "@effect/platform-node"
import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { json, run, workplace } from "./Run.js"

const events = (indices: ReadonlyArray<number>) =>
  indices.map((sequenceIndex) => `${JSON.stringify({ "replay-name": "outage", detail: { sequenceIndex } })}\n`).join("")

const stream = (last: number) =>
  JSON.stringify({ id: "s-1", name: "outage", replay: { state: "COMPLETED", sequence: { first: 1, last } } })

const files = {
  "log.ndjson": events([1, 2, 3]),
  "three.json": stream(3),
  "four.json": stream(4),
  "running.json": JSON.stringify({ id: "s-1", name: "outage", replay: { state: "RUNNING" } })
}

const at = <A, E>(
  test: (place: { directory: string; env: Record<string, string> }) => Effect.Effect<A, E, FileSystem.FileSystem>
) => Effect.flatMap(workplace(files), test).pipe(Effect.scoped, Effect.provide(NodeContext.layer))

describe("genesys-replay verify --expect", () => {
  it.live("takes the bounds that the provider told from a file", () =>
    at(({ directory: cwd, env }) =>
      Effect.gen(function* () {
        const complete = yield* run(["verify", "log.ndjson", "--expect", "three.json"], { cwd, env })
        expect(complete.code).toBe(0)
        const lacking = yield* run(["verify", "log.ndjson", "--expect", "four.json", "--json"], { cwd, env })
        expect(lacking.code).toBe(3)
        expect(json(lacking.out)).toMatchObject({
          groups: [{ expected: { start: 1, end: 4, inferred: false }, missing: [{ start: 4, end: 4 }] }]
        })
      })
    )
  )

  it.live("guesses nothing: a file that is none, or tells no bounds, is exit code 2", () =>
    at(({ directory: cwd, env }) =>
      Effect.gen(function* () {
        for (const [file, said] of [
          ["nothing.json", "there is no such file that can be read"],
          ["log.ndjson", "neither a stream nor what status, list or apply print"],
          ["running.json", "wait until it has ended"]
        ] as const) {
          const { code, err, out } = yield* run(["verify", "log.ndjson", "--expect", file], { cwd, env })
          expect([file, code, out]).toEqual([file, 2, ""])
          expect(err).toContain(said)
        }
      })
    )
  )
})

describe("genesys-replay verify --html", () => {
  it.live("writes the report as a file and leaves standard output to the answer", () =>
    at(({ directory: cwd, env }) =>
      Effect.gen(function* () {
        const system = yield* FileSystem.FileSystem
        const { code, err, out } = yield* run(
          ["verify", "log.ndjson", "--expect", "four.json", "--html", "new/report.html", "--json"],
          { cwd, env }
        )
        expect(code).toBe(3)
        expect(json(out)).toMatchObject({ isContiguous: false })
        expect(err).toContain("report written to new/report.html")
        const page = yield* system.readFileString(`${cwd}/new/report.html`)
        expect(page).toMatch(/^<!doctype html>/i)
        expect(page).toContain("log.ndjson")
        expect(page).toContain("outage")
      })
    )
  )

  it.live(
    "never takes the place of what is read, by whatever path, nor of what told the bounds: exit code 2, and nothing is read",
    () =>
      at(({ directory: cwd, env }) =>
        Effect.gen(function* () {
          const system = yield* FileSystem.FileSystem
          yield* system.symlink(`${cwd}/log.ndjson`, `${cwd}/link.html`)
          for (const words of [
            ["log.ndjson", "--html", `${cwd}/log.ndjson`],
            [".", "--html", "link.html"],
            ["log.ndjson", "--expect", "three.json", "--html", "./three.json"],
            ["nothing.ndjson", "--html", "nothing.ndjson"]
          ]) {
            const { code, err, out } = yield* run(["verify", ...words], { cwd, env })
            expect([words, code, out]).toEqual([words, 2, ""])
            expect(err).toContain("it would be written over")
          }
          expect(yield* system.readFileString(`${cwd}/log.ndjson`)).toBe(files["log.ndjson"])
        })
      )
  )

  it.live("that cannot be written is exit code 2", () =>
    at(({ directory: cwd, env }) =>
      Effect.gen(function* () {
        const { code, err } = yield* run(["verify", "log.ndjson", "--html", "."], { cwd, env })
        expect(code).toBe(2)
        expect(err).toContain("the file cannot be written\n  .: it is a directory (EISDIR)\nnext: name a file in it")
      })
    )
  )
})
