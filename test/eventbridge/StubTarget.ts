/** A target in memory that remembers what it was sent, and events to send to it. */

import { ProviderError } from "@genesys-replay/domain"
import { ResendError, ResendEvent, type ResendTarget } from "@genesys-replay/eventbridge"
import { Array as Arrays, Clock, Duration, Effect, Either, Fiber, Stream, TestClock } from "effect"

/** What an event is made of. */
export interface Made {
  readonly at?: number
  readonly conversation?: string
  readonly topic?: string
  readonly source?: string
  readonly pad?: number
}

/** Midnight of the day of all events here. */
export const midnight = Date.parse("2024-01-15T00:00:00Z")

/** An envelope as EventBridge delivers it, `at` milliseconds after midnight. */
export const envelope = (index: number, made: Made = {}) => {
  const { at = index * 1_000, conversation = `conversation-${index % 3}`, pad = 0, topic = "acd.start" } = made
  return {
    version: "0",
    id: `00000000-0000-4000-8000-${String(index).padStart(12, "0")}`,
    "detail-type": `v2.detail.events.conversation.{id}.${topic}`,
    source: made.source ?? "aws.partner/genesys.com/cloud/org/suffix",
    account: "123456789012",
    time: `${new Date(midnight + at).toISOString().slice(0, 19)}Z`,
    region: "us-east-1",
    resources: [],
    detail: {
      topicName: `v2.detail.events.conversation.${conversation}.${topic}`,
      version: "2",
      eventBody: { eventTime: midnight + at, conversationId: conversation, index, text: "x".repeat(pad) }
    }
  }
}

/** The line of an envelope. */
export const line = (index: number, made?: Made): string => JSON.stringify(envelope(index, made))

/** Lines as a file has them. */
export const records = (...lines: ReadonlyArray<string>): Stream.Stream<ResendEvent.Input> =>
  Stream.rechunk(Stream.fromIterable(lines.map((text, at) => ({ source: "captured.ndjson", line: at + 1, text }))), 2)

/** The event that this text is. */
export const eventOf = (text: string, at = 1): ResendEvent.ResendEvent => {
  const [event] = Arrays.getRights(ResendEvent.read({ source: "captured.ndjson", line: at, text }))
  if (event === undefined) throw new Error(`no event: ${text}`)
  return event.event
}

/** The index of an event of {@link envelope}. */
export const indexOf = ({ text }: { readonly text: string }): number => JSON.parse(text).detail.eventBody.index

/** A request that the target got: when, in milliseconds since the test began, and which events. */
export interface Request {
  readonly at: number
  readonly indices: ReadonlyArray<number>
}

/** How a target behaves. */
export interface Behaviour {
  readonly entries?: number
  readonly bytes?: number
  readonly concurrency?: number
  /** Keeps the order within a conversation. */
  readonly isGrouped?: boolean
  /** How long a request takes. */
  readonly takes?: Duration.DurationInput
  /** Why an event is refused. */
  readonly refuses?: (index: number) => string | undefined
  /** Whether a request fails, and whether it took effect before. */
  readonly fails?: (request: Request, count: number) => "before" | "after" | undefined
}

/** The target. */
export class StubTarget implements ResendTarget.ResendTarget {
  readonly name = "stub"
  readonly location = "stub"
  readonly batch
  readonly concurrency
  readonly groupOf
  readonly requests: Array<Request> = []
  /** What it has, in the order in which it came; an event as often as it was taken. */
  readonly taken: Array<number> = []
  /** The most requests that were under way at once. */
  mostAtOnce = 0
  private atOnce = 0

  constructor(private readonly behaviour: Behaviour = {}) {
    this.batch = { entries: behaviour.entries ?? 10, bytes: behaviour.bytes ?? 262_144 }
    this.concurrency = behaviour.concurrency ?? 8
    this.groupOf =
      behaviour.isGrouped === true ? (event: ResendEvent.ResendEvent) => event.conversationId ?? "" : undefined
  }

  measure({ text }: ResendEvent.ResendEvent) {
    return text.length <= this.batch.bytes ? Either.right(text.length) : Either.left(`too large: ${text.length}`)
  }

  send(events: ReadonlyArray<ResendEvent.ResendEvent>) {
    return Effect.gen(this, function* () {
      const { fails, refuses = () => undefined, takes = 0 } = this.behaviour
      const request = { at: yield* Clock.currentTimeMillis, indices: events.map(indexOf) }
      this.requests.push(request)
      const fault = fails?.(request, this.requests.length)
      if (fault === "before") return events.map(() => unsent)
      this.mostAtOnce = Math.max(this.mostAtOnce, ++this.atOnce)
      if (Duration.toMillis(takes) > 0) yield* Effect.sleep(takes)
      this.atOnce--
      const outcomes = request.indices.map((index): ResendTarget.Outcome => {
        const reason = refuses(index)
        if (reason !== undefined) return { _tag: "Refused", reason }
        this.taken.push(index)
        return { _tag: "Acknowledged" }
      })
      return fault === "after" ? events.map(() => unsent) : outcomes
    })
  }
}

const error = new ProviderError.ProviderUnavailable({
  operation: "stub",
  attempts: 4,
  elapsedMs: 7_000,
  lastAnswer: "503"
})

const unsent: ResendTarget.Outcome = { _tag: "Unsent", error }

/** Runs it to its end on the test's clock, which goes on by itself. */
export const onTestClock = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const fiber = yield* Effect.fork(effect)
    const goOn = TestClock.adjust("100 millis").pipe(Effect.zipRight(Effect.yieldNow()), Effect.forever)
    const going = yield* Effect.fork(goOn)
    const exit = yield* Fiber.await(fiber)
    yield* Fiber.interrupt(going)
    return yield* exit
  })

/** For what fails with a file. */
export const isFileFailure = (error: unknown): error is ResendError.ResendFileFailed =>
  error instanceof ResendError.ResendFileFailed
