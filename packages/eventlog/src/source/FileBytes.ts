/** The bytes of what a path or a descriptor stands for: a file, or what is read once as it comes, a pipe say. */
import { closeSync, constants, fstatSync, openSync, read as readFile } from "node:fs"
import { Socket } from "node:net"
import type { Readable } from "node:stream"
import { isatty, ReadStream } from "node:tty"
import { Data, Effect, type Scope } from "effect"
import type { Pull } from "./ByteReader.js"
import * as FilePath from "./FilePath.js"
import * as SystemReason from "./SystemReason.js"

/** How much is read at a time. */
const readSize = 262_144

/** The system would not do it. */
export class NotRead extends Data.TaggedError("NotRead")<{ readonly reason: string }> {}

const notRead = (error: unknown): NotRead => new NotRead({ reason: SystemReason.of(error) })

const attempt = <A>(act: () => A): Effect.Effect<A, NotRead> => Effect.try({ try: act, catch: notRead })

// Not to be interrupted: a descriptor that is closed meanwhile may be another file's by then.
const ofFile = (descriptor: number): Pull<NotRead> =>
  Effect.async<Uint8Array | undefined, NotRead>((resume) => {
    const bytes = Buffer.allocUnsafe(readSize)
    // From where the descriptor stands, as it may be one that cannot be read anywhere else.
    readFile(descriptor, bytes, 0, readSize, null, (error, count) => {
      if (error !== null) resume(notRead(error))
      else resume(Effect.succeed(count === 0 ? undefined : bytes.subarray(0, count)))
    })
  }).pipe(Effect.uninterruptible)

/** What a stream of Node's brings. Waiting for it ends when the stream is destroyed, which nothing that it waits for can hold up. */
const ofReadable = (open: () => Readable): Effect.Effect<Pull<NotRead>, never, Scope.Scope> =>
  Effect.map(
    Effect.acquireRelease(
      Effect.sync(() => {
        const readable = open()
        let failure: NotRead | undefined
        readable.on("error", (error) => {
          failure = notRead(error)
        })
        return { readable, failed: () => failure }
      }),
      ({ readable }) => Effect.sync(() => readable.destroy())
    ),
    ({ failed, readable }): Pull<NotRead> =>
      Effect.async((resume) => {
        const look = (): void => {
          const bytes: Uint8Array | null = readable.read()
          const isOver = bytes === null && (readable.readableEnded || readable.destroyed)
          if (bytes === null && !isOver) return
          for (const event of events) readable.off(event, look)
          resume(bytes === null ? (failed() ?? Effect.succeed(undefined)) : Effect.succeed(bytes))
        }
        const events = ["readable", "end", "close", "error"] as const
        for (const event of events) readable.on(event, look)
        look()
        return Effect.sync(() => {
          for (const event of events) readable.off(event, look)
        })
      })
  )

/** What the open `descriptor` brings. A pipe or a terminal is closed when the scope is, anything else stays open. */
export const ofDescriptor = (descriptor: number): Effect.Effect<Pull<NotRead>, NotRead, Scope.Scope> =>
  Effect.flatMap(
    attempt(() => fstatSync(descriptor)),
    (info) => {
      if (isatty(descriptor)) return ofReadable(() => new ReadStream(descriptor))
      const isPipe = info.isFIFO() || info.isSocket()
      if (isPipe) return ofReadable(() => new Socket({ fd: descriptor, readable: true, writable: false }))
      return Effect.succeed(ofFile(descriptor))
    }
  )

/**
 * What the file at `path` brings. A pipe is opened without waiting for somebody who writes into it, as nothing could end that wait; its
 * first bytes are waited for instead.
 */
export const ofPath = (path: string): Effect.Effect<Pull<NotRead>, NotRead, Scope.Scope> =>
  Effect.gen(function* () {
    const open = () => openSync(FilePath.toSystem(path), constants.O_RDONLY | constants.O_NONBLOCK)
    let isOpen = true
    const descriptor = yield* Effect.acquireRelease(attempt(open), (opened) =>
      Effect.sync(() => (isOpen ? closeSync(opened) : undefined))
    )
    const info = yield* attempt(() => fstatSync(descriptor))
    // A stream closes what it was given.
    isOpen = !info.isFIFO() && !isatty(descriptor)
    return yield* ofDescriptor(descriptor)
  })
