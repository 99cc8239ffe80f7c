/** Amazon EventBridge in memory: archives, replays, and answers that get lost. */
import { SdkError } from "@effect-aws/commons"
import { EventBridgeClients, EventBridgeConfig } from "@genesys-replay/eventbridge"
import * as ArchiveReplays from "@genesys-replay/eventbridge/ArchiveReplays"
import { Clock, Duration, Effect, Layer } from "effect"

/** Where everything is. */
export const prefix = "arn:aws:events:us-east-1:123456789012"
/** The bus of the tests. */
export const bus = `${prefix}:event-bus/gen-cx-events`

/** An archive as AWS keeps it. */
export interface StubArchive {
  readonly name: string
  readonly bus?: string
  readonly created?: string
  readonly retentionDays?: number
  readonly pattern?: unknown
  state?: "CREATING" | "ENABLED" | "CREATE_FAILED" | "DISABLED"
}

/** A replay as AWS keeps it. */
export interface StubReplay {
  readonly name: string
  readonly archive: string
  readonly start: Date
  readonly end: Date
  readonly destination: { readonly Arn: string; readonly FilterArns?: Array<string> }
  state: "STARTING" | "RUNNING" | "COMPLETED" | "CANCELLED" | "CANCELLING" | "FAILED"
  reason?: string
  last?: Date
}

/** What happens to a call: `lost` takes effect and its answer does not come, `cut` comes before any effect, as does what the SDK says itself. */
export type Fault =
  | "cut"
  | "lost"
  | { readonly sdk: string }
  | { readonly code: string; readonly status?: number; readonly message?: string }

/** An exception of AWS, as the SDK hands it on. */
export const exception = (code: string, message = `words of ${code}`, status = 400) =>
  SdkError({
    name: "SdkError",
    message,
    ...{ __type: `com.amazonaws.events#${code}`, $metadata: { httpStatusCode: status, requestId: "request-1" } }
  })

const cut = () => SdkError({ name: "SdkError", message: "read ECONNRESET", ...{ code: "ECONNRESET", $metadata: {} } })

const answered = { $metadata: { httpStatusCode: 200, requestId: "request-1" } }

/** The world of one test. */
export class StubEventBridge {
  /** Every call in order: the action and what was sent. */
  readonly calls: Array<readonly [action: string, input: unknown]> = []
  readonly archives = new Map<string, StubArchive>()
  readonly replays = new Map<string, StubReplay>()
  /** Rules of the bus of the tests, with their states. */
  readonly rules = new Map([
    ["to-queue", "ENABLED"],
    ["a", "ENABLED"],
    ["b", "ENABLED"]
  ] as ReadonlyArray<[string, "ENABLED" | "DISABLED"]>)
  /** Rules that AWS made for itself. */
  readonly managed = new Set<string>()
  /** Targets by rule. */
  readonly targets = new Map<string, Array<{ Id: string; Arn: string; DeadLetterConfig?: { Arn: string } }>>()
  /** Event buses by name, with the account that AWS says they are of. */
  readonly buses = new Map([["gen-cx-events", "123456789012"]])
  /** Event sources of partners, with their states. */
  readonly sources = new Map<string, "ACTIVE" | "DELETED" | "PENDING">()
  /** What happens to the next calls of an action. */
  readonly faults = new Map<string, Array<Fault>>()
  /** Why the next entries that are put are not taken. */
  readonly refusals: Array<{ readonly ErrorCode: string; readonly ErrorMessage?: string }> = []
  /** How many replays may run at once. */
  most = 10
  /** Rows of a page. */
  pageSize = 2

  /** Puts archives there. */
  keep(...archives: ReadonlyArray<StubArchive>): this {
    for (const archive of archives) this.archives.set(archive.name, archive)
    return this
  }

  /** Lets the next calls of `action` go wrong, one after the other. */
  fail(action: string, ...faults: ReadonlyArray<Fault>): this {
    this.faults.set(action, [...(this.faults.get(action) ?? []), ...faults])
    return this
  }

  /** The inputs that `action` was called with. */
  sent(action: string): ReadonlyArray<unknown> {
    return this.calls.flatMap(([called, input]) => (called === action ? [input] : []))
  }

  private call<A>(action: string, input: unknown, effect: () => Effect.Effect<A, ReturnType<typeof exception>>) {
    return Effect.suspend((): Effect.Effect<A, ReturnType<typeof exception>> => {
      this.calls.push([action, input])
      const fault = this.faults.get(action)?.shift()
      if (fault === undefined) return effect()
      if (fault === "cut") return Effect.fail(cut())
      if (fault === "lost") return Effect.zipRight(Effect.ignore(effect()), Effect.fail(cut()))
      if ("sdk" in fault) return Effect.fail(SdkError({ name: "SdkError", message: fault.sdk }))
      return Effect.fail(exception(fault.code, fault.message, fault.status))
    })
  }

  private described(archive: StubArchive) {
    return {
      ArchiveName: archive.name,
      ArchiveArn: `${prefix}:archive/${archive.name}`,
      EventSourceArn: archive.bus ?? bus,
      State: archive.state ?? ("ENABLED" as const),
      CreationTime: new Date(archive.created ?? "2024-01-01T00:00:00Z"),
      RetentionDays: archive.retentionDays ?? 0,
      ...(archive.pattern === undefined ? {} : { EventPattern: JSON.stringify(archive.pattern) }),
      ...answered
    }
  }

  private listed(replay: StubReplay) {
    return {
      ReplayName: replay.name,
      EventSourceArn: replay.archive,
      State: replay.state,
      EventStartTime: replay.start,
      EventEndTime: replay.end,
      ReplayStartTime: new Date("2024-01-16T12:00:00Z"),
      ...(replay.reason === undefined ? {} : { StateReason: replay.reason }),
      ...(replay.last === undefined ? {} : { EventLastReplayedTime: replay.last })
    }
  }

  private page<A>(rows: ReadonlyArray<A>, token: string | undefined) {
    const from = Number(token ?? 0)
    const next = from + this.pageSize
    return { rows: rows.slice(from, next), ...(next < rows.length ? { NextToken: String(next) } : {}) }
  }

  /** The client over this world. */
  readonly client: EventBridgeClients.Client = {
    describeArchive: (input) =>
      this.call("DescribeArchive", input, () => {
        const archive = this.archives.get(input.ArchiveName ?? "")
        return archive === undefined
          ? Effect.fail(exception("ResourceNotFoundException"))
          : Effect.succeed(this.described(archive))
      }),
    listArchives: (input) =>
      this.call("ListArchives", input, () => {
        const own = [...this.archives.values()].filter((archive) => (archive.bus ?? bus) === input.EventSourceArn)
        const { NextToken, rows } = this.page(own, input.NextToken)
        const Archives = rows.map((archive) => this.described(archive))
        return Effect.succeed({ Archives, ...(NextToken === undefined ? {} : { NextToken }), ...answered })
      }),
    createArchive: (input) =>
      this.call("CreateArchive", input, () =>
        Effect.flatMap(Clock.currentTimeMillis, (now) => {
          const name = input.ArchiveName ?? ""
          if (this.archives.has(name)) return Effect.fail(exception("ResourceAlreadyExistsException"))
          this.keep({
            name,
            bus: input.EventSourceArn ?? "",
            created: new Date(now).toISOString(),
            retentionDays: input.RetentionDays ?? 0,
            pattern: JSON.parse(input.EventPattern ?? "null"),
            state: "CREATING"
          })
          return Effect.succeed({ State: "CREATING" as const, ...answered })
        })
      ),
    putEvents: (input) =>
      this.call("PutEvents", input, () => {
        const Entries = (input.Entries ?? []).map((_, index) => this.refusals.shift() ?? { EventId: `event-${index}` })
        const FailedEntryCount = Entries.filter((entry) => "ErrorCode" in entry).length
        return Effect.succeed({ FailedEntryCount, Entries, ...answered })
      }),
    startReplay: (input) =>
      this.call("StartReplay", input, () => {
        const name = input.ReplayName ?? ""
        if (this.replays.has(name)) return Effect.fail(exception("ResourceAlreadyExistsException"))
        const running = [...this.replays.values()].filter(({ state }) => state === "RUNNING" || state === "STARTING")
        if (running.length >= this.most) return Effect.fail(exception("LimitExceededException"))
        this.replays.set(name, {
          name,
          archive: input.EventSourceArn ?? "",
          start: input.EventStartTime ?? new Date(0),
          end: input.EventEndTime ?? new Date(0),
          destination: {
            Arn: input.Destination?.Arn ?? "",
            ...(input.Destination?.FilterArns === undefined ? {} : { FilterArns: input.Destination.FilterArns })
          },
          state: "STARTING"
        })
        return Effect.succeed({
          ReplayArn: `${prefix}:replay/${name}`,
          State: "STARTING" as const,
          ReplayStartTime: new Date("2024-01-16T12:00:00Z"),
          ...answered
        })
      }),
    describeReplay: (input) =>
      this.call("DescribeReplay", input, () => {
        const replay = this.replays.get(input.ReplayName ?? "")
        return replay === undefined
          ? Effect.fail(exception("ResourceNotFoundException"))
          : Effect.succeed({
              ...this.listed(replay),
              ReplayArn: `${prefix}:replay/${replay.name}`,
              Destination: replay.destination,
              ...answered
            })
      }),
    describeRule: (input) =>
      this.call("DescribeRule", input, () => {
        const State = input.EventBusName === "gen-cx-events" ? this.rules.get(input.Name ?? "") : undefined
        return State === undefined
          ? Effect.fail(exception("ResourceNotFoundException"))
          : Effect.succeed({ Name: input.Name, State, ...answered })
      }),
    describeEventBus: (input) =>
      this.call("DescribeEventBus", input, () => {
        const account = this.buses.get(input.Name ?? "")
        return account === undefined
          ? Effect.fail(exception("ResourceNotFoundException"))
          : Effect.succeed({ Arn: `arn:aws:events:us-east-1:${account}:event-bus/${input.Name}`, ...answered })
      }),
    describeEventSource: (input) =>
      this.call("DescribeEventSource", input, () => {
        const State = this.sources.get(input.Name ?? "")
        return State === undefined
          ? Effect.fail(exception("ResourceNotFoundException"))
          : Effect.succeed({ Name: input.Name, State, ...answered })
      }),
    listRules: (input) =>
      this.call("ListRules", input, () => {
        const { NextToken, rows } = this.page([...this.rules], input.NextToken)
        const Rules = rows.map(([Name, State]) => ({
          Name,
          State,
          ...(this.managed.has(Name) ? { ManagedBy: "prod.vhs.events.aws.internal" } : {})
        }))
        return Effect.succeed({ Rules, ...(NextToken === undefined ? {} : { NextToken }), ...answered })
      }),
    listTargetsByRule: (input) =>
      this.call("ListTargetsByRule", input, () =>
        Effect.succeed({ Targets: this.targets.get(input.Rule ?? "") ?? [], ...answered })
      ),
    listReplays: (input) =>
      this.call("ListReplays", input, () => {
        const own = [...this.replays.values()].filter(
          ({ name, state }) =>
            name.startsWith(input.NamePrefix ?? "") && (input.State === undefined || input.State === state)
        )
        const { NextToken, rows } = this.page(own, input.NextToken)
        const Replays = rows.map((replay) => this.listed(replay))
        return Effect.succeed({ Replays, ...(NextToken === undefined ? {} : { NextToken }), ...answered })
      }),
    cancelReplay: (input) =>
      this.call("CancelReplay", input, () => {
        const replay = this.replays.get(input.ReplayName ?? "")
        if (replay === undefined) return Effect.fail(exception("ResourceNotFoundException"))
        if (replay.state !== "RUNNING" && replay.state !== "STARTING") {
          return Effect.fail(exception("IllegalStatusException"))
        }
        replay.state = "CANCELLING"
        return Effect.succeed({ State: "CANCELLING" as const, ...answered })
      })
  }

  /** The provider over this world, with other values than those that tests have. */
  readonly providerWith = (values: Partial<EventBridgeConfig.Values>) =>
    ArchiveReplays.layer.pipe(
      Layer.provide(EventBridgeClients.EventBridgeClients.layerStub(this.client)),
      Layer.provide(
        EventBridgeConfig.EventBridgeConfig.layerOf({
          queue: { interval: Duration.seconds(15), limit: Duration.hours(1) },
          ...values
        })
      )
    )

  /** The provider over this world. */
  readonly provider = this.providerWith({})
}
