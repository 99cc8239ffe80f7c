/** A temporary file that has no name: whatever ends the program, the system removes it. */
import { closeSync, mkdtempSync, openSync, readSync, rmSync, writevSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect, Schema, type Scope } from "effect"
import * as SystemReason from "../source/SystemReason.js"

/** Temporary files could not be written or read: events that do not fit into memory have no place. */
export class TemporaryFileFailure extends Schema.TaggedError<TemporaryFileFailure>()("TemporaryFileFailure", {
  directory: Schema.String,
  /** What the system said. */
  reason: Schema.String
}) {
  override get message(): string {
    return `events did not fit into memory, and could not be kept in ${this.directory}: ${this.reason}`
  }

  /** What to do about it. */
  get remedy(): string {
    return `make room in ${this.directory}, name another directory for temporary files (TMPDIR), or allow more memory`
  }
}

/** So many pieces the system writes at once. */
const mostPieces = 512

/** See above. Its functions throw what `node:fs` does. */
export class SpillFile {
  /** How many bytes were written. */
  size = 0
  private file = -1

  /** A file for as long as the scope is open. It is made when the first bytes are written. */
  static readonly make: Effect.Effect<SpillFile, never, Scope.Scope> = Effect.acquireRelease(
    Effect.sync(() => new SpillFile()),
    (spill) => Effect.sync(() => spill.close())
  )

  /** Where such files are made. */
  static get directory(): string {
    return tmpdir()
  }

  private constructor() {}

  /** Writes pieces behind all that was written before. */
  append(pieces: ReadonlyArray<Uint8Array>): void {
    if (this.file === -1) this.file = SpillFile.openUnnamed()
    for (let from = 0; from < pieces.length; from += mostPieces) this.write(pieces.slice(from, from + mostPieces))
  }

  /** Reads into all of `room` from `position` on. */
  read(room: Uint8Array, position: number): void {
    for (let done = 0; done < room.length; ) {
      const count = readSync(this.file, room, done, room.length - done, position + done)
      if (count === 0) throw new Error("a temporary file became shorter")
      done += count
    }
  }

  /** Why something that this file threw happened. */
  static failure(error: unknown): TemporaryFileFailure {
    return new TemporaryFileFailure({ directory: SpillFile.directory, reason: SystemReason.of(error) })
  }

  private close(): void {
    if (this.file !== -1) closeSync(this.file)
    this.file = -1
  }

  private write(pieces: ReadonlyArray<Uint8Array>): void {
    let rest = [...pieces]
    while (rest.length > 0) {
      let count = writevSync(this.file, rest, this.size)
      this.size += count
      while (count >= (rest[0]?.length ?? Number.POSITIVE_INFINITY)) {
        count -= rest[0]?.length ?? 0
        rest = rest.slice(1)
      }
      if (count > 0) rest = [rest[0]?.subarray(count) ?? new Uint8Array(0), ...rest.slice(1)]
    }
  }

  private static openUnnamed(): number {
    const directory = mkdtempSync(join(tmpdir(), "genesys-replay-"))
    try {
      return openSync(join(directory, "events"), "wx+", 0o600)
    } finally {
      rmSync(directory, { recursive: true, force: true })
    }
  }
}
