import { FileSystem } from "@effect/platform"
import { NodeFileSystem } from "@effect/platform-node"
import { describe, expect, it } from "@effect/vitest"
import { CaptureFile } from "@genesys-replay/eventbridge"
import { Effect, Either } from "effect"

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

  it.scoped("is refused where it is no regular file, or not there to be made", () =>
    Effect.gen(function* () {
      const refused = yield* Effect.either(CaptureFile.open("/dev/null"))
      expect(Either.getLeft(refused)).toMatchObject({ value: { _tag: "CaptureFileFailed", step: "open" } })
      const nowhere = yield* Effect.either(CaptureFile.open("/nonexistent/captured.ndjson"))
      expect(Either.getLeft(nowhere)).toMatchObject({ value: { _tag: "CaptureFileFailed", step: "open" } })
    }).pipe(Effect.provide(NodeFileSystem.layer))
  )
})
