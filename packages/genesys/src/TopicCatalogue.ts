/** The public catalogue of notification topics: which `v2.…` topics Genesys Cloud delivers to EventBridge. */
import { HttpApiClient } from "@effect/platform"
import type { ProviderError, TopicId } from "@genesys-replay/domain"
import { Context, Effect, Layer } from "effect"
import { type AvailableTopic, EventStreamsApi } from "./EventStreamsApi.js"
import { documented } from "./PlatformAnswer.js"
import * as PlatformClient from "./PlatformClient.js"

/** The transport that this catalogue keeps. */
export const transport = "EventBridge"

const operation = "GET /api/v2/notifications/availabletopics"

/** The catalogue as a service. */
export class TopicCatalogue extends Context.Tag("@genesys-replay/genesys/TopicCatalogue")<
  TopicCatalogue,
  {
    /** The topics that EventBridge carries, asked anew each time. */
    readonly list: Effect.Effect<ReadonlyArray<AvailableTopic>, ProviderError.ProviderError>
  }
>() {
  /** The platform's. */
  static readonly layer: Layer.Layer<TopicCatalogue, never, PlatformClient.PlatformClient> = Layer.effect(
    TopicCatalogue,
    Effect.gen(function* () {
      const httpClient = yield* PlatformClient.PlatformClient
      const client = yield* HttpApiClient.makeWith(EventStreamsApi, { httpClient })
      const list = client.notifications.availableTopics({ urlParams: { expand: "transports,description" } }).pipe(
        PlatformClient.readable(operation),
        documented,
        Effect.map(({ entities }) => entities.filter(({ transports }) => transports.includes(transport))),
        Effect.withSpan("TopicCatalogue.list")
      )
      return { list }
    })
  )

  /** The given topics. */
  static readonly layerOf = (topics: ReadonlyArray<AvailableTopic>): Layer.Layer<TopicCatalogue> =>
    Layer.succeed(TopicCatalogue, { list: Effect.succeed(topics) })
}

const isWildcard = (segment: string): boolean => segment === "*" || /^\{.*\}$/.test(segment)

const stands = (asked: ReadonlyArray<string>, known: ReadonlyArray<string>): boolean => {
  const open = asked.at(-1) === "*"
  if (open ? known.length < asked.length : known.length !== asked.length) return false
  return asked.every((segment, index) => {
    const counterpart = known[index] ?? ""
    return isWildcard(segment) || isWildcard(counterpart) || segment === counterpart
  })
}

/**
 * The `v2.…` topics among `topics` that the catalogue does not have. An id stands for the catalogue's `{id}`, as does a
 * `*`; a `*` at the end stands for all that follows. `genesys.…` topics are not in the catalogue and not asked about.
 */
export const unknownTopics = (
  topics: ReadonlyArray<TopicId.TopicId>,
  catalogue: ReadonlyArray<AvailableTopic>
): ReadonlyArray<TopicId.TopicId> => {
  const known = catalogue.map(({ id }) => id.split("."))
  return topics.filter(
    (topic) => topic.startsWith("v2.") && !known.some((segments) => stands(topic.split("."), segments))
  )
}
