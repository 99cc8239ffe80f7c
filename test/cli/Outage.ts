/** An outage on the way to a consumer: an archive has what happened, a capture lacks some minutes of it, and a heal is typed. */
import { FileSystem } from "@effect/platform"
import { EventBusArn } from "@genesys-replay/domain"
import { CaptureRoute } from "@genesys-replay/eventbridge"
import { Sandbox, TopicFilter, World } from "@genesys-replay/sandbox"
import { DateTime, Effect, Redacted, Schema } from "effect"
import { lineOf } from "../eventlog/reconcile/Reconciling.js"
import * as AwsCall from "../sandbox/AwsCall.js"
import { Desk } from "./Desk.js"
import { type Given, run } from "./Run.js"

const topics = ["v2.detail.events.conversation.{id}.acd.start", "v2.detail.events.conversation.{id}.user.end"]

const minute = 60_000

/** Minutes of the window, from its start, in which nothing came; the end is exclusive. */
export const outages: ReadonlyArray<readonly [from: number, until: number]> = [
  [20, 32],
  [90, 101]
]

const isLost = (at: number, from: number) =>
  outages.some(([first, last]) => from + first * minute <= at && at < from + last * minute)

/** Makes the archive, the queue, the files `spec.yaml`, `baseline.ndjson`, `captured.ndjson` and a queue of the consumer. */
export const scene = Effect.fn("Outage.scene")(function* (name: string, visibility = 120) {
  const { aws, url, world } = yield* Sandbox.Sandbox
  const { directory, env } = yield* Desk
  const files = yield* FileSystem.FileSystem
  const now = yield* DateTime.now
  const until = DateTime.startOf(DateTime.subtract(now, { minutes: 15 }), "minute")
  const from = DateTime.subtract(until, { hours: 2 })
  const history = yield* aws.genesysHistory({ archive: `cx-${name}`, topics, from, until })
  const route = yield* CaptureRoute.make({
    bus: yield* Schema.decode(EventBusArn.FromString)(history.busArn),
    name: `replayed-${name}`
  }).pipe(
    Effect.provide(
      CaptureRoute.RouteClient.layerOf({
        endpoint: url,
        region: aws.region,
        credentials: { accessKeyId: aws.accessKeyId, secretAccessKey: Redacted.value(aws.secretAccessKey) }
      })
    )
  )
  // What a killed capture had taken comes back after so many seconds, and is waited for.
  yield* AwsCall.queues((client) =>
    client.setQueueAttributes({ QueueUrl: route.queue, Attributes: { VisibilityTimeout: String(visibility) } })
  )
  const span = { from: DateTime.toEpochMillis(from), until: DateTime.toEpochMillis(until) }
  const happened = [...World.events(world, span, { topics: TopicFilter.of(topics) })]
  const lost = happened.filter(({ at }) => isLost(at, span.from)).map(lineOf)
  const text = (lines: ReadonlyArray<string>) => lines.map((line) => `${line}\n`).join("")
  const cwd = `${directory}/${name}`
  yield* files.makeDirectory(cwd)
  yield* files.writeFileString(`${cwd}/baseline.ndjson`, text(happened.map(lineOf)))
  yield* files.writeFileString(
    `${cwd}/captured.ndjson`,
    text(happened.filter(({ at }) => !isLost(at, span.from)).map(lineOf))
  )
  yield* files.writeFileString(
    `${cwd}/spec.yaml`,
    JSON.stringify({
      provider: "eventbridge",
      defaults: { destination: history.busArn, archive: `cx-${name}`, rules: [route.rule] },
      windows: [{ name: "outage", topics, start: DateTime.formatIso(from), end: DateTime.formatIso(until) }]
    })
  )
  const { QueueUrl: consumer = "" } = yield* AwsCall.queues((client) =>
    client.createQueue({ QueueName: `consumer-${name}` })
  )
  const variables = { ...env, XDG_STATE_HOME: `${cwd}/state`, GENESYS_REPLAY_DATABASE_URL: `file:${cwd}/state.db` }
  const type = (args: ReadonlyArray<string>, given: Given = {}) => run(args, { ...given, cwd, env: variables })
  const args = ["heal", "spec.yaml", "--queue", route.queue, "--captured", "captured.ndjson", "--idle", "1s"]
  return {
    cwd,
    lost,
    consumer,
    type,
    /** Types `heal` with the baseline. */
    heal: (more: ReadonlyArray<string>, given: Given = {}) =>
      type([...args, "--against", "baseline.ndjson", ...more], given),
    args
  }
})
