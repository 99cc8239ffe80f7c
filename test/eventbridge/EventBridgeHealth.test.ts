import { describe, expect, it } from "@effect/vitest"
import { CheckOutcome, EventBusArn, HealthCheck, type PlannedWindow } from "@genesys-replay/domain"
import { EventBridgeClients, EventBridgeConfig, EventBridgeHealth, QueueClients } from "@genesys-replay/eventbridge"
import { Chunk, DateTime, Duration, Effect, Layer, Option, Schema, Stream, TestClock } from "effect"

import { bus, prefix, StubEventBridge } from "./StubEventBridge.js"
import { policy, StubQueues } from "./StubQueues.js"
import { now, topic, windowOf } from "./Windows.js"

const arn = Schema.decodeSync(EventBusArn.FromString)
const partner = "aws.partner/genesys.com/cloud/4f1c/cx"

/** AWS as it should be: an archive, a rule with a queue and a dead-letter queue. */
class Account {
  readonly events = new StubEventBridge().keep({ name: "cx" })
  readonly sqs = new StubQueues()
  buses: ReadonlyArray<string> = [bus]

  /** Looks at these buses instead. */
  at(...buses: ReadonlyArray<string>): this {
    this.buses = buses
    return this
  }

  clockSkew = Option.some(0)

  constructor() {
    const to = (name: string) => [
      {
        Id: "q",
        Arn: `arn:aws:sqs:us-east-1:123456789012:${name}`,
        DeadLetterConfig: { Arn: `arn:aws:sqs:us-east-1:123456789012:${name}-dead` }
      }
    ]
    for (const name of ["to-queue", "a", "b"]) this.events.targets.set(name, to("events"))
    this.sqs.queues.set("events", { Policy: policy, RedrivePolicy: JSON.stringify({ maxReceiveCount: 5 }) })
    this.sqs.queues.set("events-dead", { Policy: policy })
  }
}

/** What the checks say, or those of this name. */
const checked = (account: Account, windows: ReadonlyArray<PlannedWindow.PlannedWindow>, name?: string) =>
  Effect.gen(function* () {
    const services = Layer.mergeAll(
      EventBridgeClients.EventBridgeClients.layerStub(account.events.client, account.clockSkew),
      QueueClients.QueueClients.layerStub(account.sqs.client),
      EventBridgeConfig.EventBridgeConfig.layerOf({ retry: { maxRetries: 0, baseDelay: Duration.millis(1) } })
    )
    const buses =
      account.buses.length > 0
        ? Effect.succeed(account.buses.map((text) => arn(text)))
        : new CheckOutcome.Skipped({ reason: "no bus is known", remedy: null })
    const all = yield* EventBridgeHealth.checks(services, { buses, windows })
    const checks = all.filter(({ check }) => name === undefined || check === name)
    return Chunk.toReadonlyArray(yield* Stream.runCollect(HealthCheck.run(checks)))
  }).pipe(Effect.scoped)

/** What the check says of an account that was changed, with windows of these fields. */
const says = (
  check: string,
  change: (account: Account) => unknown,
  ...fields: ReadonlyArray<Record<string, unknown>>
) =>
  Effect.gen(function* () {
    yield* TestClock.setTime(DateTime.toEpochMillis(now))
    const account = new Account()
    change(account)
    const windows = yield* Effect.forEach(fields, windowOf)
    const [found] = yield* checked(account, windows, check)
    return found ?? (yield* Effect.dieMessage(`no check ${check}`))
  })

const unchanged = () => {}
const rule = (name: string) => `${prefix}:rule/gen-cx-events/${name}`
const throttled = { code: "AccessDeniedException", message: "User is not authorized to perform: events:ListRules on x" }

type Row = readonly [
  check: string,
  when: string,
  change: (account: Account) => unknown,
  status: CheckOutcome.CheckStatus,
  detail: RegExp
]

describe("the checks of AWS without a window", () => {
  const rows: ReadonlyArray<Row> = [
    ["aws-credentials", "AWS knows them", unchanged, "ok", /^known to AWS in us-east-1$/],
    [
      "aws-credentials",
      "they may not list replays",
      ({ events }) => events.fail("ListReplays", { code: "AccessDeniedException" }),
      "ok",
      /known/
    ],
    [
      "aws-credentials",
      "they have expired",
      ({ events }) => events.fail("ListReplays", { code: "ExpiredTokenException" }),
      "failed",
      /not authenticated/
    ],
    [
      "aws-credentials",
      "nobody answers",
      ({ events }) => events.fail("ListReplays", "cut"),
      "failed",
      /connection failed/
    ],
    [
      "aws-credentials",
      "there are none",
      ({ events }) => events.fail("ListReplays", { sdk: "Could not load credentials from any providers" }),
      "skipped",
      /^no credentials of AWS/
    ],
    [
      "aws-credentials",
      "the session of the profile has expired",
      ({ events }) => events.fail("ListReplays", { sdk: "The credentials of the SSO session have expired" }),
      "failed",
      /have expired/
    ],
    [
      "event-bus",
      "credentials do not do",
      ({ events }) => events.fail("ListReplays", { code: "ExpiredTokenException" }),
      "skipped",
      /^not asked without credentials$/
    ],
    ["aws-clock", "the clocks agree", unchanged, "ok", /agrees/],
    [
      "aws-clock",
      "the clock is an hour ahead",
      (account) => {
        account.clockSkew = Option.some(3_600_000)
      },
      "warning",
      /1h ahead of that of Amazon EventBridge/
    ],
    ["event-bus", "it is there", unchanged, "ok", /^gen-cx-events in us-east-1$/],
    [
      "event-bus",
      "it is not there",
      ({ events }) => events.buses.clear(),
      "failed",
      /there is no event bus gen-cx-events/
    ],
    [
      "event-bus",
      "the credentials are another account's",
      ({ events }) => events.buses.set("gen-cx-events", "210987654321"),
      "failed",
      /credentials are of account 210987654321/
    ],
    [
      "event-bus",
      "it may not be looked at",
      ({ events }) => events.fail("DescribeEventBus", { code: "AccessDeniedException" }),
      "skipped",
      /words of/
    ],
    ["event-bus", "none is known", (account) => account.at(), "skipped", /^no bus is known$/],
    ["event-source", "the bus is nobody else's", unchanged, "skipped", /no bus is that of a partner/],
    ...(
      [
        ["ACTIVE", "ok", /is active/],
        ["PENDING", "failed", /no event bus is associated.*two weeks/],
        ["DELETED", "failed", /deleted by the partner/]
      ] as const
    ).map(
      ([state, status, detail]): Row => [
        "event-source",
        `it is ${state}`,
        (account) => {
          account.at(`${prefix}:event-bus/${partner}`)
          account.events.sources.set(partner, state)
        },
        status,
        detail
      ]
    ),
    [
      "event-source",
      "AWS does not know it",
      (account) => account.at(`${prefix}:event-bus/${partner}`),
      "failed",
      /AWS knows no event source/
    ],
    ["rules", "all are enabled", unchanged, "ok", /^3 rules enabled$/],
    ["rules", "there is none", ({ events }) => events.rules.clear(), "failed", /has no rule: nobody gets its events/],
    [
      "rules",
      "there is only that of an archive",
      ({ events }) => {
        events.rules.clear()
        events.rules.set("Events-Archive-cx", "ENABLED")
        events.managed.add("Events-Archive-cx")
      },
      "failed",
      /has no rule/
    ],
    [
      "rules",
      "one of them is disabled",
      ({ events }) => events.rules.set("a", "DISABLED"),
      "warning",
      /^1 of 3 rules of gen-cx-events is disabled: a$/
    ],
    [
      "rules",
      "all are disabled",
      ({ events }) => void ["to-queue", "a", "b"].forEach((name) => void events.rules.set(name, "DISABLED")),
      "failed",
      /^3 of 3 rules of gen-cx-events are disabled/
    ],
    [
      "rules",
      "they may not be listed",
      ({ events }) => events.fail("ListRules", throttled),
      "skipped",
      /not authorized/
    ],
    ["rules", "the bus is not there", ({ events }) => events.buses.clear(), "skipped", /without an event bus/],
    ["rule-targets", "every rule has one", unchanged, "ok", /^3 targets of 3 enabled rules$/],
    [
      "rule-targets",
      "a rule has none",
      ({ events }) => events.targets.delete("a"),
      "failed",
      /rule a of gen-cx-events has no target/
    ],
    [
      "rule-targets",
      "the rules are not known",
      ({ events }) => events.fail("ListRules", "cut"),
      "skipped",
      /without the rules/
    ],
    ["dead-letter-queues", "every target has one", unchanged, "ok", /every target/],
    [
      "dead-letter-queues",
      "a target has none",
      ({ events }) => events.targets.set("a", [{ Id: "x", Arn: "arn:aws:lambda:us-east-1:123456789012:function:f" }]),
      "warning",
      /dropped: target x of rule a of gen-cx-events$/
    ],
    [
      "queues",
      "they are as they should be",
      unchanged,
      "ok",
      /^events: redrive after 5 receives; events-dead: no redrive$/
    ],
    ["queues", "one is not there", ({ sqs }) => sqs.queues.delete("events"), "failed", /no queue events in us-east-1/],
    [
      "queues",
      "a dead-letter queue is not there",
      ({ sqs }) => sqs.queues.delete("events-dead"),
      "failed",
      /no dead-letter queue events-dead/
    ],
    [
      "queues",
      "EventBridge may not send",
      ({ sqs }) => sqs.queues.set("events", {}),
      "failed",
      /does not let EventBridge send/
    ],
    [
      "queues",
      "one is encrypted with a key of its own",
      ({ sqs }) => sqs.queues.set("events", { Policy: policy, KmsMasterKeyId: "alias/mine" }),
      "warning",
      /encrypted with alias\/mine/
    ],
    [
      "queues",
      "they may not be looked at",
      ({ sqs }) => {
        sqs.refusal = { code: "AccessDenied", message: "not authorized to perform: sqs:GetQueueUrl" }
      },
      "skipped",
      /sqs:GetQueueUrl/
    ],
    ["queues", "no rule delivers into one", ({ events }) => events.targets.clear(), "skipped", /no enabled rule/],
    ["archive", "there is one", unchanged, "ok", /^cx, since 2024-01-01T00:00:00Z, for ever$/],
    ["archive", "there is none", ({ events }) => events.archives.clear(), "warning", /has no archive: what is lost/],
    [
      "archive",
      "it is disabled",
      ({ events }) => events.keep({ name: "cx", state: "DISABLED" }),
      "warning",
      /no archive that is enabled: cx is DISABLED/
    ],
    ["replay-names", "no window is planned", unchanged, "skipped", /no window/],
    ["replay-places", "none is taken", unchanged, "ok", /^10 of 10 in us-east-1/],
    [
      "replay-places",
      "all are taken",
      ({ events }) => {
        for (let at = 0; at < 10; at++) {
          const start = new Date(0)
          const destination = { Arn: bus }
          events.replays.set(`r${at}`, {
            name: `r${at}`,
            archive: "",
            start,
            end: start,
            destination,
            state: "RUNNING"
          })
        }
      },
      "warning",
      /^10 replays are running/
    ]
  ]

  it.effect.each(rows)("%s, where %s", ([check, , change, status, detail]) =>
    Effect.gen(function* () {
      const found = yield* says(check, change)
      expect([found.status, found.detail]).toEqual([status, expect.stringMatching(detail)])
      expect(found.status === "failed" || found.status === "warning" ? found.remedy : "none").not.toBeNull()
    })
  )
})

describe("the checks of AWS for windows", () => {
  const rows: ReadonlyArray<readonly [...Row, fields: Record<string, unknown>]> = [
    [
      "archive",
      "it holds the window, and named rules see it",
      unchanged,
      "ok",
      /^1 window in archives that hold them$/,
      { rules: [rule("a")] }
    ],
    [
      "archive",
      "it holds more than the window, and all rules see it",
      unchanged,
      "warning",
      /may hold other topics too/,
      {}
    ],
    [
      "archive",
      "it is younger than the window",
      ({ events }) => events.keep({ name: "cx", created: "2024-01-15T09:00:00Z" }),
      "failed",
      /^outage: archive cx was created at 2024-01-15T09:00:00Z, after the start/,
      {}
    ],
    [
      "archive",
      "it has let the window go",
      ({ events }) => events.keep({ name: "cx", retentionDays: 1 }),
      "failed",
      /keeps events for 1 day/,
      {}
    ],
    [
      "archive",
      "its pattern leaves the topics out",
      ({ events }) => events.keep({ name: "cx", pattern: { "detail-type": ["other"] } }),
      "failed",
      /cannot hold genesys.conversations.message/,
      {}
    ],
    ["archive", "there is none", ({ events }) => events.archives.clear(), "failed", /has no archive/, {}],
    ["replay-names", "the name is free", unchanged, "ok", /^1 window with a free name$/, {}],
    [
      "replay-names",
      "another replay has it",
      ({ events }) =>
        events.replays.set("outage", {
          name: "outage",
          archive: `${prefix}:archive/cx`,
          start: new Date(0),
          end: new Date(0),
          destination: { Arn: bus },
          state: "COMPLETED"
        }),
      "failed",
      /a replay named "outage" exists already/,
      {}
    ],
    ["rules", "the named rule is enabled", unchanged, "ok", /^1 rule enabled$/, { rules: [rule("a")] }],
    ["rules", "the named rule is not there", unchanged, "failed", /there is no rule gone/, { rules: [rule("gone")] }],
    [
      "rules",
      "the named rule is disabled",
      ({ events }) => events.rules.set("a", "DISABLED"),
      "failed",
      /rule a is disabled/,
      { rules: [rule("a")] }
    ],
    [
      "rules",
      "one of two named rules is disabled",
      ({ events }) => events.rules.set("a", "DISABLED"),
      "warning",
      /rule a is disabled/,
      { rules: [rule("a"), rule("b")] }
    ],
    [
      "rule-targets",
      "only a rule that no window names has none",
      ({ events }) => events.targets.delete("b"),
      "ok",
      /^1 target/,
      { rules: [rule("a")] }
    ]
  ]

  it.effect.each(rows)("%s, where %s", ([check, , change, status, detail, fields]) =>
    Effect.gen(function* () {
      const found = yield* says(check, change, { topics: [topic], ...fields })
      expect([found.status, found.detail]).toEqual([status, expect.stringMatching(detail)])
      expect(found.status === "failed" || found.status === "warning" ? found.remedy : "none").not.toBeNull()
    })
  )

  it.effect("only look: every action describes, lists or gets", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(DateTime.toEpochMillis(now))
      const account = new Account()
      const windows = yield* Effect.forEach([{ archive: "create" }, { name: "other", rules: [rule("a")] }], windowOf)
      expect((yield* checked(account, windows)).filter(({ status }) => status !== "skipped").length).toBeGreaterThan(8)
      const actions = [...account.events.calls.map(([action]) => action), ...account.sqs.calls]
      expect(actions.filter((action) => !/^(?:Describe|List|Get)/.test(action))).toEqual([])
    })
  )
})

describe("an environment that does not do", () => {
  it.effect("is a failed check of this machine, and nothing of AWS is asked", () =>
    Effect.gen(function* () {
      const services = Layer.fail(new EventBridgeConfig.AwsMisconfigured({ problems: ["AWS_ENDPOINT_URL is no URL"] }))
      const buses = Effect.succeed([arn(bus)])
      const checks = yield* EventBridgeHealth.checks(services, { buses, windows: [] })
      const found = Chunk.toReadonlyArray(yield* Stream.runCollect(HealthCheck.run(checks)))
      const [settings, ...others] = found
      expect(settings).toMatchObject({
        check: "aws-settings",
        area: "local",
        status: "failed",
        detail: "the configuration of AWS is not valid: AWS_ENDPOINT_URL is no URL",
        remedy: CheckOutcome.correctEnvironment
      })
      expect(new Set(others.map(({ detail }) => detail))).toEqual(new Set(["not asked without valid settings"]))
    }).pipe(Effect.scoped)
  )
})
