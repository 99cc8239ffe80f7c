/** Partner event sources: that of the organization's integration, which is active once a bus of its name is there. */
import { Clock, Effect } from "effect"
import { Settings } from "../../faults/Settings.js"
import * as Organization from "../../world/Organization.js"
import * as Arn from "../Arn.js"
import * as AwsError from "../AwsError.js"
import { implement } from "../AwsJson.js"
import * as Api from "./EventBridgeApi.js"
import { EventBuses } from "./EventBuses.js"

const partner = "aws.partner/genesys.com"
const twoWeeksMs = 14 * 86_400_000

/** The operations. */
export const make = Effect.gen(function* () {
  const { integration, seed } = yield* Settings
  const buses = yield* EventBuses
  const name = Organization.eventSource(Organization.make(seed))
  const createdAt = yield* Clock.currentTimeMillis

  return [
    implement(Api.DescribeEventSource, ({ Name }) =>
      Effect.gen(function* () {
        const bus = yield* Effect.option(buses.get(Name))
        const isActive = bus._tag === "Some"
        // A bus that was made for a history of another source has that source.
        if (!isActive && !(Name === name && integration.isThere)) {
          return yield* AwsError.resourceNotFound(`Event source ${Name} does not exist.`)
        }
        return {
          Arn: Arn.eventSource(Name),
          CreatedBy: partner,
          CreationTime: createdAt,
          ...(isActive ? {} : { ExpirationTime: createdAt + twoWeeksMs }),
          Name,
          State: isActive ? "ACTIVE" : "PENDING"
        }
      })
    )
  ]
})
