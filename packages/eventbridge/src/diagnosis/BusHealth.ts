/** What there is to say of an event bus, and of the partner's event source that it gets its events from. */
import type { DescribeEventBusResponse, DescribeEventSourceResponse } from "@aws-sdk/client-eventbridge"
import { CheckOutcome, type EventBusArn } from "@genesys-replay/domain"
import { Effect, Option } from "effect"
import * as AwsCall from "../aws/AwsCall.js"
import { orSkipped, type RegionClients } from "./RegionClients.js"

const partner = "aws.partner/"

/** Whether the bus is that of a partner's event source, whose name it then has. */
export const isOfPartner = ({ bus }: EventBusArn.EventBusArn): boolean => bus.startsWith(partner)

const placeOf = ({ region }: EventBusArn.EventBusArn): string => Option.getOrElse(region, () => "")

/** Whether the bus is there, in the account that its ARN names. */
export const ofBus = (
  bus: EventBusArn.EventBusArn,
  found: Option.Option<Pick<DescribeEventBusResponse, "Arn">>
): CheckOutcome.CheckOutcome => {
  if (Option.isNone(found)) {
    const remedy = isOfPartner(bus)
      ? "Associate the partner's event source with an event bus (EventBridge console, Partner event sources), or correct account and region of the ARN"
      : "Create the bus, or correct account, region and name of the ARN"
    return CheckOutcome.failed(`there is no event bus ${bus.bus} in ${placeOf(bus)}`, remedy)
  }
  const account = found.value.Arn?.split(":")[4]
  return account === undefined || account === bus.account
    ? CheckOutcome.ok(`${bus.bus} in ${placeOf(bus)}`)
    : CheckOutcome.failed(
        `the credentials are of account ${account}, and the bus ${bus.bus} is of ${bus.account}`,
        "Use credentials of the account that has the bus, or correct the ARN"
      )
}

/**
 * Whether the partner's event source brings events. Source: AWS, DescribeEventSource: `PENDING` is a source that no bus is associated
 * with, whose events are dropped.
 */
export const ofSource = (
  arn: EventBusArn.EventBusArn,
  found: Option.Option<Pick<DescribeEventSourceResponse, "State">>
): CheckOutcome.CheckOutcome => {
  const { bus } = arn
  if (Option.isNone(found)) {
    return CheckOutcome.failed(
      `AWS knows no event source ${bus} in ${placeOf(arn)}`,
      "Compare account and region with those of the integration in Genesys Cloud"
    )
  }
  switch (found.value.State) {
    case "ACTIVE":
      return CheckOutcome.ok(`${bus} is active`)
    case "PENDING":
      return CheckOutcome.failed(
        `no event bus is associated with ${bus}: its events are dropped, and after two weeks AWS deletes the source`,
        "Associate it with an event bus: EventBridge console, Partner event sources"
      )
    case "DELETED":
      return CheckOutcome.failed(
        `${bus} was deleted by the partner`,
        "Enable the integration in Genesys Cloud anew, and associate its new event source"
      )
    default:
      return CheckOutcome.warning(
        `${bus} is ${found.value.State ?? "in no state"}`,
        "Look at it in the EventBridge console"
      )
  }
}

/** {@link ofBus}, asked. */
export const check = Effect.fn("BusHealth.check")(({ client, config }: RegionClients, bus: EventBusArn.EventBusArn) =>
  AwsCall.repeatable(config, "DescribeEventBus", client.describeEventBus({ Name: bus.bus })).pipe(
    AwsCall.found,
    Effect.map((found) => ofBus(bus, found)),
    orSkipped
  )
)

/** {@link ofSource}, asked. */
export const checkSource = Effect.fn("BusHealth.checkSource")(
  ({ client, config }: RegionClients, bus: EventBusArn.EventBusArn) =>
    AwsCall.repeatable(config, "DescribeEventSource", client.describeEventSource({ Name: bus.bus })).pipe(
      AwsCall.found,
      Effect.map((found) => ofSource(bus, found)),
      orSkipped
    )
)
