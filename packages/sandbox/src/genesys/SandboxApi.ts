/** Everything that the sandbox serves: the contracts that the client is derived from, on one port. */
import { HttpApi } from "@effect/platform"
import { AnalyticsApi } from "@genesys-replay/genesys/AnalyticsApi"
import { AuditsApi } from "@genesys-replay/genesys/AuditsApi"
import { EventStreamsApi } from "@genesys-replay/genesys/EventStreamsApi"
import { IntegrationsApi } from "@genesys-replay/genesys/IntegrationsApi"
import { OAuthApi } from "@genesys-replay/genesys/OAuthApi"

/** Event streams, topic catalogue, conversation details, audits, integrations, organization and OAuth. */
export class SandboxApi extends HttpApi.make("GenesysCloudSandbox")
  .addHttpApi(EventStreamsApi)
  .addHttpApi(AnalyticsApi)
  .addHttpApi(AuditsApi)
  .addHttpApi(IntegrationsApi)
  .addHttpApi(OAuthApi) {}
