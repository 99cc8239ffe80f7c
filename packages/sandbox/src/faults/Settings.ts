/** How a sandbox is set up. Everything has a default. */
import { Context, Duration, Effect, type ParseResult, Random, Schema } from "effect"
import { SeededRandom } from "../world/SeededRandom.js"
import { Faults, none } from "./Faults.js"
import * as Permission from "./Permission.js"

const PositiveInt = Schema.Int.pipe(Schema.positive())

const perHour = (count: number) => Schema.optionalWith(Schema.NonNegative, { default: () => count })

/** How much happens. */
const WorldOptions = Schema.Struct({
  conversationsPerHour: perHour(120),
  presencesPerHour: perHour(60),
  auditsPerHour: perHour(12),
  maximumEvents: Schema.optionalWith(PositiveInt, { default: () => 5_000 })
})

const span = (duration: Duration.DurationInput) =>
  Schema.optionalWith(Schema.DurationFromSelf, { default: () => Duration.decode(duration) })

/** How the analytics of the organization is. */
const RecordOptions = Schema.Struct({
  /** How far the data of jobs is behind: two hours unless told. */
  availabilityLag: span("2 hours"),
  /** How long a job, or a query of audits, takes; half of it is spent in the queue. Half a second unless told. */
  jobDuration: span("500 millis"),
  /** How long the results of a job are kept; 30 minutes unless told. */
  jobLifetime: span("30 minutes")
})

/** How the integration `amazon-eventbridge-source` is. */
const IntegrationOptions = Schema.Struct({
  /** Whether there is one. */
  isThere: Schema.optionalWith(Schema.Boolean, { default: () => true }),
  intendedState: Schema.optionalWith(Schema.Literal("ENABLED", "DISABLED"), { default: () => "ENABLED" as const }),
  reportedState: Schema.optionalWith(Schema.Literal("ACTIVE", "ACTIVATING", "INACTIVE", "DEACTIVATING", "ERROR"), {
    default: () => "ACTIVE" as const
  }),
  /** Topics that it sends; unless told, every one that the catalogue offers over EventBridge. */
  eventFilter: Schema.optional(Schema.Array(Schema.String)),
  /** Where it sends to; the sandbox's own account and region unless told. */
  awsAccountId: Schema.optional(Schema.NonEmptyString),
  awsAccountRegion: Schema.optional(Schema.NonEmptyString)
})

/** The options of a sandbox. */
export const Options = Schema.Struct({
  /** The port on 127.0.0.1; 0, the default, takes a free one. */
  port: Schema.optionalWith(Schema.Int.pipe(Schema.between(0, 65_535)), { default: () => 0 }),
  /** What everything is drawn from. Without one every sandbox is another. */
  seed: Schema.optional(Schema.Union(Schema.String, Schema.Number)),
  /** The OAuth client that is let in; drawn from the seed unless told. */
  clientId: Schema.optional(Schema.NonEmptyString),
  /** Its secret; drawn from the seed unless told. */
  clientSecret: Schema.optional(Schema.RedactedFromSelf(Schema.NonEmptyString)),
  /** The AWS access key that is let in; drawn from the seed unless told. */
  accessKeyId: Schema.optional(Schema.NonEmptyString),
  /** Its secret; drawn from the seed unless told. */
  secretAccessKey: Schema.optional(Schema.RedactedFromSelf(Schema.NonEmptyString)),
  /** How long a token is valid; an hour unless told. */
  tokenLifetime: Schema.optionalWith(Schema.DurationFromSelf, { default: () => Duration.hours(1) }),
  /** Requests that a token is allowed in a window, or all tokens of the client together; 300 a token in 60 seconds unless told. */
  rateLimit: Schema.optionalWith(
    Schema.Struct({
      allowed: Schema.optionalWith(PositiveInt, { default: () => 300 }),
      window: Schema.optionalWith(Schema.DurationFromSelf, { default: () => Duration.seconds(60) }),
      per: Schema.optionalWith(Schema.Literal("token", "client"), { default: () => "token" as const })
    }),
    { default: () => ({ allowed: 300, window: Duration.seconds(60), per: "token" as const }) }
  ),
  /** Where deliveries are written; a temporary directory that goes with the sandbox unless told. */
  dataDirectory: Schema.optional(Schema.NonEmptyString),
  /**
   * How much happens: conversations (120), changes of presence (60) and audits (12) in an hour; and about how many events a replay of
   * an event stream finds at most (5,000): a longer window finds those of every second, fourth, eighth … minute.
   */
  world: Schema.optionalWith(WorldOptions, { default: () => WorldOptions.make({}) }),
  /** Whether the platform sends what happens from now on to its partner bus, once there is one; not unless told. */
  live: Schema.optionalWith(Schema.Boolean, { default: () => false }),
  /** Its conversation records and audits; see {@link RecordOptions}. */
  records: Schema.optionalWith(RecordOptions, { default: () => RecordOptions.make({}) }),
  /** Its integration with EventBridge; see {@link IntegrationOptions}. */
  integration: Schema.optionalWith(IntegrationOptions, { default: () => IntegrationOptions.make({}) }),
  /** Whether the organization has the Event Streams API; most have not, and answer 404. It has unless told. */
  eventStreams: Schema.optionalWith(Schema.Boolean, { default: () => true }),
  /** Permissions that the client lacks: what needs them is answered 403. None unless told. */
  missingPermissions: Schema.optionalWith(Schema.Array(Schema.Literal(...Permission.names)), { default: () => [] }),
  /** How fast a replay is: time before it starts (250 ms), events in a second (2,000), time between deliveries (100 ms). */
  pace: Schema.optionalWith(
    Schema.Struct({
      pending: Schema.optionalWith(Schema.DurationFromSelf, { default: () => Duration.millis(250) }),
      eventsPerSecond: Schema.optionalWith(Schema.Positive, { default: () => 2_000 }),
      tick: Schema.optionalWith(Schema.DurationFromSelf, { default: () => Duration.millis(100) })
    }),
    { default: () => ({ pending: Duration.millis(250), eventsPerSecond: 2_000, tick: Duration.millis(100) }) }
  ),
  /** What goes wrong from the beginning; nothing unless told. */
  faults: Schema.optionalWith(Faults, { default: () => none })
}).annotations({ identifier: "SandboxOptions", parseOptions: { onExcessProperty: "error", errors: "all" } })

/** What a caller may say. */
export interface Options extends Schema.Schema.Encoded<typeof Options> {}

interface Decoded extends Schema.Schema.Type<typeof Options> {}

/** Options with everything decided. */
export type Resolved = Omit<Decoded, "seed" | "clientId" | "clientSecret" | "accessKeyId" | "secretAccessKey"> & {
  readonly seed: string | number
  readonly clientId: string
  readonly clientSecret: NonNullable<Decoded["clientSecret"]>
  readonly accessKeyId: string
  readonly secretAccessKey: NonNullable<Decoded["secretAccessKey"]>
}

/** The settings of this sandbox. */
export class Settings extends Context.Tag("@genesys-replay/sandbox/Settings")<Settings, Resolved>() {}

const redact = Schema.decodeSync(Schema.Redacted(Schema.NonEmptyString))

/** Decides what the caller left open. Fails with a `ParseError` when an option is out of its range. */
export const resolve = Effect.fn("Settings.resolve")(function* (
  options: Options
): Effect.fn.Return<Resolved, ParseResult.ParseError> {
  const decoded = yield* Schema.decode(Options)(options)
  const seed = decoded.seed ?? (yield* Random.nextIntBetween(0, Number.MAX_SAFE_INTEGER))
  const random = SeededRandom.of(seed, "client")
  const clientId = decoded.clientId ?? random.uuid()
  const clientSecret = decoded.clientSecret ?? redact(random.text(43))
  const awsRandom = SeededRandom.of(seed, "aws client")
  const accessKeyId =
    decoded.accessKeyId ??
    `AKIA${awsRandom
      .text(64)
      .toUpperCase()
      .replace(/[^A-Z2-7]/g, "")
      .slice(0, 16)}`
  const secretAccessKey = decoded.secretAccessKey ?? redact(awsRandom.text(40))
  return { ...decoded, seed, clientId, clientSecret, accessKeyId, secretAccessKey }
})
