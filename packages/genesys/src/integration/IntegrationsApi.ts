/**
 * The HTTP contract of what is asked about the organization and its integration with Amazon EventBridge. Declared once: the client
 * is derived from it, the sandbox serves it.
 *
 * Source: the public API, `/api/v2/integrations` (permission `integrations:integration:view`) and `/api/v2/organizations/me`.
 */
import { HttpApi, HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "@effect/platform"
import { Schema } from "effect"
import { Forbidden, NotFound, TooManyRequests, Unauthorized } from "../http/ErrorBody.js"

/** The type of the integration that sends to Amazon EventBridge. */
export const eventBridgeType = "amazon-eventbridge-source"

/** How the platform says that an integration is. `code` is ACTIVE, ACTIVATING, INACTIVE, DEACTIVATING or ERROR; another word is read too. */
export const ReportedState = Schema.Struct({
  code: Schema.optional(Schema.String),
  effective: Schema.optional(Schema.String),
  detail: Schema.optional(Schema.Unknown),
  lastUpdated: Schema.optional(Schema.String)
}).annotations({ identifier: "ReportedState" })

/** An integration. `intendedState` is ENABLED or DISABLED; another word is read too. */
export const Integration = Schema.Struct({
  id: Schema.String,
  name: Schema.optional(Schema.String),
  intendedState: Schema.optional(Schema.String),
  reportedState: Schema.optional(ReportedState)
}).annotations({ identifier: "Integration" })

/** See {@link Integration}. */
export interface Integration extends Schema.Schema.Type<typeof Integration> {}

/** A page of integrations. */
export const IntegrationPage = Schema.Struct({
  entities: Schema.optionalWith(Schema.Array(Integration), { default: () => [] }),
  pageNumber: Schema.optional(Schema.Number),
  pageSize: Schema.optional(Schema.Number),
  pageCount: Schema.optional(Schema.Number),
  total: Schema.optional(Schema.Number)
}).annotations({ identifier: "IntegrationPage" })

/** See {@link IntegrationPage}. */
export interface IntegrationPage extends Schema.Schema.Type<typeof IntegrationPage> {}

/** What the integration with EventBridge is set to. The event source is `aws.partner/genesys.com/cloud/{organization id}/{eventSourceSuffix}`. */
export const EventBridgeProperties = Schema.Struct({
  eventSourceSuffix: Schema.optional(Schema.String),
  awsAccountId: Schema.optional(Schema.String),
  awsAccountRegion: Schema.optional(Schema.String),
  /** The topics that it sends. */
  eventFilter: Schema.optionalWith(Schema.Array(Schema.String), { default: () => [] })
}).annotations({ identifier: "EventBridgeProperties" })

/** See {@link EventBridgeProperties}. */
export interface EventBridgeProperties extends Schema.Schema.Type<typeof EventBridgeProperties> {}

/** The configuration of an integration, with the number of its version: it goes up with every change. */
export const IntegrationConfiguration = Schema.Struct({
  id: Schema.optional(Schema.String),
  name: Schema.optional(Schema.String),
  version: Schema.optional(Schema.Number),
  properties: Schema.optionalWith(EventBridgeProperties, { default: () => EventBridgeProperties.make({}) })
}).annotations({ identifier: "IntegrationConfiguration" })

/** See {@link IntegrationConfiguration}. */
export interface IntegrationConfiguration extends Schema.Schema.Type<typeof IntegrationConfiguration> {}

/** The organization whose token it is. */
export const Organization = Schema.Struct({
  id: Schema.String,
  name: Schema.optional(Schema.String)
}).annotations({ identifier: "Organization" })

/** See {@link Organization}. */
export interface Organization extends Schema.Schema.Type<typeof Organization> {}

const integrationId = HttpApiSchema.param("id", Schema.String)

/** `/api/v2/integrations`. */
export const integrations = HttpApiGroup.make("integrations")
  .add(
    HttpApiEndpoint.get("list", "/api/v2/integrations")
      .setUrlParams(
        Schema.Struct({
          integrationType: Schema.optional(Schema.String),
          pageNumber: Schema.optional(Schema.NumberFromString.pipe(Schema.int(), Schema.positive())),
          pageSize: Schema.optional(Schema.NumberFromString.pipe(Schema.int(), Schema.between(1, 500)))
        })
      )
      .addSuccess(IntegrationPage)
      .annotate(OpenApi.Summary, "List integrations, page by page; with integrationType, those of this type")
  )
  .add(
    HttpApiEndpoint.get("currentConfig")`/api/v2/integrations/${integrationId}/config/current`
      .addSuccess(IntegrationConfiguration)
      .addError(NotFound)
      .annotate(OpenApi.Summary, "The configuration that an integration runs with")
  )
  .addError(Unauthorized)
  .addError(Forbidden)
  .addError(TooManyRequests)

/** `/api/v2/organizations`. */
export const organizations = HttpApiGroup.make("organizations")
  .add(
    HttpApiEndpoint.get("me", "/api/v2/organizations/me")
      .addSuccess(Organization)
      .annotate(OpenApi.Summary, "The organization of the token")
  )
  .addError(Unauthorized)
  .addError(Forbidden)
  .addError(TooManyRequests)

/** The whole contract. `OpenApi.fromApi(IntegrationsApi)` is its OpenAPI document. */
export class IntegrationsApi extends HttpApi.make("GenesysCloudIntegrations")
  .add(integrations)
  .add(organizations)
  .annotate(OpenApi.Title, "Genesys Cloud integrations") {}
