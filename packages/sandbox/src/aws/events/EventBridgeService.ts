/** Amazon EventBridge: its operations over buses, archives and replays. */
import { Effect } from "effect"
import * as AwsJson from "../AwsJson.js"
import * as ArchiveOperations from "./ArchiveOperations.js"
import * as EventBusOperations from "./EventBusOperations.js"
import * as EventSources from "./EventSources.js"
import * as ReplayOperations from "./ReplayOperations.js"

/** The service. */
export const make = Effect.gen(function* () {
  const operations = AwsJson.operations(
    ...(yield* EventBusOperations.make),
    ...(yield* EventSources.make),
    ...(yield* ArchiveOperations.make),
    ...(yield* ReplayOperations.make)
  )
  return {
    prefix: "AWSEvents",
    signingName: "events",
    mediaType: "application/x-amz-json-1.1",
    operations
  } satisfies AwsJson.Service
})
