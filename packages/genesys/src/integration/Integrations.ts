/** The organization of the token, and its integrations with Amazon EventBridge: where they send which topics. */
import { HttpApiClient } from "@effect/platform"
import { AwsRegion, EventBusArn, Instant, type ProviderError } from "@genesys-replay/domain"
import { Chunk, type DateTime, Effect, Option, Schema, Stream } from "effect"
import * as PlatformClient from "../client/PlatformClient.js"
import { documented, undocumented } from "../http/PlatformAnswer.js"
import * as RecordsError from "../records/RecordsError.js"
import * as Api from "./IntegrationsApi.js"

/** An integration of type `amazon-eventbridge-source`. */
export interface EventBridgeIntegration {
  readonly id: string
  readonly name: string
  /** Whether it is meant to send: its intended state is `ENABLED`. */
  readonly isEnabled: boolean
  /** How the platform says that it is: `ACTIVE`, `ACTIVATING`, `INACTIVE`, `DEACTIVATING`, `ERROR`; none where it does not say. */
  readonly state: Option.Option<string>
  /** What the platform says of that state; empty where it says nothing. */
  readonly stateDetail: string
  /** Since when it is in that state. */
  readonly stateSince: Option.Option<DateTime.Utc>
  /** Goes up with every change of its configuration. */
  readonly version: Option.Option<number>
  /** The AWS account that it sends to. */
  readonly account: string
  /** The region that it sends to. */
  readonly region: string
  /** The name of the event source, and of the event bus: `aws.partner/genesys.com/cloud/{organization id}/{suffix}`. */
  readonly source: string
  /** The topics that it sends. */
  readonly topics: ReadonlyArray<string>
}

const pageSize = 100

/** What the OAuth client needs to see integrations. */
export const permission = "integrations:integration:view"

const operations = {
  organization: "GET /api/v2/organizations/me",
  list: "GET /api/v2/integrations",
  configuration: (id: string) => `GET /api/v2/integrations/${id}/config/current`
}

const textOf = (detail: unknown): string =>
  detail === undefined || detail === null ? "" : typeof detail === "string" ? detail : JSON.stringify(detail)

const integrationOf = (
  { id: organization }: Api.Organization,
  { id, intendedState, name = id, reportedState = {} }: Api.Integration,
  { properties, version }: Api.IntegrationConfiguration
): EventBridgeIntegration => ({
  id,
  name,
  isEnabled: intendedState === "ENABLED",
  state: Option.fromNullable(reportedState.code),
  stateDetail: textOf(reportedState.detail),
  stateSince: Option.flatMap(Option.fromNullable(reportedState.lastUpdated), Instant.parse),
  version: Option.fromNullable(version),
  account: properties.awsAccountId ?? "",
  region: properties.awsAccountRegion ?? "",
  source: `aws.partner/genesys.com/cloud/${organization}/${properties.eventSourceSuffix ?? ""}`,
  topics: properties.eventFilter
})

const parseArn = Schema.decodeOption(EventBusArn.FromString)

/** The event bus that it sends to, once its event source is associated with one; none where its account or region is none. */
export const busOf = ({
  account,
  region,
  source
}: Pick<EventBridgeIntegration, "account" | "region" | "source">): Option.Option<EventBusArn.EventBusArn> =>
  Option.flatMap(AwsRegion.partition(region), (partition) =>
    parseArn(`arn:${partition}:events:${region}:${account}:event-bus/${source}`)
  )

/**
 * Whether it is the source of the events on the bus of this name. In test organizations the source is named `genesys.com.test`.
 */
export const isSourceOf = ({ source }: Pick<EventBridgeIntegration, "source">, bus: string): boolean =>
  bus.replace(/^aws\.partner\/genesys\.com\.test\//, "aws.partner/genesys.com/") === source

/** The looks, over the platform's client. */
export const make = Effect.gen(function* () {
  const permitted = RecordsError.ofCall(permission, undocumented)
  const httpClient = yield* PlatformClient.PlatformClient
  const client = yield* HttpApiClient.makeWith(Api.IntegrationsApi, { httpClient })

  const organization: Effect.Effect<Api.Organization, ProviderError.ProviderError> = client.organizations
    .me()
    .pipe(PlatformClient.readable(operations.organization), documented, Effect.withSpan("Integrations.organization"))

  const configurationOf = (id: string) =>
    client.integrations
      .currentConfig({ path: { id: encodeURIComponent(id) } })
      .pipe(PlatformClient.readable(operations.configuration(id)), permitted)

  /** The integrations with Amazon EventBridge of `organization`, with their configurations. */
  const eventBridge = (
    organization: Api.Organization
  ): Effect.Effect<ReadonlyArray<EventBridgeIntegration>, ProviderError.ProviderError> =>
    Stream.paginateChunkEffect(1, (pageNumber) =>
      client.integrations.list({ urlParams: { integrationType: Api.eventBridgeType, pageNumber, pageSize } }).pipe(
        PlatformClient.readable(operations.list),
        permitted,
        Effect.map(({ entities, pageCount = 1 }) => [
          Chunk.fromIterable(entities),
          pageNumber < pageCount && entities.length > 0 ? Option.some(pageNumber + 1) : Option.none()
        ])
      )
    ).pipe(
      Stream.mapEffect(
        (one) =>
          Effect.map(configurationOf(one.id), (configuration) => integrationOf(organization, one, configuration)),
        { concurrency: 4 }
      ),
      Stream.runCollect,
      Effect.map(Chunk.toReadonlyArray),
      Effect.withSpan("Integrations.eventBridge")
    )

  return { organization, eventBridge }
})
