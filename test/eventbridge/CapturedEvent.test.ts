import { describe, expect, it } from "@effect/vitest"
import { EventEnvelope } from "@genesys-replay/domain"
import { CapturedEvent } from "@genesys-replay/eventbridge"
import { FastCheck } from "effect"

/** Events as EventBridge writes them, with any payload. */
const event = FastCheck.record({
  version: FastCheck.constant("0"),
  id: FastCheck.uuid(),
  "detail-type": FastCheck.string({ unit: "binary" }),
  source: FastCheck.constant("aws.partner/genesys.com/cloud/org/suffix"),
  "replay-name": FastCheck.string(),
  detail: FastCheck.record({ sequenceIndex: FastCheck.nat(), eventBody: FastCheck.jsonValue({ stringUnit: "binary" }) })
})

type Wrapper = (json: string) => string

const sns: Wrapper = (json) =>
  JSON.stringify({
    Type: "Notification",
    MessageId: "1",
    TopicArn: "arn:aws:sns:us-east-1:1:t",
    Message: json,
    Timestamp: ""
  })

/** A wrapper of any kind: SNS, a text, a member beside others, pretty-printed. */
const wrapper: FastCheck.Arbitrary<Wrapper> = FastCheck.oneof(
  FastCheck.constant(sns),
  FastCheck.constant<Wrapper>((json) => JSON.stringify(json)),
  FastCheck.tuple(FastCheck.string({ unit: "binary" }), FastCheck.jsonValue()).map(
    ([key, other]): Wrapper =>
      (json) =>
        `{ "before": ${JSON.stringify(other)},\r\n ${JSON.stringify(`k${key}`)} : ${json}\n, "after":[{"a":"}\\""}] }`
  )
)

describe("CapturedEvent", () => {
  it("takes one event out of any wrappers, as it was written", () =>
    FastCheck.assert(
      FastCheck.property(event, FastCheck.array(wrapper, { maxLength: 4 }), (value, wrappers) => {
        const json = JSON.stringify(value)
        const captured = CapturedEvent.fromBody(wrappers.reduce((inner, wrap) => wrap(inner), json))
        expect(captured).toEqual({ line: json, unwrapped: wrappers.length > 0 })
      }),
      { numRuns: 500 }
    ))

  it("keeps the attributes of the message at the end of the event, and every byte of the event", () =>
    FastCheck.assert(
      FastCheck.property(
        event,
        FastCheck.array(wrapper, { maxLength: 2 }),
        FastCheck.dictionary(FastCheck.string({ unit: "binary", minLength: 1 }), FastCheck.string({ unit: "binary" }), {
          minKeys: 1
        }),
        (value, wrappers, attributes) => {
          const json = JSON.stringify(value)
          const { line, unwrapped } = CapturedEvent.fromBody(
            wrappers.reduce((inner, wrap) => wrap(inner), json),
            attributes
          )
          expect(unwrapped).toBe(wrappers.length > 0)
          expect(line.startsWith(`${json.slice(0, -1)},"message-attributes":{`)).toBe(true)
          expect(line).not.toMatch(/[\r\n]/)
          expect(JSON.parse(line)).toEqual({ ...JSON.parse(json), "message-attributes": attributes })
        }
      ),
      { numRuns: 300 }
    ))

  it("keeps them beside what is no event too, and those of the last delivery only", () => {
    const attributes = { ERROR_CODE: "NO_PERMISSIONS" }
    const own = '"message-attributes":{"ERROR_CODE":"NO_PERMISSIONS"}'
    const lines = [
      ["no JSON", `{"body":"no JSON",${own}}`],
      [" [1.0]\n", `{"body":[1.0],${own}}`],
      ["{ }", `{${own}}`],
      ['{"a":1.0, "message-attributes": {"ERROR_CODE":"OLD"}, "b":2}', `{"a":1.0,${own},"b":2}`]
    ] as const
    for (const [body, line] of lines) {
      expect(CapturedEvent.fromBody(body, attributes)).toEqual({ line, unwrapped: false })
    }
  })

  it("makes one line of well-formed JSON of any body, and loses nothing of it", () =>
    FastCheck.assert(
      FastCheck.property(
        FastCheck.oneof(
          FastCheck.string({ unit: "binary" }),
          FastCheck.json(),
          event.map((value) => JSON.stringify(value, null, 2))
        ),
        (body) => {
          const { line } = CapturedEvent.fromBody(body)
          expect(line).not.toMatch(/[\r\n]/)
          expect(Buffer.from(line, "utf8").toString("utf8")).toBe(line)
          const written: unknown = JSON.parse(line)
          expect(written).toEqual(isJson(body) ? JSON.parse(body) : body)
        }
      ),
      { numRuns: 500 }
    ))

  it("finds of its own lines what it wrote", () =>
    FastCheck.assert(
      FastCheck.property(event, wrapper, (value, wrap) => {
        const { line } = CapturedEvent.fromBody(wrap(JSON.stringify(value)))
        expect(CapturedEvent.fromBody(line)).toEqual({ line, unwrapped: false })
      })
    ))

  const plain = '{"detail-type":"t","source":"s","detail":{"sequenceIndex":1}}'

  it.each([
    [
      "numbers keep their digits",
      '{"e":{"detail-type":"t","source":"s","detail":{"n":12345678901234567890.10}}}',
      '{"detail-type":"t","source":"s","detail":{"n":12345678901234567890.10}}',
      true
    ],
    [
      "half of a surrogate pair is written as its escape",
      JSON.stringify(`${plain.slice(0, -2)},"x":"\ud800"}}`),
      `${plain.slice(0, -2)},"x":"\\ud800"}}`,
      true
    ],
    ["two events in one wrapper stay in it", `{"a":${plain},"b":${plain}}`, `{"a":${plain},"b":${plain}}`, false],
    [
      "the one event of a list is taken out of it",
      `{"Records":[{"a":1,"body":${JSON.stringify(plain)}}]}`,
      plain,
      true
    ],
    ["several events of a list stay in it", `[ ${plain} , ${plain} ]`, `[ ${plain} , ${plain} ]`, false],
    [
      "an event in an event's payload is part of it",
      `{"detail-type":"t","source":"s","detail":{"inner":${plain}}}`,
      `{"detail-type":"t","source":"s","detail":{"inner":${plain}}}`,
      false
    ],
    [
      "a subscription confirmation stays",
      '{"Type":"SubscriptionConfirmation","Message":"confirm"}',
      '{"Type":"SubscriptionConfirmation","Message":"confirm"}',
      false
    ],
    [
      "a payload without its envelope stays",
      '{"topicName":"t","sequenceIndex":1}',
      '{"topicName":"t","sequenceIndex":1}',
      false
    ],
    [
      "what looks like an event but has no detail stays",
      '{"detail-type":"t","source":"s"}',
      '{"detail-type":"t","source":"s"}',
      false
    ],
    ["text becomes a JSON text", 'detail-type "x"\nsecond line', '"detail-type \\"x\\"\\nsecond line"', false],
    ["JSON that breaks off becomes a JSON text", '{"detail-type":', '"{\\"detail-type\\":"', false]
  ])("%s", (_, body, line, unwrapped) => {
    expect(CapturedEvent.fromBody(body)).toEqual({ line, unwrapped })
  })

  it("does not follow wrappers for ever", () => {
    const nested = Array.from({ length: EventEnvelope.deepest + 1 }).reduce<string>((inner) => `{"x":${inner}}`, plain)
    expect(CapturedEvent.fromBody(nested)).toEqual({ line: nested, unwrapped: false })
  })
})

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
