import { execFileSync } from "node:child_process"
import { chmodSync, linkSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, it } from "@effect/vitest"
import { EventLog, LogSource, SourcePaths, TextReport } from "@genesys-replay/eventlog"
import { Effect } from "effect"
import * as SourceNames from "../../packages/eventlog/src/source/SourceNames.js"

const event = (index: number): string => `{"detail":{"sequenceIndex":${index}}}\n`

/** A directory with these files, each of one event. */
const directory = (...names: ReadonlyArray<string>) =>
  Effect.map(
    Effect.acquireRelease(
      Effect.sync(() => mkdtempSync(join(tmpdir(), "source-paths-"))),
      (root) => Effect.sync(() => rmSync(root, { recursive: true }))
    ),
    (root) => {
      for (const [at, name] of names.entries()) {
        mkdirSync(join(root, name, ".."), { recursive: true })
        writeFileSync(join(root, name), event(at + 1))
      }
      return root
    }
  )

/** What the path stands for, without the directory in front. */
const expanded = (root: string, path: string, options: SourcePaths.Options = {}) =>
  Effect.map(SourcePaths.expand(join(root, path), options), ({ files, leftOut, unreadable }) => {
    const short = (one: string) => one.slice(root.length + 1)
    return {
      files: files.map((file) => short(file.path)),
      leftOut: leftOut.map((file) => short(file.path)),
      unreadable: unreadable.map(({ reason, source }) => [short(source), reason])
    }
  })

const found = (files: ReadonlyArray<string>, more: object = {}) => ({ files, leftOut: [], unreadable: [], ...more })

/** As somebody to whom a system refuses something; nobody can be refused anything as its administrator. */
const asNobody = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  process.geteuid?.() !== 0
    ? effect
    : Effect.acquireUseRelease(
        Effect.sync(() => process.seteuid?.(65_534)),
        () => effect,
        () => Effect.sync(() => process.seteuid?.(0))
      )

describe("SourcePaths", () => {
  it.effect("tells every path that cannot be looked at, wherever it is in the way", () =>
    Effect.gen(function* () {
      const root = yield* directory("a.ndjson", "closed/b.ndjson", "sub/c.ndjson")
      chmodSync(root, 0o755)
      chmodSync(join(root, "closed"), 0o000)
      symlinkSync("around", join(root, "around"))
      symlinkSync("gone.ndjson", join(root, "dangling.ndjson"))
      const all = [
        ["around", "it is a symbolic link that leads to itself"],
        ["closed", "permission denied"],
        ["dangling.ndjson", "there is no such file"]
      ]
      const files = ["a.ndjson", "sub/c.ndjson"]
      yield* asNobody(
        Effect.gen(function* () {
          expect(yield* expanded(root, "")).toEqual({
            ...found(files),
            unreadable: all.map(([name, why]) => [name, why])
          })
          expect(yield* expanded(root, "**")).toMatchObject({ files, unreadable: all })
          expect((yield* expanded(root, "**/*.ndjson")).files).toEqual(files)
          expect((yield* expanded(root, "**/*.ndjson")).unreadable).toContainEqual(["closed", "permission denied"])
          expect(yield* expanded(root, "closed")).toEqual(found([], { unreadable: [["closed", "permission denied"]] }))
          expect(yield* expanded(root, "closed/b.ndjson")).toMatchObject({
            unreadable: [["closed/b.ndjson", "permission denied"]]
          })
          const { report } = yield* EventLog.observe([LogSource.file(root)])
          expect([report.isContiguous, report.verdict]).toEqual([false, "incomplete"])
          const one = yield* EventLog.observe([LogSource.file(join(root, "sub")), LogSource.file(join(root, "closed"))])
          expect([one.report.isContiguous, one.report.verdict]).toEqual([true, "not proven"])
        })
      )
      chmodSync(join(root, "closed"), 0o755)
    }).pipe(Effect.scoped)
  )

  it.effect("takes every file once, by whatever links it can be reached", () =>
    Effect.gen(function* () {
      const root = yield* directory("a.ndjson", "sub/b.ndjson")
      symlinkSync("..", join(root, "sub/up"))
      symlinkSync(".", join(root, "self"))
      symlinkSync("a.ndjson", join(root, "c.ndjson"))
      linkSync(join(root, "a.ndjson"), join(root, "d.ndjson"))
      expect(yield* expanded(root, "")).toEqual(found(["a.ndjson", "sub/b.ndjson"]))
      expect(yield* expanded(root, "**/*.ndjson")).toEqual(found(["a.ndjson", "sub/b.ndjson"]))
      const twice = [root, join(root, "a.ndjson"), join(root, "c.ndjson"), join(root, "{a,d}.ndjson")]
      const { report } = yield* EventLog.observe(twice.map(LogSource.file))
      expect(report.groups).toMatchObject([{ observed: 2, duplicates: 0 }])
    }).pipe(Effect.scoped)
  )

  it.effect("passes over pipes in a directory and says so", () =>
    Effect.gen(function* () {
      const root = yield* directory("a.ndjson")
      execFileSync("mkfifo", [join(root, "pipe.ndjson")])
      const passed = found(["a.ndjson"], { leftOut: ["pipe.ndjson"] })
      expect(yield* expanded(root, "")).toEqual(passed)
      expect(yield* expanded(root, "", { all: true })).toEqual(passed)
      expect(yield* expanded(root, "*.ndjson")).toEqual(passed)
      expect((yield* SourcePaths.expand(join(root, "pipe.ndjson"))).files).toMatchObject([{ size: null }])
    }).pipe(Effect.scoped)
  )

  it.effect("takes of a directory what holds events, says what it left out, and takes everything when told", () =>
    Effect.gen(function* () {
      const taken = [
        "a.ndjson",
        "b.jsonl",
        "c.json",
        "d.gz",
        "e",
        "events.ndjson.1",
        "f-2024-01-15-08-00-00",
        "g.ndjson.zst"
      ]
      const others = ["notes.txt", "report.html", "sub/x.csv"]
      const root = yield* directory(...taken, ...others, ".hidden.ndjson")
      expect(yield* expanded(root, "")).toEqual(found(taken, { leftOut: others }))
      expect(yield* expanded(root, "", { all: true })).toEqual(found([...taken, ...others].sort()))
      expect(yield* expanded(root, "sub")).toEqual(
        found([], {
          leftOut: ["sub/x.csv"],
          unreadable: [["sub", "no file in this directory holds events, by its name; left out: 1"]]
        })
      )
      // Who names it, by its own name or by a pattern, means it.
      expect(yield* expanded(root, "*.txt")).toEqual(found(["notes.txt"]))
      expect(yield* expanded(root, "notes.txt")).toEqual(found(["notes.txt"]))
      const { report } = yield* EventLog.observe([LogSource.file(root)])
      expect(report.leftOut).toMatchObject({ count: 3, first: [{}, {}, {}] })
      expect(TextReport.render(report)).toContain("Left out: 3 files")
    }).pipe(Effect.scoped)
  )

  it.effect("knows sets of characters and lists of names, of which every one has to be there", () =>
    Effect.gen(function* () {
      const root = yield* directory("a.ndjson", "b.ndjson", "c.ndjson", "d1/x.json", "d2/x.json", "e[1].json")
      expect(yield* expanded(root, "[a-b].ndjson")).toEqual(found(["a.ndjson", "b.ndjson"]))
      expect(yield* expanded(root, "[!a].ndjson")).toEqual(found(["b.ndjson", "c.ndjson"]))
      expect(yield* expanded(root, "{c,a}.ndjson")).toEqual(found(["c.ndjson", "a.ndjson"]))
      expect(yield* expanded(root, "d{1..2}/*.json")).toEqual(found(["d1/x.json", "d2/x.json"]))
      expect(yield* expanded(root, "{d1,d2/x}*")).toEqual(found(["d1/x.json", "d2/x.json"]))
      expect(yield* expanded(root, "e[1].json")).toEqual(found(["e[1].json"]))
      expect(yield* expanded(root, "{a,z}.ndjson")).toEqual(
        found(["a.ndjson"], { unreadable: [["z.ndjson", "there is no such file"]] })
      )
      expect(yield* expanded(root, "{a,z}*.ndjson")).toEqual(
        found(["a.ndjson"], { unreadable: [["z*.ndjson", "no file matches"]] })
      )
    }).pipe(Effect.scoped)
  )

  it.effect("reads files whose names are no text, and shows them harmlessly", () =>
    Effect.gen(function* () {
      const root = yield* directory()
      const named = (name: string) => Buffer.concat([Buffer.from(`${root}/`), Buffer.from(name, "latin1")])
      writeFileSync(named("caf\u00e9.ndjson"), `${event(1)}broken\n`)
      writeFileSync(named("\u001b[31m.ndjson"), `${event(2)}broken\n`)
      const { report, sources } = yield* EventLog.observe([LogSource.file(root)])
      expect(report.groups).toMatchObject([{ observed: 2 }])
      expect(sources.map(({ source }) => source.slice(root.length + 1))).toEqual([
        "\u001b[31m.ndjson",
        "caf\udce9.ndjson"
      ])
      const text = TextReport.render(report, { unicode: true, width: 200 })
      expect(text).toContain("caf\\udce9.ndjson:2")
      expect(text).not.toContain("\u001b")
      // As a program has it among its arguments, where the byte is lost.
      expect(yield* expanded(root, "caf\ufffd.ndjson")).toEqual(found(["caf\udce9.ndjson"]))
      writeFileSync(named("caf\u00e8.ndjson"), event(3))
      expect(yield* expanded(root, "caf\ufffd.ndjson")).toMatchObject({
        files: [],
        unreadable: [[expect.any(String), expect.stringContaining("several files")]]
      })
      expect((yield* expanded(root, "caf?.ndjson")).files).toHaveLength(2)
      expect(
        new LogSource.UnreadableSource({ source: "a\u001b[31m", reason: "no", bytesRead: 0 }).message
      ).not.toContain("\u001b")
    }).pipe(Effect.scoped)
  )

  it("tells from a name whether there are events in the file", () => {
    for (const name of [
      "a.NDJSON",
      "x/y.json.gz",
      "logs.tar",
      "logs.tgz",
      "part-0001",
      "a.ndjson.bz2",
      "a.json.12",
      "v1.2"
    ])
      expect([name, SourceNames.holdsEvents(name)]).toEqual([name, true])
    for (const name of ["a.txt", "a.ndjson.md", "a.html", "a.csv.tmp", "x.log"])
      expect([name, SourceNames.holdsEvents(name)]).toEqual([name, false])
  })
})
