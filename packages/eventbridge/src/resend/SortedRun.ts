/** A run of events that are sorted, in a file, and read from its beginning to its end. */
import type { FileSystem } from "@effect/platform"
import { Effect } from "effect"
import type { ResendEvent } from "./ResendEvent.js"

/** An event, and the place at which it came. */
export interface Placed {
  readonly event: ResendEvent
  readonly place: number
}

// What says no time goes last.
const keyOf = ({ event: { timeMs } }: Placed): number => timeMs ?? Number.POSITIVE_INFINITY

/** The order of time; of two of one time the one that came earlier goes first. */
export const compare = (one: Placed, other: Placed): number =>
  keyOf(one) < keyOf(other) ? -1 : keyOf(one) > keyOf(other) ? 1 : one.place - other.place

// In front of each event stands how many bytes of JSON it takes.
const lengthSize = 4

const encoder = new TextEncoder()
const decoder = new TextDecoder()

/** Events as a run has them. */
export const encode = (events: ReadonlyArray<Placed>): Uint8Array => {
  const texts = events.map((one) => encoder.encode(JSON.stringify(one)))
  const bytes = new Uint8Array(texts.reduce((sum, { length }) => sum + lengthSize + length, 0))
  const view = new DataView(bytes.buffer)
  let at = 0
  for (const text of texts) {
    view.setUint32(at, text.length)
    bytes.set(text, at + lengthSize)
    at += lengthSize + text.length
  }
  return bytes
}

const pageSize = 256 * 1_024

/** A run; its head is the next event, once it was read. */
export class SortedRun {
  /** Undefined before the first {@link step}, and behind the last event. */
  head: Placed | undefined
  private page = new Uint8Array(0)
  private at = 0

  /** The run stands in the file from `from` on, and before `to`. */
  constructor(
    private from: number,
    private readonly to: number
  ) {}

  /** The next event becomes the head. False where its bytes have to be {@link read} before. */
  step(): boolean {
    const { at, page } = this
    this.head = undefined
    if (at === page.length && this.from === this.to) return true
    const length = this.length()
    if (length === undefined || page.length - at < lengthSize + length) return false
    this.at += lengthSize + length
    // What this process wrote a moment ago.
    this.head = JSON.parse(decoder.decode(page.subarray(at + lengthSize, this.at)))
    return true
  }

  /** Reads on: a page, or as much as the next event takes. */
  read(file: FileSystem.File) {
    return Effect.gen(this, function* () {
      const kept = this.page.subarray(this.at)
      const wanted = lengthSize + (this.length() ?? 0) - kept.length
      const page = new Uint8Array(kept.length + Math.min(this.to - this.from, Math.max(pageSize, wanted)))
      page.set(kept)
      yield* file.seek(this.from, "start")
      let filled = kept.length
      while (filled < page.length) {
        const count = Number(yield* file.read(page.subarray(filled)))
        if (count === 0) return yield* Effect.dieMessage("a temporary file became shorter while it was read")
        filled += count
      }
      this.from += page.length - kept.length
      this.page = page
      this.at = 0
    })
  }

  // How many bytes of JSON the next event takes, where that much is at hand.
  private length(): number | undefined {
    const { at, page } = this
    return page.length - at < lengthSize ? undefined : new DataView(page.buffer, at).getUint32(0)
  }
}

/** The runs by their heads, the least one first: a binary heap. */
export class RunHeap {
  constructor(private readonly runs: Array<SortedRun>) {
    for (let at = Math.floor(runs.length / 2) - 1; at >= 0; at--) this.sink(at)
  }

  /** The run with the least head; undefined where no event is left. */
  first(): SortedRun | undefined {
    return this.runs[0]?.head === undefined ? undefined : this.runs[0]
  }

  /** The first run has another head now. */
  changed(): void {
    const last = this.runs[0]?.head === undefined ? this.runs.pop() : undefined
    if (last !== undefined && this.runs.length > 0) this.runs[0] = last
    this.sink(0)
  }

  private sink(from: number): void {
    const { runs } = this
    for (let at = from; ; ) {
      let least = at
      for (const child of [2 * at + 1, 2 * at + 2]) {
        const [one, other] = [runs[child]?.head, runs[least]?.head]
        if (one !== undefined && other !== undefined && compare(one, other) < 0) least = child
      }
      const [upper, lower] = [runs[at], runs[least]]
      if (least === at || upper === undefined || lower === undefined) return
      runs[at] = lower
      runs[least] = upper
      at = least
    }
  }
}
