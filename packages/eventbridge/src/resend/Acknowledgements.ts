/**
 * Which events a target has acknowledged, so that none of them is sent to it again: after a crash, after Ctrl-C, or when the
 * same is asked for once more.
 */
import { createHash } from "node:crypto"
import { FileSystem } from "@effect/platform"
import { WriteFailure } from "@genesys-replay/domain"
import { Chunk, Deferred, Effect, Exit, Mailbox, Ref, Stream } from "effect"
import * as CaptureFile from "../capture/CaptureFile.js"
import { IdentitySet } from "./IdentitySet.js"
import { ResendFileFailed } from "./ResendError.js"

/** What was acknowledged. */
export interface Acknowledgements {
  /** Whether the event of this id was acknowledged before this run began. */
  readonly has: (id: string) => boolean
  /** How many were when it began. */
  readonly before: number
  /** Keeps these ids, and returns when they are kept. */
  readonly add: (ids: ReadonlyArray<string>) => Effect.Effect<void, ResendFileFailed>
}

/** Nothing was acknowledged before, and nothing is kept: a crash repeats everything. */
export const none: Acknowledgements = { has: () => false, before: 0, add: () => Effect.void }

/**
 * The name of the file for what is sent from these sources to this target: the same for the same command. What is chosen of the
 * sources is not part of it, so that events which were sent as the first ten (`limit`) are not sent again with the rest.
 */
export const fileName = (sources: ReadonlyArray<string>, target: string): string =>
  `${createHash("sha256")
    .update(JSON.stringify([target, ...[...sources].sort()]), "utf8")
    .digest("hex")
    .slice(0, 32)}.acknowledged`

const idShape = /^[0-9a-f]{32}$/

interface Waiting {
  readonly ids: ReadonlyArray<string>
  readonly kept: Deferred.Deferred<void, ResendFileFailed>
}

// As many requests may wait to be written down; far more than are under way at once.
const mostWaiting = 1_024

const failed = (path: string, { reason, remedy }: { readonly reason: string; readonly remedy: string }) =>
  new ResendFileFailed({ path, purpose: "acknowledged", reason, remedy })

const idsIn = Effect.fn("Acknowledgements.idsIn")(function* (path: string) {
  const files = yield* FileSystem.FileSystem
  const ids = new IdentitySet()
  if (!(yield* files.exists(path))) return ids
  yield* files.stream(path).pipe(
    Stream.decodeText(),
    Stream.splitLines,
    // A line that a crash has cut short is of an event whose acknowledgement was not kept.
    Stream.runForEachChunk((lines) =>
      Effect.sync(() => {
        for (const line of lines) if (idShape.test(line)) ids.add(line)
      })
    )
  )
  return ids
})

/**
 * What the file at `path` says was acknowledged, nothing where there is none: for who sends nothing. `ResendFileFailed` where
 * it cannot be read.
 */
export const read = Effect.fn("Acknowledgements.read")(function* (path: string) {
  const ids = yield* Effect.mapError(idsIn(path), (error) => failed(path, WriteFailure.of(error)))
  return { ...none, has: (id: string) => ids.has(id), before: ids.size } satisfies Acknowledgements
})

/** Removes the file at `path`, where there is one: everything is sent again. `ResendFileFailed` where it cannot be. */
export const forget = Effect.fn("Acknowledgements.forget")(function* (path: string) {
  const files = yield* FileSystem.FileSystem
  yield* Effect.mapError(files.remove(path, { force: true }), (error) => failed(path, WriteFailure.of(error)))
})

/**
 * Kept in the file at `path`, an id a line, each on the disk (fsync) before it counts as kept. What is acknowledged at the same
 * time is written at once. For as long as the scope lives; `ResendFileFailed` where the file cannot be read or written.
 */
export const inFile = Effect.fn("Acknowledgements.inFile")(function* (path: string) {
  const { before, has } = yield* read(path)
  const file = yield* Effect.mapError(CaptureFile.open(path), (error) => failed(path, error))
  const mailbox = yield* Mailbox.make<Waiting>(mostWaiting)
  const broken = yield* Ref.make<ResendFileFailed | undefined>(undefined)
  const write = (all: ReadonlyArray<Waiting>) =>
    Effect.gen(function* () {
      const error = yield* Ref.get(broken)
      const writing =
        error === undefined
          ? Effect.mapError(file.append(all.flatMap((one) => one.ids)), (error) => failed(path, error))
          : Effect.fail(error)
      const exit = yield* Effect.exit(Effect.tapError(writing, (error) => Ref.set(broken, error)))
      yield* Effect.forEach(all, ({ kept }) => Deferred.done(kept, Exit.asVoid(exit)), { discard: true })
    })
  yield* Effect.forkScoped(
    mailbox.takeAll.pipe(
      Effect.flatMap(([all, done]) =>
        Effect.as(all.length === 0 ? Effect.void : write(Chunk.toReadonlyArray(all)), done)
      ),
      Effect.repeat({ until: (done) => done })
    )
  )
  return {
    has,
    before,
    add: (added) =>
      Effect.gen(function* () {
        if (added.length === 0) return
        const kept = yield* Deferred.make<void, ResendFileFailed>()
        yield* mailbox.offer({ ids: added, kept })
        yield* Deferred.await(kept)
      })
  } satisfies Acknowledgements
})
