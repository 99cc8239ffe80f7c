/** The replays of one region, as AWS tells of them. */
import type { ListReplaysRequest } from "@aws-sdk/client-eventbridge"
import type { ProviderError } from "@genesys-replay/domain"
import { Chunk, Effect, Number, Option, Stream } from "effect"
import * as Archives from "../archive/Archives.js"
import * as AwsCall from "../aws/AwsCall.js"
import type { Client } from "../aws/EventBridgeClients.js"
import type { Values } from "../aws/EventBridgeConfig.js"
import type { AwsReplay } from "./AwsReplay.js"

/** The states of a replay that has not ended. */
const active = ["STARTING", "RUNNING", "CANCELLING"] as const

/** The requests for them. Nothing is changed. */
export const make = (client: Client, config: Values) => {
  /** Every page of the replays, as AWS lists them. */
  const list = (
    asked: Pick<ListReplaysRequest, "NamePrefix" | "State">
  ): Stream.Stream<AwsReplay, ProviderError.ProviderError> =>
    Stream.paginateChunkEffect(Option.none<string>(), (token) => {
      const request = client.listReplays({
        ...asked,
        ...Option.match(token, { onNone: () => ({}), onSome: (NextToken) => ({ NextToken }) })
      })
      return AwsCall.repeatable(config, "ListReplays", request).pipe(
        AwsCall.plain,
        Effect.map(({ NextToken, Replays = [] }) => [Chunk.fromIterable(Replays), Archives.nextPage(NextToken)])
      )
    })

  /** The replay with exactly this name. */
  const describe = (name: string): Effect.Effect<Option.Option<AwsReplay>, ProviderError.ProviderError> =>
    AwsCall.found(AwsCall.repeatable(config, "DescribeReplay", client.describeReplay({ ReplayName: name })))

  /** How many run now. */
  const running = Effect.map(
    Effect.forEach(active, (State) => Stream.runCount(list({ State }))),
    Number.sumAll
  )

  return { list, describe, running }
}
