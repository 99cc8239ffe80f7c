/** Where the events of a window go, as its provider has read it. */
import { Option, Schema } from "effect"
import { EventBusArn } from "../value/EventBusArn.js"
import { RoleArn } from "./ReplayWindow.js"

/** An event bus of AWS, and what delivering into it takes. */
export const EventBus = Schema.TaggedStruct("EventBus", {
  arn: Schema.typeSchema(EventBusArn),
  /** The ARN's, or where it tells none the one that planning found. */
  region: Schema.NonEmptyString,
  /** The role that delivers; empty where the bus needs none. */
  roleArn: RoleArn
}).annotations({ identifier: "EventBus" })

/** See {@link EventBus}. */
export type EventBus = typeof EventBus.Type

/** A place that a provider of somebody else's has read, as it writes it. */
export const OtherDestination = Schema.TaggedStruct("OtherDestination", {
  text: Schema.NonEmptyString
}).annotations({ identifier: "OtherDestination" })

/** See {@link OtherDestination}. */
export type OtherDestination = typeof OtherDestination.Type

/** See {@link EventBus} and {@link OtherDestination}. */
export const Destination = Schema.Union(EventBus, OtherDestination)

/** See {@link Destination}. */
export type Destination = typeof Destination.Type

/** The destination as it was written. */
export const format = (destination: Destination): string =>
  destination._tag === "EventBus" ? destination.arn.text : destination.text

/** The bus as AWS itself names it: service `events`, and with its region, also where the ARN of the spec leaves that out. */
export const canonical = ({ arn: { account, bus, partition }, region }: EventBus): EventBusArn =>
  new EventBusArn(
    {
      text: `arn:${partition}:events:${region}:${account}:event-bus/${bus}`,
      ...{ partition, account, bus },
      service: "events",
      region: Option.some(region)
    },
    true
  )
