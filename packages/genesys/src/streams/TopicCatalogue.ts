/** The public catalogue of notification topics: which `v2.…` topics Genesys Cloud delivers to EventBridge. */
import { HttpApiClient } from "@effect/platform"
import { type Finding, KnownTopics, type ProviderError, SpecPath, type TopicId } from "@genesys-replay/domain"
import { Context, Effect, Layer, Option } from "effect"
import * as PlatformClient from "../client/PlatformClient.js"
import { documented } from "../http/PlatformAnswer.js"
import { type AvailableTopic, EventStreamsApi } from "./EventStreamsApi.js"

/** The transport by which topics are replayed. */
export const transport = "EventBridge"

const operation = "GET /api/v2/notifications/availabletopics"

/** The catalogue as a service. */
export class TopicCatalogue extends Context.Tag("@genesys-replay/genesys/TopicCatalogue")<
  TopicCatalogue,
  {
    /** Every topic, whatever carries it, asked anew each time. */
    readonly all: Effect.Effect<ReadonlyArray<AvailableTopic>, ProviderError.ProviderError>
    /** The topics that EventBridge carries, asked anew each time. */
    readonly list: Effect.Effect<ReadonlyArray<AvailableTopic>, ProviderError.ProviderError>
  }
>() {
  /** The platform's. */
  static readonly layer: Layer.Layer<TopicCatalogue, never, PlatformClient.PlatformClient> = Layer.effect(
    TopicCatalogue,
    Effect.suspend(() => make)
  )

  /** The given topics. */
  static readonly layerOf = (topics: ReadonlyArray<AvailableTopic>): Layer.Layer<TopicCatalogue> =>
    Layer.succeed(TopicCatalogue, { all: Effect.succeed(topics), list: Effect.succeed(topics) })
}

/** Whether EventBridge carries the topic; `All` is every transport. */
const isCarried = ({ transports }: AvailableTopic): boolean =>
  transports.includes(transport) || transports.includes("All")

/** The platform's catalogue, over its client. */
export const make = Effect.gen(function* () {
  const httpClient = yield* PlatformClient.PlatformClient
  const client = yield* HttpApiClient.makeWith(EventStreamsApi, { httpClient })
  const all = client.notifications.availableTopics({ urlParams: { expand: "transports,description" } }).pipe(
    PlatformClient.readable(operation),
    documented,
    Effect.map(({ entities }) => entities),
    Effect.withSpan("TopicCatalogue.list")
  )
  return TopicCatalogue.of({ all, list: Effect.map(all, (topics) => topics.filter(isCarried)) })
})

/**
 * The `v2.…` topics among `topics` that the catalogue does not have; see `KnownTopics.unknown`. `genesys.…` topics are not in the
 * catalogue and not asked about.
 */
export const unknownTopics = (
  topics: ReadonlyArray<TopicId.TopicId>,
  catalogue: ReadonlyArray<AvailableTopic>
): ReadonlyArray<TopicId.TopicId> =>
  KnownTopics.unknown(
    topics.filter((topic) => topic.startsWith("v2.")),
    catalogue.map(({ id }) => id)
  )

const formOf = (topic: string): string => `${topic.split(".", 1)[0]}.`

/**
 * `unknown-topic`: a replay of a topic that the catalogue does not have, or does not offer over EventBridge, brings nothing. Of a
 * form of which the catalogue has no topic at all nothing can be said: a warning.
 */
export const findings = (
  window: string,
  topics: ReadonlyArray<TopicId.TopicId>,
  catalogue: ReadonlyArray<AvailableTopic>
): ReadonlyArray<Finding.Finding> => {
  const ids = catalogue.map(({ id }) => id)
  const carried = catalogue.filter(isCarried).map(({ id }) => id)
  return KnownTopics.unknown(topics, carried).map((topic): Finding.Finding => {
    const found = { code: "unknown-topic", window, path: SpecPath.format(["topics", topics.indexOf(topic)]) } as const
    if (KnownTopics.unknown([topic], ids).length === 0) {
      return {
        ...found,
        severity: "error",
        message: `${topic} is in the platform's catalogue, and not offered over EventBridge`
      }
    }
    const form = formOf(topic)
    if (!ids.some((id) => formOf(id) === form)) {
      const message = `the platform's catalogue has no topics of the form ${form}…: whether there is ${topic} is known only when it is submitted`
      return { ...found, severity: "warning", message }
    }
    const hint = Option.match(KnownTopics.nearest(topic, carried), {
      onNone: () => "",
      onSome: (known) => `. Did you mean ${known}?`
    })
    return {
      ...found,
      severity: "error",
      message: `the platform's catalogue has no topic ${topic}: nothing would come back${hint}`
    }
  })
}
