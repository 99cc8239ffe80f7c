/** What a window needs before it can be replayed: a name that is free, an archive that holds its events, the rules that may see them. */
import { AtomicSubmission, type BusWindow, Finding, ProviderError, StandingReplay } from "@genesys-replay/domain"
import { DateTime, Effect, Option } from "effect"
import type * as Archives from "../archive/Archives.js"
import type { Client } from "../aws/EventBridgeClients.js"
import * as AwsReplay from "./AwsReplay.js"
import type * as ReplayRules from "./ReplayRules.js"
import * as WantedReplay from "./WantedReplay.js"

/** How many replays an account may have running at once in a region, unless AWS raised it. */
export const atOnce = 10

/** What a submission works with: the client and the archives of one region, and the turns of those who wait there. */
export interface Region {
  readonly client: Client
  readonly archives: ReturnType<typeof Archives.make>
  readonly rules: ReturnType<typeof ReplayRules.make>
  /** One at a time tries whether a replay has ended; the others wait for it, in the order in which they came. */
  readonly turns: Effect.Semaphore
  /** Told when a submission begins to wait there (1), and when it no longer does (-1). */
  readonly queued: (change: 1 | -1) => Effect.Effect<void>
  /** How many replays run there now. */
  readonly running: Effect.Effect<number, ProviderError.ProviderError>
  /** The replay with exactly this name. */
  readonly describe: (name: string) => Effect.Effect<Option.Option<AwsReplay.AwsReplay>, ProviderError.ProviderError>
}

/** The archive that the replay needs. */
export const archiveFor = (wanted: WantedReplay.WantedReplay): Archives.Request => ({
  window: wanted.window.name,
  start: wanted.start,
  end: wanted.end,
  bus: wanted.bus,
  topics: wanted.window.topics,
  rules: wanted.rules,
  partial: wanted.partial,
  archive: wanted.wish,
  retentionDays: wanted.window.retentionDays
})

/** What stands under a window's name, as AWS tells of it (`describe`). */
export const standing = ({ describe }: Pick<Region, "describe">, wanted: WantedReplay.WantedReplay) =>
  Effect.map(
    describe(wanted.name),
    Option.map(
      (found): StandingReplay.StandingReplay => ({
        replay: AwsReplay.toReplay(found, wanted.window.topics),
        differences: AwsReplay.differences(wanted, found)
      })
    )
  )

/** `replay-exists` or `name-taken`, where a replay stands under the window's name. */
export const named = ({ describe }: Pick<Region, "describe">, wanted: WantedReplay.WantedReplay) =>
  Effect.map(
    standing({ describe }, wanted),
    Option.map((found) =>
      StandingReplay.finding(
        wanted.window.name,
        found,
        AtomicSubmission.conflict(WantedReplay.conflicting(wanted), Option.some(found))
      )
    )
  )

/** Preparations in one region. */
export const make = (region: Region) => {
  /** What the window needs, as it is now. Makes nothing. */
  const inspect = (wanted: WantedReplay.WantedReplay) =>
    Effect.all({
      rules: region.rules.findings({ window: wanted.window.name, bus: wanted.bus, rules: wanted.rules }),
      assessment: region.archives.assess(archiveFor(wanted))
    })

  const refusal = (wanted: WantedReplay.WantedReplay, findings: ReadonlyArray<Finding.Finding>) =>
    new ProviderError.ReplayRefused({ operation: WantedReplay.operation, name: wanted.window.name, findings })

  /** The archive to replay from, made where the spec says so. `ReplayRefused` where AWS would, or where nobody would see a replay. */
  const prepared = Effect.fnUntraced(function* (wanted: WantedReplay.WantedReplay) {
    const { assessment, rules } = yield* inspect(wanted)
    // Without its rules the window cannot be replayed from any archive: none is made for it.
    if (Finding.anyError(rules)) return yield* refusal(wanted, [...rules, ...assessment.findings])
    const { archive, findings } = yield* region.archives.provide(archiveFor(wanted), assessment)
    if (Option.isNone(archive) || Finding.anyError(findings)) return yield* refusal(wanted, [...rules, ...findings])
    yield* Effect.forEach([...rules, ...findings], ({ code, message }) => Effect.logWarning(`${message} [${code}]`))
    return archive.value
  })

  /** `replays-at-limit`: the window would wait. */
  const places = (wanted: WantedReplay.WantedReplay) =>
    Effect.map(
      region.running,
      (count): ReadonlyArray<Finding.Finding> =>
        count < atOnce
          ? []
          : [
              {
                severity: "warning",
                code: "replays-at-limit",
                window: wanted.window.name,
                path: "name",
                message: `${count} replays are running in this region, as many as the account may have at once (${atOnce}, unless AWS raised it): this one waits until one has ended`
              }
            ]
    )

  /** What submitting would find before it starts anything. */
  const check = Effect.fn("ReplayPreparation.check")(function* (window: BusWindow.BusWindow) {
    const wanted = WantedReplay.of(window, yield* DateTime.now)
    const found = yield* named(region, wanted)
    if (Option.isSome(found)) return [found.value]
    const { assessment, rules } = yield* inspect(wanted)
    return [...assessment.findings, ...rules, ...(yield* places(wanted))]
  })

  return { prepared, check }
}
