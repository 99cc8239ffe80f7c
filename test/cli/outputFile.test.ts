import { FileSystem, Error as PlatformError } from "@effect/platform"
import { NodeContext } from "@effect/platform-node"
import { describe, expect, it } from "@effect/vitest"
import { Effect, Exit } from "effect"
import * as ErrorBlock from "../../apps/cli/src/terminal/ErrorBlock.js"
import * as OutputFile from "../../apps/cli/src/terminal/OutputFile.js"
import { specOf } from "./Desk.js"
import { run, workplace } from "./Run.js"

const place = Effect.gen(function* () {
  const files = yield* FileSystem.FileSystem
  const directory = yield* files.makeTempDirectoryScoped()
  return { files, directory, at: (name: string) => `${directory}/${name}` }
})

const text = (path: string, content: string, options: OutputFile.Options = {}) =>
  OutputFile.replace(path, options, (write) => write(content))

describe("A file that a command writes", () => {
  it.scoped("is made with the directories that are missing", () =>
    Effect.gen(function* () {
      const { at, files } = yield* place
      yield* text(at("a/b/report.html"), "whole", { mode: 0o600 })
      expect(yield* files.readFileString(at("a/b/report.html"))).toBe("whole")
      expect((yield* files.stat(at("a/b/report.html"))).mode & 0o777).toBe(0o600)
      expect(yield* files.readDirectory(at("a/b"))).toEqual(["report.html"])
    }).pipe(Effect.provide(NodeContext.layer))
  )

  it.scoped(
    "is there whole or not at all: where the disk is full the old one stays, and the message says what to do",
    () =>
      Effect.gen(function* () {
        const { at, directory, files } = yield* place
        yield* files.writeFileString(at("report.html"), "old")
        const full = new PlatformError.SystemError({
          module: "FileSystem",
          method: "writeAll",
          reason: "Unknown",
          cause: Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" })
        })
        const small = FileSystem.FileSystem.of({
          ...files,
          open: (path, options) =>
            Effect.map(files.open(path, options), (file) => ({
              ...file,
              writeAll: () => Effect.fail(full),
              sync: file.sync
            }))
        })
        const failed = yield* Effect.flip(
          Effect.provideService(text(at("report.html"), "new"), FileSystem.FileSystem, small)
        )
        expect(ErrorBlock.explain(failed)).toMatchObject({
          what: "the file cannot be written",
          lines: [`${at("report.html")}: the disk is full (ENOSPC)`],
          next: "make room, or name a file on another disk"
        })
        expect(yield* files.readFileString(at("report.html"))).toBe("old")
        const stopped = yield* Effect.exit(OutputFile.replace(at("report.html"), {}, () => Effect.interrupt))
        expect(Exit.isInterrupted(stopped)).toBe(true)
        expect(yield* files.readDirectory(directory)).toEqual(["report.html"])
      }).pipe(Effect.provide(NodeContext.layer))
  )

  it.scoped("is never one that the same command reads, by whatever name", () =>
    Effect.gen(function* () {
      const { at, files } = yield* place
      yield* files.writeFileString(at("captured.ndjson"), "evidence")
      yield* files.symlink(at("captured.ndjson"), at("link"))
      yield* files.link(at("captured.ndjson"), at("hard"))
      yield* files.writeFileString(at("new.part"), "evidence too")
      const inputs = [at("not/there"), at("captured.ndjson"), at("new.part")]
      for (const name of ["captured.ndjson", "link", "hard", "new"]) {
        const refused = yield* Effect.flip(text(at(name), "report", { inputs }))
        expect(refused.reason).toContain("the same command reads")
        expect(refused.remedy).toBe("name another file: what is read is never written over")
      }
      expect(yield* files.readFileString(at("captured.ndjson"))).toBe("evidence")
      expect(yield* files.readFileString(at("new.part"))).toBe("evidence too")
    }).pipe(Effect.provide(NodeContext.layer))
  )

  it.scoped("keeps its mode and what links lead to; a directory is refused, a device is written to", () =>
    Effect.gen(function* () {
      const { at, directory, files } = yield* place
      yield* files.writeFileString(at("kept"), "old", { mode: 0o640 })
      yield* files.symlink(at("kept"), at("link"))
      yield* text(at("link"), "new")
      expect(yield* files.readFileString(at("kept"))).toBe("new")
      expect(yield* files.readLink(at("link"))).toBe(at("kept"))
      expect((yield* files.stat(at("kept"))).mode & 0o777).toBe(0o640)
      expect(yield* Effect.flip(text(directory, "new"))).toMatchObject({ reason: "it is a directory (EISDIR)" })
      yield* text("/dev/null", "new")
      expect((yield* files.stat("/dev/null")).type).toBe("CharacterDevice")
    }).pipe(Effect.provide(NodeContext.layer))
  )

  it.scopedLive("is not the spec or the state of an apply that is to tell it of its windows", () =>
    Effect.gen(function* () {
      const spec = yield* specOf(["a"])
      const { directory: cwd, env } = yield* workplace({ "replay.yaml": spec, "captured.ndjson": "{}\n" })
      const args = ["apply", "replay.yaml", "--captured", "captured.ndjson", "--sync-file"]
      for (const [name, said] of [
        ["replay.yaml", "replay.yaml: the same command reads it"],
        ["./captured.ndjson", "./captured.ndjson: the same command reads it as captured.ndjson"]
      ] as const) {
        const { code, err } = yield* run([...args, name], { cwd, env })
        expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining(said) })
      }
      const files = yield* FileSystem.FileSystem
      expect(yield* files.readFileString(`${cwd}/replay.yaml`)).toBe(spec)
    }).pipe(Effect.provide(NodeContext.layer))
  )
})
