/** The way of events to where they are delivered, on which some get lost, are doubled or overtaken. */
import { type Seed, SeededRandom } from "../world/SeededRandom.js"
import { type DeliveryFaults, selects } from "./Faults.js"

/** What can happen to an event on its way. */
export type DeliveryFault = "dropped" | "duplicated" | "reordered"

interface Held<A> {
  readonly line: A
  /** Behind which index it is delivered. */
  readonly behind: number
}

const usualDistance = 8
const duplicateDistance = 5

/**
 * Indices of one replay come in order. What happens to an event depends on the seed, the replay's name and
 * the event's index only, not on how the events are cut into batches. What is sent is a line of NDJSON or whatever else
 * stands for an event.
 */
export class FaultyDelivery<A = string> {
  private held: ReadonlyArray<Held<A>> = []

  constructor(
    private readonly seed: Seed,
    private readonly replayName: string,
    private readonly onFault: (fault: DeliveryFault, line: A) => void = () => {}
  ) {}

  /** What arrives when the event with `index` is sent, in order of arrival. */
  send(index: number, line: A, faults: DeliveryFaults | undefined): ReadonlyArray<A> {
    const affected =
      faults !== undefined && (faults.streams === undefined || faults.streams.includes(this.replayName))
        ? faults
        : undefined
    const direct = affected === undefined || this.straight(index, line, affected) ? [line] : []
    return [...direct, ...this.release(index)]
  }

  /** What is still under way at the end. */
  flush(): ReadonlyArray<A> {
    return this.release(Number.POSITIVE_INFINITY)
  }

  /** Whether the event itself arrives at once; copies and late ones are held back. */
  private straight(index: number, line: A, faults: DeliveryFaults): boolean {
    const random = SeededRandom.of(this.seed, "transit", this.replayName, index)
    const dropped = selects(faults.drop, index, random.next())
    const doubled = selects(faults.duplicate, index, random.next())
    const overtaken = selects(faults.reorder, index, random.next())
    const late = random.int(1, faults.distance ?? usualDistance)
    if (dropped) {
      this.onFault("dropped", line)
      return false
    }
    if (overtaken) {
      this.hold(line, index + late)
      this.onFault("reordered", line)
    }
    if (doubled) {
      this.hold(line, index + random.int(1, duplicateDistance))
      this.onFault("duplicated", line)
    }
    return !overtaken
  }

  private hold(line: A, behind: number): void {
    this.held = [...this.held, { line, behind }]
  }

  private release(index: number): ReadonlyArray<A> {
    if (this.held.length === 0) return []
    const due = this.held.filter(({ behind }) => behind <= index)
    this.held = this.held.filter(({ behind }) => behind > index)
    return due.map(({ line }) => line)
  }
}
