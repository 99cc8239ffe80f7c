import { describe, expect, it } from "@effect/vitest"
import { MessageQueue, SeededRandom } from "@genesys-replay/sandbox"
import { FastCheck as fc } from "effect"

const visibility = 1_000

type Step =
  | { readonly kind: "send" }
  | { readonly kind: "receive"; readonly most: number }
  | { readonly kind: "pass"; readonly millis: number }
  | { readonly kind: "delete"; readonly which: number }

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant("send" as const) }),
  fc.record({ kind: fc.constant("receive" as const), most: fc.integer({ min: 1, max: 10 }) }),
  fc.record({ kind: fc.constant("pass" as const), millis: fc.integer({ min: 0, max: 1_500 }) }),
  fc.record({ kind: fc.constant("delete" as const), which: fc.nat(20) })
)

/** What is known of a message from outside. */
interface Seen {
  handle: string | undefined
  hiddenUntil: number
}

describe("A message queue", () => {
  it("hands every message out until it is deleted under its last handle, and to one receiver at a time", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const queue = new MessageQueue.MessageQueue(SeededRandom.SeededRandom.of(1))
        const expected = new Map<string, Seen>()
        const handles: Array<string> = []
        let now = 0
        for (const one of steps) {
          if (one.kind === "send") {
            const id = queue.send({ body: "", md5: "", attributes: undefined }, now, 0)
            expected.set(id, { handle: undefined, hiddenUntil: now })
          } else if (one.kind === "pass") now += one.millis
          else if (one.kind === "delete") {
            const handle = handles[one.which]
            if (handle === undefined) continue
            queue.remove(handle)
            for (const [id, seen] of expected) if (seen.handle === handle) expected.delete(id)
          } else {
            const waiting = [...expected].filter(([, { hiddenUntil }]) => hiddenUntil <= now).map(([id]) => id)
            const received = queue.receive(one.most, now, visibility)
            expect(received.map(({ id }) => id)).toEqual(waiting.slice(0, one.most))
            for (const { id, receiptHandle } of received) {
              expected.set(id, { handle: receiptHandle, hiddenUntil: now + visibility })
              handles.push(receiptHandle)
            }
          }
          const hidden = [...expected.values()].map(({ hiddenUntil }) => hiddenUntil).filter((until) => until > now)
          expect(queue.nextVisibleAt(now)).toBe(Math.min(Number.POSITIVE_INFINITY, ...hidden))
          const depth = queue.depth(now)
          expect(depth).toEqual({ waiting: expected.size - hidden.length, inFlight: hidden.length, delayed: 0 })
        }
        expect(new Set(handles).size).toBe(handles.length)
      })
    )
  })
})
