/**
 * The checks of AWS: credentials, the partner's event source, buses, rules, targets, queues, archives and replays. Only actions that
 * read are called: `Describe…`, `List…`, `Get…`.
 */
import {
  BusWindow,
  CheckOutcome,
  Destination,
  type EventBusArn,
  type Finding,
  HealthCheck,
  type PlannedWindow,
  Plural,
  type ProviderError,
  ProviderName
} from "@genesys-replay/domain"
import { Array as Arr, Context, DateTime, Effect, Layer, Option } from "effect"
import * as Archives from "../archive/Archives.js"
import * as AwsCall from "../aws/AwsCall.js"
import { defaultRegion, EventBridgeClients } from "../aws/EventBridgeClients.js"
import { type AwsMisconfigured, checkEndpoints, EventBridgeConfig, type Values } from "../aws/EventBridgeConfig.js"
import * as RegionReplays from "../replay/RegionReplays.js"
import * as ReplayPreparation from "../replay/ReplayPreparation.js"
import * as ReplayRules from "../replay/ReplayRules.js"
import * as WantedReplay from "../replay/WantedReplay.js"
import * as ArchiveHealth from "./ArchiveHealth.js"
import * as BusHealth from "./BusHealth.js"
import { QueueClients } from "./QueueClients.js"
import * as QueueHealth from "./QueueHealth.js"
import * as RegionClients from "./RegionClients.js"
import * as RuleHealth from "./RuleHealth.js"

/** What is looked at. */
export interface Subject {
  /** The event buses; `Skipped` where none is known. Their ARNs name a region. */
  readonly buses: Effect.Effect<ReadonlyArray<EventBusArn.EventBusArn>, CheckOutcome.Skipped>
  /** The windows that are to be replayed, of any provider; none where nothing is planned. */
  readonly windows: ReadonlyArray<PlannedWindow.PlannedWindow>
}

const busWindows = (windows: ReadonlyArray<PlannedWindow.PlannedWindow>): ReadonlyArray<BusWindow.BusWindow> =>
  Arr.getRights(windows.map(BusWindow.of))

/** The event buses that windows go to, each once. */
export const busesOf = (windows: ReadonlyArray<PlannedWindow.PlannedWindow>): ReadonlyArray<EventBusArn.EventBusArn> =>
  Arr.dedupe(busWindows(windows).map(({ destination }) => Destination.canonical(destination)))

const regionNameOf = ({ region }: EventBusArn.EventBusArn): string => Option.getOrElse(region, () => defaultRegion)

/** The chain of the AWS SDK came to its end, and none of its providers had credentials. One whose session has expired is another matter. */
const hasNone = (error: ProviderError.ProviderError): error is ProviderError.NotAuthenticated =>
  error._tag === "NotAuthenticated" && error.code === undefined && /\bany providers\b/.test(error.reason)

const remedies = {
  archive: "Correct the window, or name an archive that holds it",
  rules: "Enable the rules that may see the replay, or name others",
  name: "Give the window another name: AWS keeps the name of a replay for 90 days"
}

/** Whether AWS knows the credentials. Being denied this one action is an answer too. */
const knownTo = ({ client, config }: RegionClients.RegionClients) =>
  AwsCall.repeatable(config, "ListReplays", client.listReplays({ Limit: 1 })).pipe(
    AwsCall.plain,
    Effect.asVoid,
    Effect.catchTag("NotPermitted", () => Effect.void),
    Effect.mapError((error) =>
      hasNone(error)
        ? new CheckOutcome.Skipped({ reason: `no credentials of AWS: ${error.reason}`, remedy: error.remedy ?? null })
        : error
    )
  )

const running = ({ client, config, name }: RegionClients.RegionClients) =>
  Effect.map(RegionReplays.make(client, config).running, (count) => {
    const { atOnce } = ReplayPreparation
    return count < atOnce
      ? CheckOutcome.ok(`${atOnce - count} of ${atOnce} in ${name}, unless AWS raised the limit`)
      : CheckOutcome.warning(
          `${Plural.counted(count, "replay")} are running in ${name}, as many as the account may have at once (${atOnce}, unless AWS raised it): the next one waits`,
          "Wait until one has ended, or cancel one"
        )
  })

/** The rules that the windows name on a bus, by their names. */
const namedRules = (windows: ReadonlyArray<WantedReplay.WantedReplay>, bus: EventBusArn.EventBusArn) =>
  Arr.dedupe(windows.filter((window) => window.bus === bus.canonical).flatMap(({ rules }) => rules)).map(
    ReplayRules.nameOf
  )

/** What several parts of one check say together. */
const fold = (outcomes: ReadonlyArray<CheckOutcome.CheckOutcome>): CheckOutcome.CheckOutcome =>
  CheckOutcome.worst(outcomes, CheckOutcome.ok(CheckOutcome.together(outcomes.map(({ detail }) => detail))))

/**
 * What the checks ask with, as the environment names it: credentials, region and endpoints by the AWS SDK's standard chain. Building it
 * sends nothing; `AwsMisconfigured` for an endpoint that is neither https nor on this machine, and for a proxy that cannot be used.
 */
export const layer = (values: Partial<Values> = {}): Layer.Layer<RegionClients.Services, AwsMisconfigured> =>
  Layer.mergeAll(EventBridgeClients.layer, QueueClients.layer, EventBridgeConfig.layerOf(values)).pipe(
    Layer.provide(Layer.effectDiscard(checkEndpoints))
  )

/** A window of this provider, and the region that it is replayed in. */
interface WantedWindow extends WantedReplay.WantedReplay {
  readonly region: string
}

/** Of windows that name the same rules of the same bus, one. */
const byRules = (windows: ReadonlyArray<WantedWindow>): ReadonlyArray<WantedWindow> =>
  Arr.dedupeWith(
    windows,
    (one, other) => one.bus === other.bus && JSON.stringify(one.rules) === JSON.stringify(other.rules)
  )

/**
 * The checks of AWS over `services`, whose building is a check too. Without credentials, or where no bus is known, those that need
 * them are skipped. The services live as long as the scope.
 */
export const checks = Effect.fn("EventBridgeHealth.checks")(function* (
  services: Layer.Layer<RegionClients.Services, AwsMisconfigured>,
  { buses, windows }: Subject
) {
  const now = yield* DateTime.now
  const wanted = busWindows(windows)
    .filter(({ provider }) => provider === ProviderName.eventbridge)
    .map((window): WantedWindow => ({ ...WantedReplay.of(window, now), region: window.destination.region }))

  const scope = yield* Effect.scope
  const context = yield* HealthCheck.question(Layer.buildWithScope(services, scope))
  const configured = HealthCheck.answered("valid settings")(context)
  const clients = Effect.map(configured, Context.get(EventBridgeClients))
  const regionOf = (name: string) =>
    Effect.flatMap(configured, (built) => Effect.provide(RegionClients.make(name), built))

  const home = Effect.gen(function* () {
    const [first] = yield* Effect.orElseSucceed(buses, () => [])
    return yield* regionOf(
      first === undefined ? yield* Effect.flatMap(clients, ({ home }) => home) : regionNameOf(first)
    )
  })
  const credentials = yield* HealthCheck.question(Effect.tap(home, knownTo))
  const known = HealthCheck.answered("credentials")(credentials)
  const located = Effect.flatMap(Effect.zipRight(known, buses), (all) =>
    Effect.forEach(all, (bus) => Effect.map(regionOf(regionNameOf(bus)), (region) => ({ bus, region })))
  )
  const ofPartner = Effect.filterOrFail(
    Effect.map(located, (all) => all.filter(({ bus }) => BusHealth.isOfPartner(bus))),
    (all) => all.length > 0,
    () => new CheckOutcome.Skipped({ reason: "no bus is that of a partner's event source", remedy: null })
  )
  const described = yield* HealthCheck.question(
    Effect.flatMap(located, (all) =>
      Effect.forEach(all, (one) => BusHealth.check(one.region, one.bus), { concurrency: 4 })
    )
  )
  // Of a bus that may not be looked at, more may be asked.
  const standing = Effect.flatMap(HealthCheck.answered("an event bus")(described), (found) =>
    Effect.map(located, (all) => all.filter((_, index) => found[index]?.status !== "failed"))
  ).pipe(
    Effect.filterOrFail(
      (all) => all.length > 0,
      () => new CheckOutcome.Skipped({ reason: "not asked without an event bus", remedy: null })
    )
  )
  const rules = yield* HealthCheck.question(
    Effect.flatMap(standing, (all) =>
      Effect.forEach(all, ({ bus, region }) => RuleHealth.check(region, bus.bus, namedRules(wanted, bus)))
    ).pipe(RegionClients.unlessDenied)
  )
  const enabled = HealthCheck.answered("the rules")(rules)

  const check = <A, E extends CheckOutcome.Told, E2 extends CheckOutcome.Told>(
    name: string,
    needs: Effect.Effect<A, E>,
    ask: (needed: A) => Effect.Effect<CheckOutcome.CheckOutcome, E2>
  ) => HealthCheck.make({ check: name, area: "aws", needs, ask })

  const perBus = <E extends CheckOutcome.Told>(
    name: string,
    those: typeof located,
    inspect: (
      bus: EventBusArn.EventBusArn,
      region: RegionClients.RegionClients
    ) => Effect.Effect<CheckOutcome.CheckOutcome, E>
  ) =>
    check(name, those, (all) =>
      Effect.map(
        Effect.forEach(all, ({ bus, region }) => inspect(bus, region), { concurrency: 4 }),
        fold
      )
    )

  /** What is found of windows of this provider. */
  const findings = <E>(
    those: ReadonlyArray<WantedWindow>,
    inspect: (
      window: WantedWindow,
      region: RegionClients.RegionClients
    ) => Effect.Effect<ReadonlyArray<Finding.Finding>, E>
  ) =>
    Effect.forEach(those, (window) => Effect.flatMap(regionOf(window.region), (region) => inspect(window, region)), {
      concurrency: 4
    }).pipe(Effect.map((found) => found.flat()))

  const windowCount = Plural.counted(wanted.length, "window")
  return [
    HealthCheck.make({
      check: "aws-settings",
      area: "local",
      remedy: CheckOutcome.correctEnvironment,
      needs: context,
      ask: (built) => {
        const { home, target } = Context.get(built, EventBridgeClients)
        return Effect.map(home, (region) => CheckOutcome.ok(`${target}, ${region} where nothing names a region`))
      }
    }),
    check("aws-credentials", credentials, ({ name }) => Effect.succeed(CheckOutcome.ok(`known to AWS in ${name}`))),
    check("aws-clock", Effect.zipRight(known, clients), ({ clockSkew, target }) =>
      Effect.map(clockSkew, (skew) => CheckOutcome.ofClock(target, skew))
    ),
    perBus("event-source", ofPartner, (bus, region) => BusHealth.checkSource(region, bus)),
    check("event-bus", described, (outcomes) => Effect.succeed(fold(outcomes))),
    check("rules", rules, (all) =>
      findings(byRules(wanted), ({ bus, rules, window }, { client, config }) =>
        ReplayRules.make(client, config).findings({ window: window.name, bus, rules })
      ).pipe(
        Effect.map((found) => {
          const listed = RuleHealth.ofRules(all)
          return CheckOutcome.worst([listed, CheckOutcome.ofFindings(found, listed.detail, remedies.rules)], listed)
        })
      )
    ),
    check("rule-targets", enabled, (all) => Effect.succeed(RuleHealth.ofTargets(all))),
    check("dead-letter-queues", enabled, (all) => Effect.succeed(RuleHealth.ofDeadLetters(all))),
    check("queues", enabled, (all) =>
      Effect.forEach(
        QueueHealth.queuesOf(all),
        (queue) => Effect.flatMap(regionOf(queue.region), (region) => QueueHealth.check(region, queue)),
        { concurrency: 4 }
      ).pipe(Effect.map(QueueHealth.ofQueues))
    ),
    wanted.length === 0
      ? perBus("archive", standing, (bus, { client, config }) =>
          Archives.make(client, config)
            .ofBus(bus.canonical)
            .pipe(Effect.map((archives) => ArchiveHealth.ofBus(bus, archives)))
        )
      : check("archive", known, () =>
          findings(wanted, (window, { client, config }) =>
            Effect.map(
              Archives.make(client, config).assess(ReplayPreparation.archiveFor(window)),
              (assessment) => assessment.findings
            )
          ).pipe(
            Effect.map((found) =>
              CheckOutcome.ofFindings(found, `${windowCount} in archives that hold them`, remedies.archive)
            )
          )
        ),
    check("replay-names", known, () =>
      wanted.length === 0
        ? Effect.succeed(CheckOutcome.skipped("no window is replayed from an archive"))
        : findings(wanted, (window, { client, config }) =>
            Effect.map(ReplayPreparation.named(RegionReplays.make(client, config), window), Option.toArray)
          ).pipe(
            Effect.map((found) => CheckOutcome.ofFindings(found, `${windowCount} with a free name`, remedies.name))
          )
    ),
    check("replay-places", known, running)
  ]
})
