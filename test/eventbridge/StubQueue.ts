/** A queue of SQS, and a file system that forgets at a crash what was not synced: the world of a capture, in memory. */

import type { ReceiveMessageCommandOutput } from "@aws-sdk/client-sqs"
import { FileSystem, Error as PlatformError } from "@effect/platform"
import { SdkError } from "@effect-aws/commons"
import { CaptureQueue } from "@genesys-replay/eventbridge"
import { Cause, Clock, Effect, Layer, Option, Random } from "effect"

/** How the world misbehaves. Chances from 0 to 1. */
export interface Options {
  /** Milliseconds for which a message that was taken is hidden; 30 seconds. */
  readonly visibility?: number
  /** Milliseconds that a sync takes; 5. */
  readonly syncTime?: number
  /** Requests that end in a time-out, half of them after SQS has done its part. */
  readonly timeouts?: number
  /** Entries of a batch that are not deleted this time. */
  readonly undeletable?: number
  /** Entries that SQS says can never be deleted by this receipt. */
  readonly rejectReceipt?: (body: string) => boolean
  /** Fails the write that would make the file longer than this. */
  readonly diskSize?: number
  /** Lets nobody see how full the queue is. */
  readonly hidesDepth?: boolean
  /** Whether requests are allowed. */
  readonly allows?: (action: string) => boolean
}

interface StoredFile {
  readonly ino: number
  contents: string
  /** How much of it is on the disk. */
  durable: number
}

interface Stored {
  readonly body: string
  receipt: string
  visibleAt: number
}

const denied = (action: string) =>
  SdkError({
    name: "SdkError",
    message: `User is not authorized to perform: ${action}`,
    ...{ $metadata: { httpStatusCode: 403 } }
  })

/** One world: a queue, a file, and what happened in order. */
export class StubWorld {
  /** What happened: `take`, `write`, `sync`, `delete`, each with its number of messages or bytes. */
  readonly happened: Array<readonly [what: string, howMany: number]> = []
  /** Messages that were deleted although their lines were not on the disk. */
  readonly deletedTooEarly: Array<string> = []
  /** The most messages that were taken and not yet deleted at one time. */
  mostInFlight = 0
  private queue: Array<Stored> = []
  private receipts = 0
  private life = 0
  private files = 0
  private current = this.newFile()
  private isThere = false
  /** What was in files that were moved or deleted, at that moment: where it is kept is not the business of a capture. */
  private readonly movedLines: Array<string> = []
  private readonly waiting = new Set<() => void>()

  constructor(readonly options: Options = {}) {}

  /** Puts messages into the queue. */
  send(...bodies: ReadonlyArray<string>): void {
    this.queue.push(...bodies.map((body) => ({ body, receipt: "", visibleAt: 0 })))
    for (const wake of this.waiting) wake()
  }

  /** How many messages are in the queue, hidden ones too. */
  get size(): number {
    return this.queue.length
  }

  /** The lines in the file, and in those that it was before. */
  get lines(): ReadonlyArray<string> {
    return [...this.movedLines, ...linesOf(this.current.contents)]
  }

  private newFile(): StoredFile {
    return { ino: ++this.files, contents: "", durable: 0 }
  }

  /** Another program moves the file away, or deletes it: what is written to it from now on nobody will see. */
  moveFile(): void {
    this.movedLines.push(...linesOf(this.current.contents.slice(0, this.current.durable)))
    this.current = this.newFile()
    this.isThere = false
  }

  /** Another program empties the file, after it has copied it as it was. */
  emptyFile(): void {
    this.movedLines.push(...linesOf(this.current.contents.slice(0, this.current.durable)))
    this.current.contents = ""
    this.current.durable = 0
  }

  /** The process dies: nothing that it asks for happens any more, and of what was not synced only `share` is on the disk. */
  crash(share: number): void {
    this.life++
    const { contents, durable } = this.current
    this.current.contents = contents.slice(0, durable + Math.floor((contents.length - durable) * share))
    this.current.durable = this.current.contents.length
  }

  /** The services of a process that starts now. */
  get layer(): Layer.Layer<CaptureQueue.QueueClient | FileSystem.FileSystem> {
    const life = this.life
    const alive = <A, E>(effect: Effect.Effect<A, E>): Effect.Effect<A, E> =>
      Effect.suspend(() => (this.life === life ? effect : Effect.never))
    const asked = <A>(action: string, effect: Effect.Effect<A>) =>
      alive(
        Effect.gen(this, function* () {
          yield* Effect.sleep("3 millis")
          if (this.options.allows?.(action) === false) return yield* Effect.fail(denied(action))
          const [lost, late] = [yield* Random.next, yield* Random.nextBoolean]
          const isLost = lost < (this.options.timeouts ?? 0)
          if (isLost && !late) return yield* new Cause.TimeoutException("before")
          const answer = yield* alive(effect)
          return isLost ? yield* new Cause.TimeoutException("after") : answer
        })
      ).pipe(Effect.tap(() => alive(Effect.void)))
    const sqs = Layer.succeed(CaptureQueue.QueueClient, {
      receiveMessage: ({ MaxNumberOfMessages = 1, WaitTimeSeconds = 0 }) =>
        asked("sqs:ReceiveMessage", this.take(MaxNumberOfMessages, WaitTimeSeconds * 1_000)),
      deleteMessageBatch: ({ Entries = [] }) => asked("sqs:DeleteMessage", this.remove(Entries)),
      getQueueAttributes: () =>
        this.options.hidesDepth === true
          ? Effect.fail(denied("sqs:GetQueueAttributes"))
          : asked("sqs:GetQueueAttributes", this.attributes)
    })
    return Layer.merge(sqs, this.fileSystem(alive))
  }

  private readonly arrival = Effect.async<void>((resume) => {
    const wake = () => resume(Effect.void)
    this.waiting.add(wake)
    return Effect.sync(() => this.waiting.delete(wake))
  })

  private take(max: number, wait: number): Effect.Effect<ReceiveMessageCommandOutput> {
    return Effect.gen(this, function* () {
      const until = (yield* Clock.currentTimeMillis) + wait
      for (;;) {
        const now = yield* Clock.currentTimeMillis
        const taken = this.queue.filter(({ visibleAt }) => visibleAt <= now).slice(0, max)
        for (const message of taken) {
          message.receipt = `receipt-${this.receipts++}`
          message.visibleAt = now + (this.options.visibility ?? 30_000)
        }
        this.mostInFlight = Math.max(this.mostInFlight, this.queue.filter(({ visibleAt }) => visibleAt > now).length)
        if (taken.length > 0) {
          this.happened.push(["take", taken.length])
          return {
            $metadata: {},
            Messages: taken.map(({ body, receipt }) => ({ MessageId: body, Body: body, ReceiptHandle: receipt }))
          }
        }
        if (now >= until) return { $metadata: {} }
        const next = Math.min(until, ...this.queue.map(({ visibleAt }) => visibleAt))
        yield* Effect.race(Effect.sleep(next - now), this.arrival)
      }
    })
  }

  private remove(entries: ReadonlyArray<{ Id: string | undefined; ReceiptHandle: string | undefined }>) {
    return Effect.gen(this, function* () {
      const safe = new Set([...this.movedLines, ...linesOf(this.current.contents.slice(0, this.current.durable))])
      const Successful: Array<{ Id: string }> = []
      const Failed: Array<{ Id: string; Code: string; SenderFault: boolean }> = []
      for (const { Id = "", ReceiptHandle } of entries) {
        const message = this.queue.find(({ receipt }) => receipt === ReceiptHandle)
        if (message !== undefined && this.options.rejectReceipt?.(message.body) === true) {
          Failed.push({ Id, Code: "ReceiptHandleIsInvalid", SenderFault: true })
        } else if ((yield* Random.next) < (this.options.undeletable ?? 0)) {
          Failed.push({ Id, Code: "InternalError", SenderFault: false })
        } else {
          Successful.push({ Id })
          if (message !== undefined && !safe.has(message.body)) this.deletedTooEarly.push(message.body)
          this.queue = this.queue.filter((other) => other !== message)
        }
      }
      this.happened.push(["delete", Successful.length])
      return { $metadata: {}, Successful, Failed }
    })
  }

  private get attributes() {
    return Effect.map(Clock.currentTimeMillis, (now) => {
      const inFlight = this.queue.filter(({ visibleAt }) => visibleAt > now).length
      return {
        $metadata: {},
        Attributes: {
          ApproximateNumberOfMessages: String(this.queue.length - inFlight),
          ApproximateNumberOfMessagesNotVisible: String(inFlight),
          ApproximateNumberOfMessagesDelayed: "0",
          VisibilityTimeout: String((this.options.visibility ?? 30_000) / 1_000)
        }
      }
    })
  }

  private fileSystem(
    alive: <A, E>(effect: Effect.Effect<A, E>) => Effect.Effect<A, E>
  ): Layer.Layer<FileSystem.FileSystem> {
    const truncate = (file: StoredFile, length: number) =>
      Effect.sync(() => {
        file.contents = file.contents.slice(0, length)
        file.durable = Math.min(file.durable, length)
      })
    const write = (file: StoredFile, bytes: Uint8Array) =>
      Effect.suspend(() => {
        const text = new TextDecoder().decode(bytes)
        const room = (this.options.diskSize ?? Number.POSITIVE_INFINITY) - file.contents.length
        file.contents += text.slice(0, room)
        this.happened.push(["write", text.length])
        return text.length <= room ? Effect.void : Effect.fail(diskFull)
      })
    const sync = (file: StoredFile) =>
      Effect.gen(this, function* () {
        const reached = file.contents.length
        yield* Effect.sleep(this.options.syncTime ?? 5)
        yield* alive(Effect.void)
        file.durable = Math.min(reached, file.contents.length)
        this.happened.push(["sync", reached])
      })
    const infoOf = ({ contents, ino }: StoredFile): FileSystem.File.Info => ({
      ...regularFile,
      size: FileSystem.Size(contents.length),
      ino: Option.some(ino)
    })
    const open = () =>
      Effect.sync((): FileSystem.File => {
        const file = this.current
        this.isThere = true
        let position = 0
        return {
          [FileSystem.FileTypeId]: FileSystem.FileTypeId,
          fd: FileSystem.FileDescriptor(3),
          stat: Effect.sync(() => infoOf(file)),
          seek: (offset) =>
            Effect.sync(() => {
              position = Number(offset)
            }),
          sync: alive(sync(file)),
          read: () => Effect.die("not stubbed"),
          readAlloc: (size) =>
            Effect.sync(() =>
              Option.some(new TextEncoder().encode(file.contents.slice(position, position + Number(size))))
            ),
          truncate: (length) => truncate(file, Number(length)),
          write: () => Effect.die("not stubbed"),
          writeAll: (bytes) => alive(write(file, bytes))
        }
      })
    return FileSystem.layerNoop({
      open,
      makeDirectory: () => Effect.void,
      stat: () => Effect.suspend(() => (this.isThere ? Effect.succeed(infoOf(this.current)) : Effect.fail(notThere))),
      truncate: (_, length) => alive(Effect.suspend(() => truncate(this.current, Number(length))))
    })
  }
}

const linesOf = (text: string): ReadonlyArray<string> => text.split("\n").filter((line) => line !== "")

const notThere = new PlatformError.SystemError({ module: "FileSystem", method: "stat", reason: "NotFound" })

const diskFull = new PlatformError.SystemError({
  module: "FileSystem",
  method: "writeAll",
  reason: "Unknown",
  description: "ENOSPC: no space left on device"
})

const regularFile = {
  type: "File" as const,
  mtime: Option.none(),
  atime: Option.none(),
  birthtime: Option.none(),
  dev: 0,
  ino: Option.none(),
  mode: 0o600,
  nlink: Option.none(),
  uid: Option.none(),
  gid: Option.none(),
  rdev: Option.none(),
  blksize: Option.none(),
  blocks: Option.none()
}
