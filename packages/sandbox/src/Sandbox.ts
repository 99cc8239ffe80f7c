/**
 * A Genesys Cloud on this machine: OAuth, event streams whose replays deliver events, the topic catalogue, conversation records, audits
 * and the integration with EventBridge; and beside it, on the same port, an Amazon EventBridge with SQS. Over real HTTP on 127.0.0.1. For trying things on, and for tests.
 */
import { HttpApiBuilder, type HttpClient, HttpServer } from "@effect/platform"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import { Genesys, GenesysConfig } from "@genesys-replay/genesys"
import { Context, Effect, type HashMap, Layer, Redacted, Schema, type Scope } from "effect"
import * as Aws from "./aws/Aws.js"
import * as AwsMiddleware from "./aws/AwsMiddleware.js"
import * as FaultLog from "./faults/FaultLog.js"
import * as FaultPlan from "./faults/FaultPlan.js"
import * as Settings from "./faults/Settings.js"
import { Deliveries } from "./genesys/Deliveries.js"
import { EventStreamHandlers } from "./genesys/EventStreamHandlers.js"
import { IntegrationHandlers, OrganizationHandlers } from "./genesys/IntegrationHandlers.js"
import { NotificationHandlers } from "./genesys/NotificationHandlers.js"
import { OAuthHandlers } from "./genesys/OAuthHandlers.js"
import * as PlatformMiddleware from "./genesys/PlatformMiddleware.js"
import { RateLimitWindow } from "./genesys/RateLimitWindow.js"
import { ReplayRun } from "./genesys/ReplayRun.js"
import { AnalyticsHandlers } from "./genesys/records/AnalyticsHandlers.js"
import { AuditHandlers } from "./genesys/records/AuditHandlers.js"
import { ConversationJobs } from "./genesys/records/ConversationJobs.js"
import { ConversationRecords } from "./genesys/records/ConversationRecords.js"
import { SandboxApi } from "./genesys/SandboxApi.js"
import * as StreamStore from "./genesys/StreamStore.js"
import { Tokens } from "./genesys/Tokens.js"
import * as LoopbackServer from "./server/LoopbackServer.js"
import * as RequestLog from "./server/RequestLog.js"
import * as Organization from "./world/Organization.js"
import type * as World from "./world/World.js"

/** The sandbox could not be started: an option out of range, a port that is taken, a directory that cannot be written. */
export class SandboxUnavailable extends Schema.TaggedError<SandboxUnavailable>()("SandboxUnavailable", {
  reason: Schema.String
}) {
  override get message(): string {
    return `the sandbox could not be started: ${this.reason}. Choose another port or data directory, or correct the option`
  }
}

/** A running sandbox. */
export interface Service {
  /** Base URL of the API and of the OAuth server: `http://127.0.0.1:<port>`, without a slash at the end. */
  readonly url: string
  readonly clientId: string
  readonly clientSecret: Redacted.Redacted<string>
  /** The lines to set before talking to it, `NAME=value`. They hold the secret: they are for printing. */
  readonly environment: ReadonlyArray<string>
  /** Where deliveries are written. */
  readonly dataDirectory: string
  /** The NDJSON file of an event bus, by the bus's name (not its ARN); it exists once something was delivered. */
  readonly deliveries: (bus: string) => string
  /** Every stream ever made, also those that were deleted, oldest first. */
  readonly streams: Effect.Effect<ReadonlyArray<StreamStore.StreamRecord>>
  /** By name, how many submissions were carried out, also those whose answer never arrived. */
  readonly submissions: Effect.Effect<HashMap.HashMap<string, StreamStore.Submissions>>
  /** Waits until the newest stream of this name has ended, and answers it. Waits on, if there is none. */
  readonly replayEnded: (name: string) => Effect.Effect<StreamStore.StreamRecord>
  /** Ends the replay of a stream from the platform's side; the stream stays. For tests of what waits for replays. */
  readonly endReplay: (id: string, state: "CANCELLED" | "FAILED", reason?: string) => Effect.Effect<void>
  /** The requests that came in. */
  readonly requests: Omit<RequestLog.Service, "note">
  /** How many tokens were given out. */
  readonly tokensIssued: Effect.Effect<number>
  /** Every token given out so far expires now. */
  readonly expireTokens: Effect.Effect<void>
  /** Its Amazon EventBridge and SQS. */
  readonly aws: Aws.Aws
  /** What goes wrong. */
  readonly faults: Omit<FaultPlan.Service, "decide">
  /** What went wrong with which event. */
  readonly faultLog: Effect.Effect<ReadonlyArray<FaultLog.Entry>>
  /** What happens in the organization: events and records are made from it. */
  readonly world: World.World
}

const state = Layer.mergeAll(
  Tokens.layer,
  RateLimitWindow.layer,
  StreamStore.StreamStore.layer,
  FaultPlan.FaultPlan.layer,
  RequestLog.RequestLog.layer,
  FaultLog.FaultLog.layer,
  Deliveries.layer
)

const handlers = Layer.mergeAll(
  EventStreamHandlers,
  NotificationHandlers,
  AnalyticsHandlers,
  AuditHandlers,
  IntegrationHandlers,
  OrganizationHandlers,
  OAuthHandlers
).pipe(Layer.provide(ConversationJobs.layer), Layer.provide(ConversationRecords.layer))

const served = HttpApiBuilder.serve(AwsMiddleware.beside).pipe(
  Layer.provide(PlatformMiddleware.layer),
  Layer.provide(HttpApiBuilder.api(SandboxApi)),
  Layer.provide(handlers),
  Layer.provide(AwsMiddleware.AwsMiddleware.layer),
  Layer.provideMerge(Aws.layer),
  Layer.provideMerge(ReplayRun.layer),
  Layer.provideMerge(state),
  Layer.provideMerge(LoopbackServer.layer),
  Layer.provideMerge(NodeHttpServer.layerContext)
)

const portOf = (server: Context.Tag.Service<typeof HttpServer.HttpServer>): number =>
  server.address._tag === "TcpAddress" ? server.address.port : 0

const unavailable = (error: { readonly message: string; readonly cause?: unknown }) =>
  new SandboxUnavailable({ reason: error.cause instanceof Error ? error.cause.message : error.message })

/** A sandbox that runs until the scope ends. */
export const make = Effect.fn("Sandbox.make")(function* (
  options: Settings.Options = {}
): Effect.fn.Return<Service, SandboxUnavailable, Scope.Scope> {
  const settings = yield* Effect.mapError(Settings.resolve(options), unavailable)
  const context = yield* Layer.build(Layer.provide(served, Layer.succeed(Settings.Settings, settings))).pipe(
    Effect.mapError(unavailable)
  )
  const url = `http://${LoopbackServer.host}:${portOf(Context.get(context, HttpServer.HttpServer))}`
  const { accessKeyId, clientId, clientSecret, secretAccessKey } = settings
  const store = Context.get(context, StreamStore.StreamStore)
  const deliveries = Context.get(context, Deliveries)
  const tokens = Context.get(context, Tokens)
  return {
    url,
    clientId,
    clientSecret,
    environment: [
      `GENESYS_ENV_URL=${url}`,
      `GENESYS_LOGIN_URL=${url}`,
      `GENESYS_CLIENT_ID=${clientId}`,
      `GENESYS_CLIENT_SECRET=${Redacted.value(clientSecret)}`,
      `AWS_ENDPOINT_URL=${url}`,
      `AWS_ACCESS_KEY_ID=${accessKeyId}`,
      `AWS_SECRET_ACCESS_KEY=${Redacted.value(secretAccessKey)}`
    ],
    dataDirectory: deliveries.directory,
    deliveries: deliveries.file,
    streams: store.all,
    submissions: store.submissions,
    replayEnded: store.ended,
    endReplay: Context.get(context, ReplayRun).stop,
    requests: Context.get(context, RequestLog.RequestLog),
    tokensIssued: tokens.issued,
    expireTokens: tokens.expireAll,
    aws: Aws.of(context, settings),
    faults: Context.get(context, FaultPlan.FaultPlan),
    faultLog: Context.get(context, FaultLog.FaultLog).entries,
    world: { organization: Organization.make(settings.seed), rates: settings.world }
  }
})

/** The sandbox, as a service. */
export class Sandbox extends Context.Tag("@genesys-replay/sandbox/Sandbox")<Sandbox, Service>() {
  /** A sandbox for as long as the layer lives, on a free port unless told. Fails with {@link SandboxUnavailable}. */
  static readonly layer = (options: Settings.Options = {}): Layer.Layer<Sandbox, SandboxUnavailable> =>
    Layer.scoped(Sandbox, make(options))
}

/** See {@link Sandbox.layer}. */
export const layer = Sandbox.layer

/** What `Genesys.layer` brings, for the sandbox of the context instead of what the environment names. */
export const layerGenesys: Layer.Layer<Genesys.Services, never, Sandbox | HttpClient.HttpClient> = Layer.unwrapEffect(
  Effect.map(Sandbox, ({ clientId, clientSecret, url }) =>
    Genesys.layerOf({ apiUrl: url, loginUrl: url, clientId, clientSecret, scope: GenesysConfig.defaultScope })
  )
)

/** Starts a sandbox, tells `ready` of it, and runs until it is interrupted. */
export const serve = <E, R>(options: Settings.Options, ready: (sandbox: Service) => Effect.Effect<void, E, R>) =>
  Effect.scoped(Effect.zipRight(Effect.flatMap(make(options), ready), Effect.never))
