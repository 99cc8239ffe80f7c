/** Finding the archive that can serve a window, and making one where the spec asks for it. */

import { createHash } from "node:crypto"
import { ArchiveReplay, type Finding, type ProviderError, SideEffect } from "@genesys-replay/domain"
import { Chunk, DateTime, Effect, Option, Order, Schedule, Stream } from "effect"
import * as AwsCall from "../aws/AwsCall.js"
import type { Client } from "../aws/EventBridgeClients.js"
import type { Values } from "../aws/EventBridgeConfig.js"
import * as ArchivePattern from "./ArchivePattern.js"
import * as ArchiveRules from "./ArchiveRules.js"

/** What to look for. */
export interface Request extends ArchiveRules.Wanted {
  readonly archive: ArchiveReplay.ArchiveWish | undefined
  /** Days that an archive keeps events which is made for this window. */
  readonly retentionDays: number
}

/** Which archive a window would be replayed from, and everything that speaks against it. */
export interface Assessment {
  /** None where there is none to judge. */
  readonly archive: Option.Option<ArchiveRules.Archive>
  readonly findings: ReadonlyArray<Finding.Finding>
  /** Whether the spec has one made, as there is none that could hold the topics. */
  readonly isToBeMade: boolean
}

type Judged = { readonly archive: ArchiveRules.Archive; readonly findings: ReadonlyArray<Finding.Finding> }

const errors = (findings: ReadonlyArray<Finding.Finding>) => findings.filter(({ severity }) => severity === "error")

// The best first: without errors, with the fewest warnings, then the oldest, which reaches back furthest.
const bestFirst: Order.Order<Judged> = Order.combineAll([
  Order.mapInput(Order.number, ({ findings }: Judged) => errors(findings).length),
  Order.mapInput(Order.number, ({ findings }: Judged) => findings.length),
  Order.mapInput(Order.number, ({ archive }: Judged) =>
    archive.created === undefined ? Number.POSITIVE_INFINITY : DateTime.toEpochMillis(archive.created)
  ),
  Order.mapInput(Order.string, ({ archive }: Judged) => archive.name)
])

/** Whether the archive does not hold the topics, whatever the time: only then does another archive help. */
const isUseless = ({ findings }: Judged): boolean =>
  findings.some(
    ({ code, severity }) => severity === "error" && (code === "archive-excludes-topics" || code === "archive-not-ready")
  )

/** The name of the archive that is made for these topics of this bus: one for each such pair. */
export const nameFor = (bus: string, topics: ReadonlyArray<string>): string =>
  `genesys-replay-${createHash("sha256")
    .update(JSON.stringify([bus, ...[...topics].sort()]), "utf8")
    .digest("hex")
    .slice(0, 16)}`

/** The archives of one region, as `client` tells of them. */
export const make = (client: Client, config: Values) => {
  const describe = (name: string): Effect.Effect<Option.Option<ArchiveRules.Archive>, ProviderError.ProviderError> =>
    AwsCall.repeatable(config, "DescribeArchive", client.describeArchive({ ArchiveName: name })).pipe(
      AwsCall.found,
      Effect.map(
        Option.map(
          (found): ArchiveRules.Archive => ({
            name: found.ArchiveName ?? name,
            arn: found.ArchiveArn ?? "",
            bus: found.EventSourceArn ?? "",
            state: found.State ?? "",
            stateReason: found.StateReason,
            created: Option.getOrUndefined(Option.flatMap(Option.fromNullable(found.CreationTime), DateTime.make)),
            retentionDays: found.RetentionDays === 0 ? undefined : found.RetentionDays,
            pattern: found.EventPattern === "" ? undefined : found.EventPattern
          })
        )
      )
    )

  /** The archives of an event bus, by its ARN. */
  const ofBus = (bus: string): Effect.Effect<ReadonlyArray<ArchiveRules.Archive>, ProviderError.ProviderError> =>
    Stream.paginateChunkEffect(Option.none<string>(), (token) =>
      AwsCall.repeatable(
        config,
        "ListArchives",
        client.listArchives({
          EventSourceArn: bus,
          ...Option.match(token, { onNone: () => ({}), onSome: (NextToken) => ({ NextToken }) })
        })
      ).pipe(
        AwsCall.plain,
        Effect.map(({ Archives = [], NextToken }) => [Chunk.fromIterable(Archives), nextPage(NextToken)])
      )
    ).pipe(
      Stream.filter(({ EventSourceArn }) => EventSourceArn === bus),
      Stream.mapEffect(({ ArchiveName = "" }) => describe(ArchiveName), { concurrency: 4 }),
      Stream.filterMap((archive) => archive),
      Stream.runCollect,
      Effect.map(Chunk.toReadonlyArray)
    )

  /** The archive when it is no longer being made; as it is, where that takes too long. */
  const created = (archive: ArchiveRules.Archive) => {
    const state = Effect.map(
      describe(archive.name),
      Option.getOrElse(() => archive)
    )
    const { interval, limit } = config.creation
    return archive.state !== "CREATING"
      ? Effect.succeed(archive)
      : state.pipe(
          Effect.repeat({
            schedule: Schedule.upTo(Schedule.spaced(interval), limit),
            while: ({ state }) => state === "CREATING"
          }),
          Effect.zipRight(state)
        )
  }

  /** Makes the archive; one that is there already under its name is taken as it is. */
  const create = Effect.fn("Archives.create")(function* ({ bus, retentionDays, topics }: Request) {
    const name = nameFor(bus, topics)
    const request = client.createArchive({
      ArchiveName: name,
      EventSourceArn: bus,
      EventPattern: ArchivePattern.ofTopics(topics),
      RetentionDays: retentionDays,
      Description: "Made by genesys-replay, to replay from"
    })
    const recorded = yield* SideEffect.SideEffects
    const made = AwsCall.repeatable(config, "CreateArchive", request).pipe(
      Effect.as<SideEffect.Outcome>("created"),
      Effect.catchIf(
        (error) => error._tag === "AwsException" && error.code === "ResourceAlreadyExistsException",
        () => Effect.succeed<SideEffect.Outcome>("exists")
      ),
      AwsCall.plain
    )
    const detail = { archive: name, bus, topics, retention_days: retentionDays }
    if ((yield* recorded({ action: "create_archive", detail }, made)) === "created") {
      yield* Effect.logInfo(`archive ${name} of ${bus} was created: it keeps ${topics.join(", ")} from now on`)
    }
    return yield* Effect.map(
      describe(name),
      Option.getOrElse((): ArchiveRules.Archive => ({ name, arn: "", bus, state: "CREATING" }))
    )
  })

  const judge = (request: Request) => (archive: ArchiveRules.Archive) =>
    Effect.gen(function* () {
      const ready = yield* created(archive)
      const judged: Judged = { archive: ready, findings: ArchiveRules.findings(ready, request, yield* DateTime.now) }
      return judged
    })

  const assessed = ({ archive, findings }: Judged): Assessment => ({
    archive: Option.some(archive),
    findings,
    isToBeMade: false
  })

  const none = (findings: ReadonlyArray<Finding.Finding>, isToBeMade = false): Assessment => ({
    archive: Option.none(),
    findings,
    isToBeMade
  })

  /** By name. The name decides: where that archive does not do, no other one is taken. */
  const named = Effect.fn("Archives.named")(function* (name: string, request: Request) {
    const archive = yield* describe(name)
    if (Option.isNone(archive)) return none([ArchiveRules.unknownArchive(name, request)])
    return assessed(yield* judge(request)(archive.value))
  })

  /** By the event bus: the best of its archives; where none does, what speaks against each of them. */
  const found = Effect.fn("Archives.found")(function* (request: Request) {
    const judged = yield* Effect.forEach(yield* ofBus(request.bus), judge(request), { concurrency: 4 })
    const [best, ...others] = [...judged].sort(bestFirst)
    if (request.archive === ArchiveReplay.create && judged.every(isUseless)) {
      return none([ArchiveRules.notYetMade(request)], true)
    }
    if (best === undefined) return none([ArchiveRules.noArchive(request)])
    if (errors(best.findings).length === 0) return assessed(best)
    const against = [best, ...others].flatMap(({ findings }) => errors(findings))
    return assessed({ archive: best.archive, findings: against.slice(0, mostFindings) })
  })

  /** Looks for the archive that the window is replayed from: the named one, else the best one of the bus. Makes none. */
  const assess = (request: Request): Effect.Effect<Assessment, ProviderError.ProviderError> =>
    request.archive === undefined || request.archive === ArchiveReplay.create
      ? found(request)
      : named(request.archive, request)

  /** The assessment after what the spec has made was made. */
  const provide = (request: Request, assessment: Assessment): Effect.Effect<Assessment, ProviderError.ProviderError> =>
    assessment.isToBeMade
      ? create(request).pipe(Effect.flatMap(judge(request)), Effect.map(assessed))
      : Effect.succeed(assessment)

  return { ofBus, assess, provide }
}

const mostFindings = 10

/** The token of the next page; none after the last one. */
export const nextPage = (token: string | undefined): Option.Option<Option.Option<string>> =>
  token === undefined || token === "" ? Option.none() : Option.some(Option.some(token))
