/**
 * The HTTP contract of the Genesys Cloud calls that replays need, declared once: the client is derived from it, the
 * sandbox serves it, the OpenAPI document is generated from it.
 */
import { HttpApi, HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "@effect/platform"
import { EventStream, EventStreamPayload } from "@genesys-replay/domain"
import { Schema } from "effect"
import { BadRequest, Conflict, Forbidden, NotFound, TooManyRequests, Unauthorized } from "../http/ErrorBody.js"

/** One page of a list. */
const page = <A, I>(identifier: string, entity: Schema.Schema<A, I>) =>
  Schema.Struct({
    entities: Schema.Array(entity),
    pageNumber: Schema.optional(Schema.Number),
    pageSize: Schema.optional(Schema.Number),
    pageCount: Schema.optional(Schema.Number),
    total: Schema.optional(Schema.Number)
  }).annotations({ identifier })

/** A page of streams. */
export const EventStreamPage = page("EventStreamPage", EventStream.EventStream)

/** See {@link EventStreamPage}. */
export type EventStreamPage = typeof EventStreamPage.Type

/** A topic of the public catalogue, with the transports that carry it. */
export const AvailableTopic = Schema.Struct({
  id: Schema.String,
  description: Schema.optional(Schema.String),
  transports: Schema.optionalWith(Schema.Array(Schema.String), { default: () => [] })
}).annotations({ identifier: "AvailableTopic" })

/** See {@link AvailableTopic}. */
export interface AvailableTopic extends Schema.Schema.Type<typeof AvailableTopic> {}

/** The catalogue. */
export const AvailableTopics = Schema.Struct({ entities: Schema.Array(AvailableTopic) }).annotations({
  identifier: "AvailableTopics"
})

const streamId = HttpApiSchema.param("id", EventStream.ReplayId)

/** `/api/v2/eventstreams`: create, list, get and delete streams. */
export const eventStreams = HttpApiGroup.make("eventstreams")
  .add(
    HttpApiEndpoint.post("create", "/api/v2/eventstreams")
      .setPayload(EventStreamPayload.EventStreamPayload)
      .addSuccess(EventStream.EventStream, { status: 201 })
      .addSuccess(EventStream.EventStream, { status: 200 })
      .addError(BadRequest)
      .addError(Conflict)
      .annotate(OpenApi.Summary, "Create a stream; its replay starts at once")
  )
  .add(
    HttpApiEndpoint.get("list", "/api/v2/eventstreams")
      .setUrlParams(
        Schema.Struct({
          pageNumber: Schema.optional(Schema.NumberFromString.pipe(Schema.int(), Schema.positive())),
          pageSize: Schema.optional(Schema.NumberFromString.pipe(Schema.int(), Schema.between(1, 100))),
          name: Schema.optional(Schema.String)
        })
      )
      .addSuccess(EventStreamPage)
      .addError(BadRequest)
      .annotate(OpenApi.Summary, "List streams, page by page; with name, those of exactly this name")
  )
  .add(
    HttpApiEndpoint.get("get")`/api/v2/eventstreams/${streamId}`
      .addSuccess(EventStream.EventStream)
      .addError(NotFound)
      .annotate(OpenApi.Summary, "A stream with the progress of its replay")
  )
  .add(
    HttpApiEndpoint.del("remove")`/api/v2/eventstreams/${streamId}`
      .addSuccess(HttpApiSchema.NoContent)
      .addError(NotFound)
      .annotate(OpenApi.Summary, "Delete a stream; a running replay stops")
  )
  .addError(Unauthorized)
  .addError(Forbidden)
  .addError(TooManyRequests)

/** `/api/v2/notifications`: the topic catalogue. */
export const notifications = HttpApiGroup.make("notifications")
  .add(
    HttpApiEndpoint.get("availableTopics", "/api/v2/notifications/availabletopics")
      .setUrlParams(Schema.Struct({ expand: Schema.optional(Schema.String) }))
      .addSuccess(AvailableTopics)
      .annotate(OpenApi.Summary, "The public topic catalogue")
  )
  .addError(Unauthorized)
  .addError(Forbidden)
  .addError(TooManyRequests)

/** The whole contract. `OpenApi.fromApi(EventStreamsApi)` is its OpenAPI document. */
export class EventStreamsApi extends HttpApi.make("GenesysCloudEventStreams")
  .add(eventStreams)
  .add(notifications)
  .annotate(OpenApi.Title, "Genesys Cloud Event Streams") {}
