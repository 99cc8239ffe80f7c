/** The Amazon Resource Name of an event bus, the destination of a replay. */
import { Option, ParseResult, Schema } from "effect"

const shape = /^arn:(aws[a-z-]*):(events|eventbridge):([a-z0-9-]*):(\d{12}):event-bus\/([A-Za-z0-9._/-]{1,256})$/

/**
 * An event bus ARN with its parts: `arn:<partition>:events:<region>:<account>:event-bus/<bus>`.
 *
 * The service part `eventbridge` is accepted beside `events`; `text` keeps the ARN as it was written. An ARN may leave
 * its region empty, then something else has to name one. Source: AWS, resource types of Amazon EventBridge.
 */
export class EventBusArn extends Schema.Class<EventBusArn>("EventBusArn")({
  text: Schema.String,
  partition: Schema.String,
  service: Schema.Literal("events", "eventbridge"),
  region: Schema.OptionFromSelf(Schema.String),
  account: Schema.String,
  bus: Schema.String
}) {
  /** The ARN in the form that AWS itself writes: service `events`. Equal for ARNs of one and the same bus. */
  get canonical(): string {
    return `arn:${this.partition}:events:${Option.getOrElse(this.region, () => "")}:${this.account}:event-bus/${this.bus}`
  }

  /** The ARN as it was written. */
  override toString(): string {
    return this.text
  }
}

const parse = (text: string): Option.Option<EventBusArn> => {
  const match = shape.exec(text)
  if (match === null) return Option.none()
  const [, partition = "", service = "", region = "", account = "", bus = ""] = match
  return Option.some(
    new EventBusArn(
      {
        text,
        partition,
        service: service === "eventbridge" ? "eventbridge" : "events",
        region: region === "" ? Option.none() : Option.some(region),
        account,
        bus
      },
      true
    )
  )
}

/** Text to {@link EventBusArn} and back, without loss. */
export const FromString = Schema.transformOrFail(
  Schema.String.annotations({
    identifier: "EventBusArnText",
    description: "arn:<partition>:events:<region>:<12 digits>:event-bus/<name>"
  }),
  Schema.typeSchema(EventBusArn),
  {
    strict: true,
    decode: (text, _, ast) =>
      Option.match(parse(text), {
        onNone: () =>
          ParseResult.fail(
            new ParseResult.Type(
              ast,
              text,
              `not an event bus ARN: ${JSON.stringify(text)}. Write arn:<partition>:events:<region>:<12 digits>:event-bus/<name>`
            )
          ),
        onSome: ParseResult.succeed
      }),
    encode: (arn) => ParseResult.succeed(arn.text)
  }
)
