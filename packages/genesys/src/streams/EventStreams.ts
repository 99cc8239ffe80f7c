/** Replays as streams of Genesys Cloud: the `ReplayProvider` of this package. */
import { HttpApiClient } from "@effect/platform"
import {
  AtomicSubmission,
  BusWindow,
  EventStream,
  EventStreamPayload,
  type Finding,
  type PlannedWindow,
  ProviderError,
  ProviderName,
  ReplayProvider,
  StandingReplay
} from "@genesys-replay/domain"
import { Chunk, Effect, Either, Layer, Option, Stream } from "effect"
import * as PlatformClient from "../client/PlatformClient.js"
import { GenesysConfig } from "../http/GenesysConfig.js"
import * as PlatformAnswer from "../http/PlatformAnswer.js"
import * as RateLimit from "../rate/RateLimit.js"
import { EventStreamsApi } from "./EventStreamsApi.js"
import { toReplay } from "./StreamReplay.js"
import * as TopicCatalogue from "./TopicCatalogue.js"

const collection = "/api/v2/eventstreams"
const submitting = `POST ${collection}`
const pageSize = 100

/** The id as one segment of a path; none for what a URL would read as "here" or "up". */
const segment = (id: EventStream.ReplayId): Option.Option<EventStream.ReplayId> =>
  /^\.{1,2}$/.test(id) ? Option.none() : Option.some(EventStream.ReplayId.make(encodeURIComponent(id)))

const notFound = (operation: string, id: string, correlationId: string | undefined) =>
  new ProviderError.ReplayNotFound({ operation, id, ...PlatformAnswer.cited(correlationId) })

/**
 * The collection itself is not there. The API is in no public SDK of Genesys Cloud, and most organisations answer it like this; so
 * does another server, where the base URL leads elsewhere.
 */
const notOffered = ({ correlationId, operation }: PlatformAnswer.NoSuchEntity) =>
  new ProviderError.RequestRejected({
    operation,
    status: 404,
    reason: "this organisation has no Event Streams API, or GENESYS_ENV_URL is not the platform API's",
    details: [],
    remedy: "Use provider: eventbridge, which replays from an archive of the event bus",
    ...PlatformAnswer.cited(correlationId)
  })

/**
 * Why the outcome of a POST is unknown, if it is: no answer, a 5xx, or a success that cannot be read. Where there was no
 * token the POST was never sent.
 */
const unknownOutcome = (
  error: PlatformAnswer.PlatformError
): Option.Option<{ readonly lastAnswer: string; readonly correlationId: string | undefined }> => {
  if (error.operation !== submitting) return Option.none()
  if (error._tag === "ProviderUnavailable") return Option.some({ correlationId: undefined, ...error })
  if (error._tag === "AnswerUnreadable" && error.status >= 200 && error.status < 300) {
    const lastAnswer = `${PlatformAnswer.statusText(error.status)}, unreadable: ${error.reason}`
    return Option.some({ lastAnswer, correlationId: error.correlationId })
  }
  return Option.none()
}

const make = Effect.gen(function* () {
  const { apiUrl, clientId, retry } = yield* GenesysConfig
  const { pace } = yield* RateLimit.RateLimit
  const client = yield* HttpApiClient.makeWith(EventStreamsApi, { httpClient: yield* PlatformClient.PlatformClient })

  const page = (pageNumber: number, name: string | undefined) =>
    client.eventstreams.list({ urlParams: { pageNumber, pageSize, ...(name === undefined ? {} : { name }) } }).pipe(
      PlatformClient.readable(`GET ${collection}`),
      Effect.catchTag("NoSuchEntity", (error) => Effect.fail(notOffered(error))),
      PlatformAnswer.documented
    )

  /** Pages until the last one; where the platform doesn't count them, until one that is not full. */
  const streams = (name: string | undefined) =>
    Stream.paginateChunkEffect(1, (pageNumber) =>
      Effect.map(page(pageNumber, name), ({ entities, pageCount, pageSize: size }) => {
        const more =
          entities.length > 0 &&
          (pageCount === undefined ? entities.length >= (size ?? pageSize) : pageNumber < pageCount)
        return [Chunk.fromIterable(entities), more ? Option.some(pageNumber + 1) : Option.none()]
      })
    ).pipe(Stream.filter((stream) => name === undefined || stream.name === name))

  const list: ReplayProvider.Service["list"] = (options) => Stream.map(streams(options?.name), toReplay)

  const findByName = Effect.fn("EventStreams.findByName")((name: string) =>
    Effect.map(Stream.runHead(streams(name)), Option.map(toReplay))
  )

  /** The stream of this name: one with the same payload where there is one, else any. */
  const lookUp = (payload: EventStreamPayload.EventStreamPayload) =>
    streams(payload.name).pipe(
      Stream.map((stream) => ({
        replay: toReplay(stream),
        differences: EventStreamPayload.differences(payload, stream)
      })),
      Stream.takeUntil(({ differences }) => differences.length === 0),
      Stream.runFold(Option.none<StandingReplay.StandingReplay>(), (best, found) =>
        found.differences.length === 0 ? Option.some(found) : Option.orElse(best, () => Option.some(found))
      )
    )

  const request = (name: string, payload: EventStreamPayload.EventStreamPayload) => ({
    operation: submitting,
    name,
    policy: retry,
    lookUp: lookUp(payload),
    send: client.eventstreams.create({ payload, withResponse: true }).pipe(
      PlatformClient.readable(submitting),
      Effect.map(([stream, { headers }]) =>
        AtomicSubmission.Answer.Created({
          replay: toReplay(stream),
          correlationId: headers["inin-correlation-id"]
        })
      ),
      Effect.catchAll((error) =>
        Effect.gen(function* () {
          if (error._tag === "NameTaken") return AtomicSubmission.Answer.NameTaken(error)
          if (error._tag === "NoSuchEntity") return yield* notOffered(error)
          const unknown = unknownOutcome(error)
          return Option.isSome(unknown) ? AtomicSubmission.Answer.Unknown(unknown.value) : yield* error
        })
      )
    )
  })

  const submit = Effect.fn("EventStreams.submit")(function* (window: PlannedWindow.PlannedWindow) {
    yield* Effect.annotateCurrentSpan({ window: window.name, payloadHash: window.payloadHash })
    const payload = EventStreamPayload.of(yield* BusWindow.orRefused(window, submitting))
    return yield* AtomicSubmission.submit(request(window.name, payload))
  })

  // One plan asks for each of its windows.
  const catalogue = yield* Effect.flatMap(TopicCatalogue.make, ({ all }) => Effect.cachedWithTTL(all, "1 minute"))

  /** Whether the platform has the topics. Who may not read its catalogue is told so, and may submit all the same. */
  const topics = (window: PlannedWindow.PlannedWindow) =>
    catalogue.pipe(
      Effect.map((known) => TopicCatalogue.findings(window.name, window.topics, known)),
      Effect.catchTag("NotPermitted", ({ message }) =>
        Effect.succeed<ReadonlyArray<Finding.Finding>>([
          {
            severity: "warning",
            code: "unknown-topic",
            window: window.name,
            path: "topics",
            message: `whether there are these topics is not known: ${message}`
          }
        ])
      )
    )

  const check = Effect.fn("EventStreams.check")(function* (window: PlannedWindow.PlannedWindow) {
    const planned = BusWindow.of(window)
    if (Either.isLeft(planned)) return [planned.left]
    const payload = EventStreamPayload.of(planned.right)
    const standing = yield* lookUp(payload)
    const name = Option.map(standing, (found) =>
      StandingReplay.finding(window.name, found, AtomicSubmission.conflict(request(window.name, payload), standing))
    )
    return [...Option.toArray(name), ...(yield* topics(window))]
  })

  const describe = Effect.fn("EventStreams.describe")(function* (id: EventStream.ReplayId) {
    const operation = `GET ${collection}/${id}`
    const path = segment(id)
    if (Option.isNone(path)) return yield* notFound(operation, id, undefined)
    return yield* client.eventstreams.get({ path: { id: path.value } }).pipe(
      // The state of a replay is asked for again and again while it runs: submissions go first.
      RateLimit.background,
      PlatformClient.readable(operation),
      Effect.map(toReplay),
      Effect.catchTags({
        NoSuchEntity: ({ correlationId }) => Effect.fail(notFound(operation, id, correlationId)),
        NameTaken: (error) => Effect.fail(PlatformAnswer.undocumented(error))
      })
    )
  })

  const cancel = Effect.fn("EventStreams.cancel")(function* (id: EventStream.ReplayId) {
    const operation = `DELETE ${collection}/${id}`
    const path = segment(id)
    if (Option.isNone(path)) return yield* notFound(operation, id, undefined)
    return yield* client.eventstreams.remove({ path: { id: path.value } }).pipe(
      PlatformClient.readable(operation),
      Effect.catchTags({
        // Gone after a try whose answer was lost: it was that try that removed it.
        NoSuchEntity: ({ afterUnknown, correlationId }) =>
          afterUnknown ? Effect.void : Effect.fail(notFound(operation, id, correlationId)),
        NameTaken: (error) => Effect.fail(PlatformAnswer.undocumented(error))
      })
    )
  })

  const target = `${apiUrl} as ${clientId}`
  return {
    provider: ProviderName.genesys,
    target,
    submit,
    check,
    findByName,
    describe,
    list,
    cancel,
    pace
  } satisfies ReplayProvider.Service
})

/** The `ReplayProvider` of Genesys Cloud. It submits as `AtomicSubmission` says, by one POST. */
export const layer: Layer.Layer<
  ReplayProvider.ReplayProvider,
  never,
  GenesysConfig | PlatformClient.PlatformClient | RateLimit.RateLimit
> = Layer.effect(ReplayProvider.ReplayProvider, make)
