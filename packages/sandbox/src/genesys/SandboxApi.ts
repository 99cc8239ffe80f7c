/** Everything that the sandbox serves: the contracts that the client is derived from, on one port. */
import { HttpApi } from "@effect/platform"
import { EventStreamsApi } from "@genesys-replay/genesys/EventStreamsApi"
import { OAuthApi } from "@genesys-replay/genesys/OAuthApi"

/** Event streams, topic catalogue and OAuth. */
export class SandboxApi extends HttpApi.make("GenesysCloudSandbox").addHttpApi(EventStreamsApi).addHttpApi(OAuthApi) {}
