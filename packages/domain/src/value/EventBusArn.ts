/** The Amazon Resource Name of an event bus, the destination of a replay. */
import { Either, Option, ParseResult, Schema } from "effect"
import * as AwsRegion from "./AwsRegion.js"

const shape = /^arn:([a-z-]+):(events|eventbridge):([a-z0-9-]*):(\d{12}):event-bus\/([A-Za-z0-9._/-]{1,256})$/

// Only the bus of a partner's event source has slashes in its name, which is then the name of that source.
const busShape = /^(?:[A-Za-z0-9._-]+|aws\.partner(?:\/[A-Za-z0-9._-]+){2,})$/

/**
 * An event bus ARN with its parts: `arn:<partition>:events:<region>:<account>:event-bus/<bus>`.
 *
 * The service part `eventbridge` is accepted beside `events`; `text` keeps the ARN as it was written. An ARN may leave
 * its region empty, then something else has to name one. Partition and region belong together, and a bus has a name that
 * AWS gives: letters, digits and `._-`, with slashes only for the event source of a partner. Source: AWS, resource types of
 * Amazon EventBridge, and `Name` of CreateEventBus.
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

const busFault = (bus: string): Option.Option<string> => {
  if (busShape.test(bus)) return Option.none()
  return Option.some(
    bus.endsWith("/")
      ? `the name of the bus ends with a slash. Leave it out: ${bus.replace(/\/+$/, "")}`
      : `no bus can be named ${bus}: only the bus of a partner's event source has slashes in its name, aws.partner/genesys.com/…`
  )
}

/** The ARN, or how what is said of it goes on. */
const parse = (text: string): Either.Either<EventBusArn, string> => {
  const match = shape.exec(text)
  if (match === null) return Either.left(". Write arn:<partition>:events:<region>:<12 digits>:event-bus/<name>")
  const [, partition = "", service = "", region = "", account = "", bus = ""] = match
  const wrong = (region === "" ? AwsRegion.partitionFault(partition) : AwsRegion.pairFault(partition, region)).pipe(
    Option.orElse(() => busFault(bus))
  )
  if (Option.isSome(wrong)) return Either.left(`: ${wrong.value}`)
  return Either.right(
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
      Either.match(parse(text), {
        onLeft: (reason) =>
          ParseResult.fail(new ParseResult.Type(ast, text, `not an event bus ARN: ${JSON.stringify(text)}${reason}`)),
        onRight: ParseResult.succeed
      }),
    encode: (arn) => ParseResult.succeed(arn.text)
  }
)
