/**
 * The checks of Genesys Cloud: token, scopes, clock, the Event Streams API, the integration with Amazon EventBridge, topics, analytics.
 * Nothing is changed there: but for the token, only `GET` is sent.
 */
import type { FileSystem } from "@effect/platform"
import {
  CheckOutcome,
  ClockSkew,
  type EventBusArn,
  type Finding,
  HealthCheck,
  Instant,
  type OutboundProxy,
  type PlannedWindow,
  Plural,
  type ProviderError,
  ReplayProvider
} from "@genesys-replay/domain"
import { Array as Arr, Clock, Context, DateTime, Duration, Effect, FiberRef, Layer, Option, Ref, Stream } from "effect"
import type * as PlatformClient from "../client/PlatformClient.js"
import * as GenesysConfig from "../http/GenesysConfig.js"
import * as PlatformRequest from "../http/PlatformRequest.js"
import * as AnalyticsCalls from "../records/AnalyticsCalls.js"
import type { AvailableTopic } from "../streams/EventStreamsApi.js"
import * as TopicCatalogue from "../streams/TopicCatalogue.js"
import { TokenService } from "../token/TokenService.js"
import * as IntegrationHealth from "./IntegrationHealth.js"
import * as Integrations from "./Integrations.js"

/** What the checks ask with. */
export type Services =
  | GenesysConfig.GenesysConfig
  | PlatformClient.PlatformClient
  | ReplayProvider.ReplayProvider
  | TokenService
  | TopicCatalogue.TopicCatalogue

/** Why {@link Services} are not there. */
type Misconfigured = GenesysConfig.ConfigurationInvalid | OutboundProxy.ProxyMisconfigured

const server = "Genesys Cloud"

const unconfigured = (error: Misconfigured) => {
  if (error._tag === "ProxyMisconfigured") return error
  return error.namesNoClient
    ? new CheckOutcome.Skipped({
        reason: "no credentials of Genesys Cloud: GENESYS_CLIENT_ID is not set",
        remedy: "Set GENESYS_CLIENT_ID, and GENESYS_CLIENT_SECRET or GENESYS_CLIENT_SECRET_FILE"
      })
    : error
}

const needed = [
  ["eventstream", "the Event Streams API"],
  ["analytics", "conversation records"]
] as const

/** Whether the scopes that are asked for are those that the work needs. An Event Streams scope matters only to windows that go there. */
export const ofScopes = (scope: string, isForStreams: boolean): CheckOutcome.CheckOutcome => {
  const asked = scope.split(/\s+/)
  const missing = needed
    .filter(([name]) => isForStreams || name !== "eventstream")
    .filter(([name]) => !asked.some((one) => one === name || one.startsWith(`${name}:`)))
  return missing.length === 0
    ? CheckOutcome.ok(scope)
    : CheckOutcome.warning(
        `${CheckOutcome.together(missing.map(([name, what]) => `no scope ${name}, for ${what}`))}: ${scope}`,
        "Name them in GENESYS_SCOPE"
      )
}

/** Whether a window is replayed by the Event Streams API. */
const isNeeded = (windows: ReadonlyArray<PlannedWindow.PlannedWindow>): boolean =>
  windows.some(({ provider }) => provider === "genesys")

/** What it means that an organization has no Event Streams API: nothing, where no window needs it. */
export const ofAbsentStreams = (
  error: ProviderError.RequestRejected,
  windows: ReadonlyArray<PlannedWindow.PlannedWindow>
): CheckOutcome.CheckOutcome => {
  if (isNeeded(windows)) return CheckOutcome.ofError(error)
  return windows.length > 0
    ? CheckOutcome.ok("this organisation has none, and no window needs it")
    : CheckOutcome.warning("this organisation has no Event Streams API, as most", error.remedy ?? null)
}

/** Up to when the conversation records are complete. */
export const ofAvailability = (until: Option.Option<DateTime.Utc>, now: DateTime.Utc): CheckOutcome.CheckOutcome =>
  Option.match(until, {
    onNone: () => CheckOutcome.warning("the data lake has no conversation records yet", "Look again later"),
    onSome: (date) => {
      const behind = Duration.format(
        Duration.minutes(Math.round(Duration.toMinutes(DateTime.distanceDuration(date, now))))
      )
      return CheckOutcome.ok(`conversation records are complete until ${Instant.format(date)}, ${behind} ago`)
    }
  })

/** Up to when the platform says that they are. Without the permission, or in a region without them, replays work all the same. */
const availability = Effect.gen(function* () {
  const { availability } = yield* AnalyticsCalls.make
  return ofAvailability(yield* availability, yield* DateTime.now)
}).pipe(
  Effect.catchTags({
    RecordsApiAbsent: () =>
      Effect.succeed(
        CheckOutcome.warning(
          "this region has no conversation records: nothing can be measured against them",
          "Measure against a baseline, or against records that were saved as files"
        )
      ),
    NotPermitted: (error) => Effect.succeed({ ...CheckOutcome.ofError(error), status: "warning" as const })
  })
)

/** Whether the organization has the API. */
const ofStreams = <A>(
  streams: Effect.Effect<A, ProviderError.ProviderError | CheckOutcome.NoAnswer | CheckOutcome.Skipped>,
  windows: ReadonlyArray<PlannedWindow.PlannedWindow>
) =>
  streams.pipe(
    Effect.as(CheckOutcome.ok("this organisation has it")),
    Effect.catchTags({
      RequestRejected: (error) =>
        error.status === 404 ? Effect.succeed(ofAbsentStreams(error, windows)) : Effect.fail(error),
      NotPermitted: (error) =>
        isNeeded(windows)
          ? Effect.fail(error)
          : Effect.succeed({ ...CheckOutcome.ofError(error), status: "skipped" as const })
    })
  )

const nameCodes: ReadonlyArray<Finding.FindingCode> = ["name-taken", "replay-exists"]

/** Whether the names of the windows are free, or stand for just these windows. */
const names = (
  { check }: Context.Tag.Service<ReplayProvider.ReplayProvider>,
  windows: ReadonlyArray<PlannedWindow.PlannedWindow>
) => {
  const own = windows.filter(({ provider }) => provider === "genesys")
  return Effect.map(Effect.forEach(own, check, { concurrency: 4 }), (found) =>
    CheckOutcome.ofFindings(
      found.flat().filter(({ code }) => nameCodes.includes(code)),
      `${Plural.counted(own.length, "window")} with a free name`,
      "Give the window another name, or cancel the replay that has it"
    )
  )
}

/** Whether the platform has the topics, and offers them over EventBridge. */
const topics = (
  windows: ReadonlyArray<PlannedWindow.PlannedWindow>,
  catalogue: ReadonlyArray<AvailableTopic>
): CheckOutcome.CheckOutcome => {
  const count = new Set(windows.flatMap(({ topics }) => topics)).size
  return CheckOutcome.ofFindings(
    windows.flatMap(({ name, topics }) => TopicCatalogue.findings(name, topics, catalogue)),
    `${Plural.counted(count, "topic")} known and offered over EventBridge`,
    "Correct the topics of the window"
  )
}

/** Whether the file of the secret, where there is one, is its owner's alone. */
export const secretFile: HealthCheck.HealthCheck<FileSystem.FileSystem> = HealthCheck.make({
  check: "secret-file",
  area: "local",
  needs: GenesysConfig.secretFile,
  ask: (found) =>
    Effect.succeed(
      Option.match(found, {
        onNone: () => CheckOutcome.skipped("GENESYS_CLIENT_SECRET_FILE is not used"),
        onSome: (file) =>
          file.isExposed
            ? CheckOutcome.warning(
                `${file.path} holds a secret and others may read it`,
                `Make it its owner's alone: ${GenesysConfig.protect(file)}`
              )
            : CheckOutcome.ok(`${file.path} is its owner's alone`)
      })
    )
})

/** The checks, and what they learn that other checks build on. */
export interface GenesysHealth {
  readonly checks: ReadonlyArray<HealthCheck.HealthCheck>
  /** The event buses that the organization's integrations send to. */
  readonly buses: Effect.Effect<ReadonlyArray<EventBusArn.EventBusArn>, CheckOutcome.Skipped>
}

/**
 * The checks over `services`, whose building is a check too. Without credentials, and without a token, those that need them are
 * skipped. The services live as long as the scope.
 */
export const make = Effect.fn("GenesysHealth.make")(function* (
  services: Layer.Layer<Services, Misconfigured>,
  windows: ReadonlyArray<PlannedWindow.PlannedWindow>
) {
  const scope = yield* Effect.scope
  const skew = yield* Ref.make(Option.none<number>())
  const isForStreams = isNeeded(windows)
  const noWindows = Effect.succeed(CheckOutcome.skipped("no window is planned"))

  const context = yield* HealthCheck.question(Effect.mapError(Layer.buildWithScope(services, scope), unconfigured))
  const configured = HealthCheck.answered("credentials")(context)
  const token = yield* HealthCheck.question(
    Effect.flatMap(configured, (built) => Effect.as(Context.get(built, TokenService).token, built))
  )
  const admitted = HealthCheck.answered("a token")(token)
  const looks = Effect.flatMap(admitted, (built) => Effect.provide(Integrations.make, built))

  const organization = yield* HealthCheck.question(
    Effect.gen(function* () {
      const { organization } = yield* looks
      const sentAt = yield* Clock.currentTimeMillis
      const found = yield* organization
      const { date } = yield* FiberRef.get(PlatformRequest.latest)
      yield* Ref.set(skew, ClockSkew.of(date, sentAt, yield* Clock.currentTimeMillis))
      return found
    })
  )
  const known = HealthCheck.answered("the organization")(organization)
  const integrations = yield* HealthCheck.question(
    Effect.flatMap(Effect.all([looks, known]), ([{ eventBridge }, own]) => eventBridge(own))
  )
  const listed = HealthCheck.answered("the integration")(integrations)
  const there = Effect.filterOrFail(
    listed,
    (all) => all.length > 0,
    () => new CheckOutcome.Skipped({ reason: "there is no integration", remedy: null })
  )
  const streams = yield* HealthCheck.question(
    Effect.flatMap(admitted, (built) => Stream.runHead(Context.get(built, ReplayProvider.ReplayProvider).list()))
  )
  const catalogue = yield* HealthCheck.question(
    Effect.flatMap(admitted, (built) => Context.get(built, TopicCatalogue.TopicCatalogue).all)
  )

  const check = <A, E extends CheckOutcome.Told, E2 extends CheckOutcome.Told>(
    name: string,
    needs: Effect.Effect<A, E>,
    ask: (needed: A) => Effect.Effect<CheckOutcome.CheckOutcome, E2>
  ) => HealthCheck.make({ check: name, area: "genesys", needs, ask })

  const checks: ReadonlyArray<HealthCheck.HealthCheck> = [
    HealthCheck.make({
      check: "genesys-settings",
      area: "local",
      remedy: CheckOutcome.correctEnvironment,
      needs: context,
      ask: (built) => Effect.succeed(CheckOutcome.ok(Context.get(built, GenesysConfig.GenesysConfig).apiUrl))
    }),
    check("genesys-token", token, (built) =>
      Effect.map(Context.get(built, TokenService).token, ({ expiresAt, issuedAt }) =>
        CheckOutcome.ok(`valid for ${Duration.format(Duration.millis(expiresAt - issuedAt))}`)
      )
    ),
    check("genesys-scopes", admitted, (built) =>
      Effect.succeed(ofScopes(Context.get(built, GenesysConfig.GenesysConfig).scope, isForStreams))
    ),
    check("genesys-clock", Effect.zipRight(admitted, Effect.option(organization)), () =>
      Effect.map(Ref.get(skew), (found) => CheckOutcome.ofClock(server, found))
    ),
    check("organization", organization, ({ id, name = "" }) => Effect.succeed(CheckOutcome.ok(`${name} ${id}`.trim()))),
    check("event-streams", ofStreams(streams, windows), Effect.succeed),
    check("stream-names", HealthCheck.answered("the Event Streams API")(Effect.zipRight(streams, admitted)), (built) =>
      !isForStreams
        ? Effect.succeed(CheckOutcome.skipped("no window is replayed by the Event Streams API"))
        : names(Context.get(built, ReplayProvider.ReplayProvider), windows)
    ),
    check("topics", windows.length === 0 ? Effect.succeed([]) : catalogue, (all) =>
      windows.length === 0 ? noWindows : Effect.succeed(topics(windows, all))
    ),
    check("integration", integrations, (all) => Effect.succeed(IntegrationHealth.ofStates(all, windows))),
    check("integration-bus", there, (all) => Effect.succeed(IntegrationHealth.ofBuses(all, windows))),
    check("integration-topics", there, (all) => Effect.succeed(IntegrationHealth.ofTopics(all, windows))),
    check("integration-changes", there, (all) =>
      Effect.map(DateTime.now, (now) => IntegrationHealth.ofChanges(all, windows, now))
    ),
    check("analytics", admitted, (built) => Effect.provide(availability, built))
  ]

  return {
    checks,
    buses: Effect.map(there, (all) => Arr.getSomes(all.map(Integrations.busOf)))
  } satisfies GenesysHealth
})
