import { gzipSync } from "node:zlib"
import { FileSystem } from "@effect/platform"
import { NodeFileSystem } from "@effect/platform-node"
import { describe, expect, it } from "@effect/vitest"
import { CaptureFile } from "@genesys-replay/eventbridge"
import { Effect, Logger, Option } from "effect"

const event = '{"detail-type":"t","detail":{"sequenceIndex":1}}'

/** What a file holds after it was opened with this in it, and `next` was appended. */
const reopened = Effect.fn("reopened")(function* (before: string | Uint8Array | undefined) {
  const files = yield* FileSystem.FileSystem
  const path = `${yield* files.makeTempDirectoryScoped()}/captured.ndjson`
  if (before !== undefined) yield* files.writeFile(path, typeof before === "string" ? Buffer.from(before) : before)
  const mended = yield* Effect.scoped(
    Effect.gen(function* () {
      const file = yield* CaptureFile.open(path)
      yield* file.append(["next", "another"])
      return file.mended
    })
  )
  const { mode } = yield* files.stat(path)
  return { text: yield* files.readFileString(path), mended, mode: mode & 0o777 }
}, Effect.provide(NodeFileSystem.layer))

describe("CaptureFile", () => {
  it.scoped("is made for its owner alone", () =>
    Effect.gen(function* () {
      expect(yield* reopened(undefined)).toEqual({ text: "next\nanother\n", mended: 0, mode: 0o600 })
    })
  )

  it.scoped("is appended to", () =>
    Effect.gen(function* () {
      expect(yield* reopened(`${event}\n`)).toMatchObject({ text: `${event}\nnext\nanother\n`, mended: 0 })
      expect(yield* reopened("")).toMatchObject({ text: "next\nanother\n", mended: 0 })
    })
  )

  it.scoped("gets the line feed that a whole last line lacks", () =>
    Effect.gen(function* () {
      expect(yield* reopened(`${event}\n${event}`)).toMatchObject({
        text: `${event}\n${event}\nnext\nanother\n`,
        mended: 0
      })
    })
  )

  it.scopedLive("loses the beginning of an event that a crash cut short: its message comes again", () =>
    Effect.gen(function* () {
      const torn = event.slice(0, -1)
      expect(yield* reopened(`${event}\n${torn}`)).toMatchObject({
        text: `${event}\nnext\nanother\n`,
        mended: torn.length
      })
      expect(yield* reopened(torn)).toMatchObject({ text: "next\nanother\n", mended: torn.length })
      const inCharacter = Buffer.from('{"a":"é').subarray(0, -1)
      expect(yield* reopened(inCharacter)).toMatchObject({ text: "next\nanother\n", mended: inCharacter.length })
    })
  )

  it.scopedLive("finds the beginning of a long line however long it is", () =>
    Effect.gen(function* () {
      for (const length of [65_535, 65_536, 65_537, 200_000]) {
        const torn = `{"x":"${"y".repeat(length - 6)}`
        expect(yield* reopened(`${event}\n${torn}`)).toMatchObject({
          text: `${event}\nnext\nanother\n`,
          mended: length
        })
      }
    })
  )

  it.scoped("keeps what no capture wrote", () =>
    Effect.gen(function* () {
      expect(yield* reopened("some notes")).toMatchObject({ text: "some notes\nnext\nanother\n", mended: 0 })
    })
  )

  it.scoped("is followed when it is moved away or deleted: lines go to the file that has the name", () =>
    Effect.gen(function* () {
      const files = yield* FileSystem.FileSystem
      const directory = `${yield* files.makeTempDirectoryScoped()}/logs`
      const path = `${directory}/captured.ndjson`
      const text = files.readFileString(path)
      const file = yield* CaptureFile.open(path)
      expect(yield* file.append(["first"])).toEqual({ reopened: 0 })
      yield* files.rename(path, `${path}.1`)
      expect(yield* file.append(["moved"])).toEqual({ reopened: 1 })
      expect(yield* text).toBe("moved\n")
      yield* files.remove(directory, { recursive: true })
      expect(yield* file.append(["deleted, with its directory"])).toEqual({ reopened: 1 })
      expect(yield* text).toBe("deleted, with its directory\n")
      // logrotate makes the new file itself.
      yield* files.rename(path, `${path}.1`)
      yield* files.writeFileString(path, "made by another\n")
      expect(yield* file.append(["replaced"])).toEqual({ reopened: 1 })
      expect(yield* file.append(["and on"])).toEqual({ reopened: 0 })
      expect(yield* text).toBe("made by another\nreplaced\nand on\n")
      yield* files.truncate(path, 0)
      expect(yield* Effect.flip(file.append(["cut short"]))).toMatchObject({ step: "check" })
    }).pipe(Effect.provide([NodeFileSystem.layer, Logger.remove(Logger.defaultLogger)]))
  )

  it.scoped("may be another at every look: that is none to write to", () =>
    Effect.gen(function* () {
      const files = yield* FileSystem.FileSystem
      const path = `${yield* files.makeTempDirectoryScoped()}/captured.ndjson`
      let seen = 0
      const restless = FileSystem.FileSystem.of({
        ...files,
        stat: (at) => Effect.map(files.stat(at), (info) => ({ ...info, ino: Option.some(-++seen) }))
      })
      const file = yield* Effect.provideService(CaptureFile.open(path), FileSystem.FileSystem, restless)
      expect(yield* Effect.flip(file.append(["line"]))).toMatchObject({
        step: "check",
        reason: "another file has its name again and again"
      })
    }).pipe(Effect.provide(NodeFileSystem.layer))
  )

  it.scoped("is made with its directories", () =>
    Effect.gen(function* () {
      const files = yield* FileSystem.FileSystem
      const path = `${yield* files.makeTempDirectoryScoped()}/a/b/captured.ndjson`
      const file = yield* CaptureFile.open(path)
      yield* file.append(["line"])
      expect(yield* files.readFileString(path)).toBe("line\n")
    }).pipe(Effect.provide(NodeFileSystem.layer))
  )

  it.scoped("is refused, with the reason and what to do, where lines cannot be appended to it", () =>
    Effect.gen(function* () {
      const files = yield* FileSystem.FileSystem
      const directory = yield* files.makeTempDirectoryScoped()
      const at = (name: string) => `${directory}/${name}`
      const zipped = gzipSync(`${event}\n`)
      yield* files.writeFile(at("zipped.ndjson"), zipped)
      yield* files.writeFile(at("state.db"), Buffer.from("SQLite format 3\0"))
      yield* files.writeFile(at("utf16.ndjson"), Buffer.from("{}", "utf16le"))
      yield* files.writeFileString(at("file"), "")
      const refusals = [
        ["/dev/null", "it is no regular file: nothing else can be made durable", "name a file"],
        [directory, "it is a directory", "name a file in it"],
        [at("file/captured.ndjson"), "a part of the path is a file and no directory (ENOTDIR)", "name a file in a"],
        [at("new.ndjson.gz"), "its name is that of a compressed file", "compress that when the capture has ended"],
        [at("zipped.ndjson"), "it holds no text", "compress that when the capture has ended"],
        [at("state.db"), "it holds no text", "capture into a new file"],
        [at("utf16.ndjson"), "it holds no text", "capture into a new file"]
      ] as const
      for (const [path, reason, remedy] of refusals) {
        expect(yield* Effect.flip(CaptureFile.open(path))).toMatchObject({
          _tag: "CaptureFileFailed",
          step: "open",
          path,
          reason: expect.stringContaining(reason),
          remedy: expect.stringContaining(remedy)
        })
      }
      expect(Buffer.from(yield* files.readFile(at("zipped.ndjson"))).equals(zipped)).toBe(true)
      expect(yield* files.exists(at("new.ndjson.gz"))).toBe(false)
    }).pipe(Effect.provide(NodeFileSystem.layer))
  )
})
