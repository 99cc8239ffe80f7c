/** Bytes that arrive in pieces, of which the first can be looked at before they are taken. */
import { Effect } from "effect"

/** The next piece; none at the end. */
export type Pull<E> = Effect.Effect<Uint8Array | undefined, E>

const nothing = new Uint8Array(0)

/** See above. */
export class ByteReader<E> {
  private held: Uint8Array = nothing
  private isOver = false

  constructor(private readonly pull: Pull<E>) {}

  /** What comes next, at least `size` bytes of it unless there are fewer. It is not taken. */
  peek(size: number): Effect.Effect<Uint8Array, E> {
    return Effect.suspend(() => {
      if (this.held.length >= size || this.isOver) return Effect.succeed(this.held)
      return Effect.flatMap(this.pull, (piece) => {
        if (piece === undefined) this.isOver = true
        else this.held = this.held.length === 0 ? piece : Buffer.concat([this.held, piece])
        return this.peek(size)
      })
    })
  }

  /** Takes the first `count` of the bytes that {@link peek} showed. */
  skip(count: number): void {
    this.held = this.held.subarray(count)
  }

  /** Takes what comes next, at most `most` bytes of it; none at the end. */
  take(most = Number.POSITIVE_INFINITY): Pull<E> {
    return Effect.map(this.peek(1), (held) => {
      if (held.length === 0) return undefined
      const taken = held.length > most ? held.subarray(0, most) : held
      this.skip(taken.length)
      return taken
    })
  }
}
