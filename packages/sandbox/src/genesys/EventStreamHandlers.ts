/** `/api/v2/eventstreams`: create, list, get and delete streams. */
import { HttpApiBuilder, HttpServerResponse } from "@effect/platform"
import { EventStream, EventStreamPayload, Instant } from "@genesys-replay/domain"
import { EventStreamPage } from "@genesys-replay/genesys/EventStreamsApi"
import { Effect, Either, Option, ParseResult, Schema } from "effect"
import * as Answer from "../server/Answer.js"
import * as Catalogue from "../world/Catalogue.js"
import { ReplayRun } from "./ReplayRun.js"
import { SandboxApi } from "./SandboxApi.js"
import * as StreamStore from "./StreamStore.js"

const usualPageSize = 25

/** The payload as strict as the platform is: exactly these keys, and a start that exists in the calendar. */
const Payload = EventStreamPayload.EventStreamPayload.pipe(
  Schema.filter(({ replayConfig: { startDate } }) =>
    Option.isSome(Instant.parse(startDate))
      ? undefined
      : { path: ["replayConfig", "startDate"], message: `not an instant: ${JSON.stringify(startDate)}` }
  )
)
const decodePayload = Schema.decodeUnknownEither(Payload, { onExcessProperty: "error", errors: "all" })
const encodeStream = Schema.encode(EventStream.EventStream)
const encodePage = Schema.encode(EventStreamPage)

const ok = (body: unknown, status = 200) => HttpServerResponse.unsafeJson(body, { status })

const notFound = (error: StreamStore.StreamUnknown) =>
  Answer.refuse({ status: 404, code: "not.found", message: error.message })

const nameTaken = (error: StreamStore.NameTaken) =>
  Answer.refuse({
    status: 409,
    code: "eventstream.name.exists",
    message: error.message,
    details: [{ errorCode: "duplicate.value", fieldName: "name", message: error.message }]
  })

/** The handlers. */
export const EventStreamHandlers = HttpApiBuilder.group(SandboxApi, "eventstreams", (handlers) =>
  Effect.gen(function* () {
    const store = yield* StreamStore.StreamStore
    const runs = yield* ReplayRun

    const answer = (record: StreamStore.StreamRecord, status: number) =>
      Effect.map(Effect.orDie(encodeStream(StreamStore.entity(record))), (body) => ok(body, status))

    // A client that goes away in the middle must not leave a stream whose replay never starts.
    const submit = (payload: EventStreamPayload.EventStreamPayload) =>
      Effect.uninterruptible(Effect.tap(store.create(payload), runs.start))

    const cancel = (id: string) =>
      Effect.uninterruptible(Effect.zipRight(store.remove(id), runs.stop(id, "CANCELLED", "the stream was deleted")))

    return handlers
      .handleRaw(
        "create",
        Effect.fn("EventStreamHandlers.create")(function* ({ request }) {
          const body = yield* Effect.either(request.json)
          if (Either.isLeft(body)) return yield* Answer.invalid([{ path: [], message: "the body is not JSON" }])
          const payload = decodePayload(body.right)
          if (Either.isLeft(payload))
            return yield* Answer.invalid(ParseResult.ArrayFormatter.formatErrorSync(payload.left))
          const { topics } = payload.right.filters
          const unknown = Catalogue.unknown(topics)
          if (unknown.length > 0) {
            return yield* Answer.invalid(
              unknown.map((topic) => ({
                path: ["filters", "topics", topics.indexOf(topic)],
                message: `there is no topic ${topic} that is offered over EventBridge`
              }))
            )
          }
          return yield* submit(payload.right).pipe(
            Effect.flatMap((record) => answer(record, 201)),
            Effect.catchTag("NameTaken", nameTaken)
          )
        })
      )
      .handle(
        "list",
        Effect.fn("EventStreamHandlers.list")(function* ({ urlParams }) {
          const { name, pageNumber = 1, pageSize = usualPageSize } = urlParams
          const { streams, total } = yield* store.page({ pageNumber, pageSize, name })
          const page = yield* Effect.orDie(
            encodePage({
              entities: streams.map(StreamStore.entity),
              pageNumber,
              pageSize,
              pageCount: Math.ceil(total / pageSize),
              total
            })
          )
          return ok(page)
        })
      )
      .handle("get", ({ path }) =>
        store.get(path.id).pipe(
          Effect.flatMap((record) => answer(record, 200)),
          Effect.catchTag("StreamUnknown", notFound),
          Effect.withSpan("EventStreamHandlers.get")
        )
      )
      .handle("remove", ({ path }) =>
        cancel(path.id).pipe(
          Effect.as(HttpServerResponse.empty({ status: 204 })),
          Effect.catchTag("StreamUnknown", notFound),
          Effect.withSpan("EventStreamHandlers.remove")
        )
      )
  })
)
