/** `/api/v2/integrations` and `/api/v2/organizations`: the organization, and its integration with Amazon EventBridge. */
import { HttpApiBuilder, HttpServerResponse } from "@effect/platform"
import { eventBridgeType } from "@genesys-replay/genesys/IntegrationsApi"
import { Effect } from "effect"
import { Settings } from "../faults/Settings.js"
import * as Answer from "../server/Answer.js"
import * as Catalogue from "../world/Catalogue.js"
import * as Organization from "../world/Organization.js"
import { SandboxApi } from "./SandboxApi.js"

const ok = (body: unknown) => HttpServerResponse.unsafeJson(body)

/** Where the integration sends to unless told: the account and region of the sandbox's AWS. */
const aws = { account: "123456789012", region: "us-east-1" }

const name = "Amazon EventBridge"

/** The handlers of `/api/v2/integrations`. */
export const IntegrationHandlers = HttpApiBuilder.group(SandboxApi, "integrations", (handlers) =>
  Effect.gen(function* () {
    const { integration, seed } = yield* Settings
    const { integrationId: id } = Organization.make(seed)
    const {
      awsAccountId = aws.account,
      awsAccountRegion = aws.region,
      eventFilter,
      intendedState,
      isThere
    } = integration
    const document = {
      id,
      name,
      integrationType: { id: eventBridgeType },
      intendedState,
      reportedState: { code: integration.reportedState, effective: name, lastUpdated: "2024-01-01T00:00:00.000Z" },
      selfUri: `/api/v2/integrations/${id}`
    }
    return handlers
      .handle("list", ({ urlParams: { integrationType, pageNumber = 1, pageSize = 25 } }) => {
        const all = isThere && (integrationType ?? eventBridgeType) === eventBridgeType ? [document] : []
        const entities = all.slice((pageNumber - 1) * pageSize, pageNumber * pageSize)
        return Effect.succeed(
          ok({ entities, pageNumber, pageSize, pageCount: Math.ceil(all.length / pageSize), total: all.length })
        )
      })
      .handle("currentConfig", ({ path }) =>
        isThere && path.id === id
          ? Effect.succeed(
              ok({
                id,
                name,
                version: 3,
                properties: {
                  eventSourceSuffix: Organization.eventSourceSuffix,
                  awsAccountId,
                  awsAccountRegion,
                  eventFilter: eventFilter ?? Catalogue.onEventBridge
                }
              })
            )
          : Answer.refuse({ status: 404, code: "not.found", message: `There is no integration with id ${path.id}` })
      )
  })
)

/** The handler of `/api/v2/organizations/me`. */
export const OrganizationHandlers = HttpApiBuilder.group(SandboxApi, "organizations", (handlers) =>
  Effect.map(Settings, ({ seed }) =>
    handlers.handle("me", () => Effect.succeed(ok({ id: Organization.make(seed).id, name: "Sandbox" })))
  )
)
