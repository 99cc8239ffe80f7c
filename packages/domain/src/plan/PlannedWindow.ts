/** One replay that a plan will submit. */
import { Effect, Option, ParseResult, Schema } from "effect"
import * as ArchiveReplay from "../spec/ArchiveReplay.js"
import * as Destination from "../spec/Destination.js"
import { Proof } from "../spec/Proof.js"
import { WindowName } from "../spec/ReplayWindow.js"
import * as Difference from "../value/Difference.js"
import * as Instant from "../value/Instant.js"
import { ProviderName } from "../value/ProviderName.js"
import { RetentionDays } from "../value/RetentionDays.js"
import { TopicIds } from "../value/TopicId.js"
import * as EventStreamPayload from "./EventStreamPayload.js"
import { PayloadHash } from "./PayloadHash.js"

const planned = {
  /** The replay's name and the window's idempotency key. */
  name: WindowName,
  provider: ProviderName,
  retentionDays: RetentionDays,
  /** The fingerprint of the {@link identity} of the window. */
  payloadHash: PayloadHash,
  /** How it is to be proven, where the spec says so; nothing that is submitted, and no part of the identity. */
  prove: Schema.optionalWith(Proof, { exact: true })
}

/** The window as values. */
const Values = Schema.Struct({
  ...planned,
  description: Schema.String,
  topics: Schema.typeSchema(TopicIds),
  start: Schema.DateTimeUtcFromSelf,
  /** Exclusive; none where the provider replays up to now. */
  end: Schema.OptionFromSelf(Schema.DateTimeUtcFromSelf),
  /** Whether the spec names the end. An end that it leaves open is no difference to a replay that stands. */
  endIsFixed: Schema.Boolean,
  destination: Destination.Destination,
  /** Only with EventBridge: what its StartReplay takes beyond that. */
  archive: Schema.OptionFromSelf(ArchiveReplay.ArchiveReplay)
})

/**
 * A window after planning: within the limits of its provider, named uniquely within its plan. It holds values; what a provider sends is
 * an encoding of them that the provider makes.
 */
export interface PlannedWindow extends Schema.Schema.Type<typeof Values> {}

/** The payload of a window whose destination is no event bus. */
export const ReplayPayload = Schema.Struct({
  description: Schema.String,
  destination: Schema.NonEmptyString,
  topics: TopicIds,
  start: Instant.UtcText,
  /** Absent where the provider replays up to now. */
  end: Schema.optionalWith(Instant.UtcText, { exact: true }),
  endIsFixed: Schema.Boolean
}).annotations({ identifier: "ReplayPayload" })

/** See {@link ReplayPayload}. */
export interface ReplayPayload extends Schema.Schema.Type<typeof ReplayPayload> {}

/** The window as documents and databases have it. */
const Document = Schema.Struct({
  ...planned,
  payload: Schema.Union(EventStreamPayload.EventStreamPayload, ReplayPayload),
  /** Only with EventBridge: what its StartReplay takes and the payload has not. */
  eventbridge: Schema.optionalWith(ArchiveReplay.ArchiveReplayDocument, { exact: true })
})

type Document = typeof Document.Type

/** A planned window before it is hashed. */
export type Unhashed = Omit<PlannedWindow, "payloadHash">

/**
 * The payload of a window: what `plan --json` shows. For an event bus the body of `POST /api/v2/eventstreams`, with either provider
 * that ships, as contracts with other systems fix it.
 */
export const payloadOf = (window: Unhashed): EventStreamPayload.EventStreamPayload | ReplayPayload => {
  const { description, destination, end, endIsFixed, start, topics } = window
  if (destination._tag === "EventBus") return EventStreamPayload.of({ ...window, destination })
  return {
    description,
    destination: destination.text,
    topics,
    start: Instant.format(start),
    ...Option.match(end, { onNone: () => ({}), onSome: (until) => ({ end: Instant.format(until) }) }),
    endIsFixed
  }
}

const archiveOf = ({ archive, end, endIsFixed }: Unhashed): Option.Option<ArchiveReplay.ArchiveReplayDocument> =>
  Option.zipWith(archive, end, (asked, until) => ({ end: Instant.format(until), endIsFixed, ...asked }))

/** What a window is, whenever it is planned, and what its hash is of: its payload, without an end that is only the instant of planning. */
export const identity = (window: Unhashed): object => {
  const { destination, name, provider, retentionDays } = window
  if (destination._tag === "EventBus") {
    return {
      ...payloadOf(window),
      ...Option.match(archiveOf(window), {
        onNone: () => ({}),
        onSome: (archive) => ({ eventbridge: ArchiveReplay.identity(archive) })
      })
    }
  }
  return { name, provider, retentionDays, ...payloadOf(window.endIsFixed ? window : { ...window, end: Option.none() }) }
}

/** In what another window differs from this one, by their payloads and what EventBridge takes beyond them. */
export const differences = (wanted: PlannedWindow, found: PlannedWindow): ReadonlyArray<Difference.Difference> =>
  Difference.between(identity(wanted), identity(found))

const documentOf = (window: PlannedWindow): Document => {
  const { name, payloadHash, prove, provider, retentionDays } = window
  return {
    name,
    provider,
    retentionDays,
    payloadHash,
    payload: payloadOf(window),
    ...(prove === undefined ? {} : { prove }),
    ...Option.match(archiveOf(window), { onNone: () => ({}), onSome: (eventbridge) => ({ eventbridge }) })
  }
}

const isReplayPayload = Schema.is(ReplayPayload)

const decoded = <A, I>(schema: Schema.Schema<A, I>, text: I) =>
  ParseResult.mapError(Schema.decode(schema)(text), ({ issue }) => issue)

const endOf = (text: string | undefined) => decoded(Schema.OptionFromUndefinedOr(Instant.Instant), text)

const valuesOf = ({
  eventbridge,
  payload,
  ...window
}: Document): Effect.Effect<PlannedWindow, ParseResult.ParseIssue> =>
  Effect.gen(function* () {
    if (isReplayPayload(payload)) {
      const { description, destination: text, endIsFixed, topics } = payload
      const start = yield* decoded(Instant.Instant, payload.start)
      const destination = Destination.OtherDestination.make({ text })
      const end = yield* endOf(payload.end)
      return { ...window, description, topics, start, end, endIsFixed, destination, archive: Option.none() }
    }
    const { description, destination, start, topics } = yield* EventStreamPayload.read(payload)
    const whole = { ...window, description, topics, start, destination }
    if (eventbridge === undefined) return { ...whole, end: Option.none(), endIsFixed: false, archive: Option.none() }
    const { end, endIsFixed, ...archive } = eventbridge
    return { ...whole, end: yield* endOf(end), endIsFixed, archive: Option.some(archive) }
  })

/** Schema of {@link PlannedWindow}: its encoded side is what documents and databases have. */
export const PlannedWindow: Schema.Schema<
  PlannedWindow,
  Schema.Schema.Encoded<typeof Document>
> = Schema.transformOrFail(Document, Schema.typeSchema(Values), {
  strict: true,
  decode: (document, _, ast) =>
    Effect.flatMap(valuesOf(document), (values) => {
      // The payload repeats what the window says, and is what people read.
      const [wrong] = Difference.between(document, documentOf(values))
      if (wrong === undefined) return ParseResult.succeed(values)
      const { found, path, wanted } = wrong
      const message = `${path} is ${JSON.stringify(wanted)}, and ${JSON.stringify(found)} in the window that was planned`
      return ParseResult.fail(new ParseResult.Type(ast, document, message))
    }),
  encode: (values) => ParseResult.succeed(documentOf(values))
}).annotations({ identifier: "PlannedWindow" })
