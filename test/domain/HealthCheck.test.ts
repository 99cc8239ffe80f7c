import { describe, expect, it } from "@effect/vitest"
import { CheckOutcome, HealthCheck, ProviderError } from "@genesys-replay/domain"
import { Chunk, type Duration, Effect, Fiber, Option, Ref, Stream, TestClock } from "effect"

const said = (check: string, outcome: CheckOutcome.CheckOutcome = CheckOutcome.ok("good")) =>
  HealthCheck.make({ check, area: "aws", needs: Effect.void, ask: () => Effect.succeed(outcome) })

const endingAfter = (check: string, delay: Duration.DurationInput) =>
  HealthCheck.make({
    check,
    area: "aws",
    needs: Effect.void,
    ask: () => Effect.delay(Effect.succeed(CheckOutcome.ok("good")), delay)
  })

const results = <R>(...checks: ReadonlyArray<HealthCheck.HealthCheck<R>>) =>
  Effect.map(Stream.runCollect(HealthCheck.run(checks)), Chunk.toReadonlyArray)

const only = <R>(check: HealthCheck.HealthCheck<R>) =>
  Effect.flatMap(results(check), ([first]) =>
    first === undefined ? Effect.dieMessage("no result") : Effect.succeed(first)
  )

describe("a run of checks", () => {
  it.effect("gives the results in the order in which they end, side by side", () =>
    Effect.gen(function* () {
      const fiber = yield* Effect.fork(
        results(endingAfter("slow", "3 seconds"), endingAfter("quick", "1 second"), said("at once"))
      )
      yield* TestClock.adjust("3 seconds")
      expect((yield* Fiber.join(fiber)).map(({ check }) => check)).toEqual(["at once", "quick", "slow"])
    })
  )

  it.effect("says of a check that has no answer within ten seconds so, and waits no longer", () =>
    Effect.gen(function* () {
      const fiber = yield* Effect.fork(results(endingAfter("silent", "1 hour"), said("other")))
      yield* TestClock.adjust("10 seconds")
      expect(yield* Fiber.join(fiber)).toMatchObject([
        { check: "other", status: "ok" },
        { check: "silent", status: "failed", detail: "no answer within 10s", isAnswered: false }
      ])
    })
  )

  it.effect("never fails: a check that breaks says so", () =>
    Effect.gen(function* () {
      const broken = HealthCheck.make({
        check: "broken",
        area: "local",
        needs: Effect.void,
        ask: () => Effect.dieMessage("no such thing")
      })
      expect(yield* only(broken)).toMatchObject({ status: "failed", detail: expect.stringContaining("no such thing") })
    })
  )

  it.effect("is over at once when it is interrupted", () =>
    Effect.gen(function* () {
      const fiber = yield* Effect.fork(results(endingAfter("silent", "1 hour")))
      yield* Effect.yieldNow()
      expect((yield* Fiber.interrupt(fiber))._tag).toBe("Failure")
    })
  )
})

describe("a question", () => {
  it.effect(
    "is asked once, whoever builds on it; without its answer they are skipped, and only its own check says why",
    () =>
      Effect.gen(function* () {
        const asked = yield* Ref.make(0)
        const refused = new ProviderError.NotAuthenticated({
          operation: "POST /oauth/token",
          status: 401,
          reason: "wrong"
        })
        const token = yield* HealthCheck.question(
          Effect.zipRight(
            Ref.update(asked, (count) => count + 1),
            Effect.fail(refused)
          )
        )
        const building = (check: string) =>
          HealthCheck.make({
            check,
            area: "genesys",
            needs: HealthCheck.answered("a token")(token),
            ask: () => Effect.succeed(CheckOutcome.ok("never asked"))
          })
        const own = HealthCheck.make({
          check: "token",
          area: "genesys",
          needs: token,
          ask: () => Effect.succeed(CheckOutcome.ok("never asked"))
        })
        const found = yield* results(own, building("one"), building("other"))
        const skipped = { status: "skipped", detail: "not asked without a token", remedy: null, isAnswered: false }
        expect(found).toMatchObject([{ check: "token", status: "failed", isAnswered: true }, skipped, skipped])
        expect(yield* Ref.get(asked)).toBe(1)
      })
  )

  it.effect("has its own limit: what builds on it begins to count afterwards", () =>
    Effect.gen(function* () {
      const slow = yield* HealthCheck.question(Effect.delay(Effect.succeed(1), "9 seconds"))
      const check = HealthCheck.make({
        check: "builds",
        area: "aws",
        needs: slow,
        ask: () => Effect.delay(Effect.succeed(CheckOutcome.ok("good")), "9 seconds")
      })
      const fiber = yield* Effect.fork(only(check))
      yield* TestClock.adjust("18 seconds")
      expect(yield* Fiber.join(fiber)).toMatchObject({ status: "ok" })
    })
  )
})

describe("an error as an outcome", () => {
  const fields = { operation: "GET /x", correlationId: "c-1" }
  const spent = { ...fields, attempts: 2, elapsedMs: 300, lastAnswer: "connection refused" }
  it.each([
    [
      new ProviderError.NotPermitted({ ...fields, status: 403, reason: "no role" }),
      "GET /x: not permitted (403): no role (correlation id c-1)",
      "Give the OAuth client a role that has the permission",
      true
    ],
    [
      new ProviderError.NotAuthenticated({ ...fields, status: 401, reason: "expired", remedy: "Log in" }),
      "GET /x: not authenticated (401): expired (correlation id c-1)",
      "Log in",
      true
    ],
    [
      new ProviderError.RequestRejected({ ...fields, status: 400, reason: "bad", details: ["a: b"], remedy: "Do" }),
      "GET /x: 400 bad; a: b (correlation id c-1)",
      "Do",
      true
    ],
    [
      new ProviderError.ProviderUnavailable(spent),
      "GET /x: connection refused (correlation id c-1)",
      expect.stringContaining("network"),
      false
    ],
    [
      new ProviderError.RateLimited(spent),
      "GET /x: rate limited, connection refused (correlation id c-1)",
      expect.stringContaining("minute"),
      false
    ],
    [
      new ProviderError.CertificateRejected({ operation: "GET /x", code: "CERT_HAS_EXPIRED" }),
      "GET /x: the certificate cannot be verified (CERT_HAS_EXPIRED)",
      expect.any(String),
      false
    ],
    [
      new ProviderError.AnswerUnreadable({ ...fields, status: 200, reason: "a page" }),
      "GET /x: the answer (200) cannot be read: a page (correlation id c-1)",
      expect.any(String),
      true
    ]
  ])("%s", (error, detail, remedy, isAnswered) => {
    expect(CheckOutcome.ofError(error)).toEqual({ status: "failed", detail, remedy, isAnswered })
  })
})

describe("several outcomes together", () => {
  const warning = CheckOutcome.warning("w", "look")
  it("are the worst of them, with the first remedy that one has", () => {
    const failed = [CheckOutcome.failed("a"), CheckOutcome.failed("b", "do b")]
    expect(CheckOutcome.worst([CheckOutcome.ok("good"), warning, ...failed], CheckOutcome.ok("all"))).toMatchObject({
      status: "failed",
      detail: "a; b",
      remedy: "do b"
    })
    expect(CheckOutcome.worst([CheckOutcome.ok("good"), warning], CheckOutcome.ok("all"))).toEqual(warning)
    expect(CheckOutcome.worst([CheckOutcome.ok("good")], CheckOutcome.ok("all")).detail).toBe("all")
  })

  it("tell the first three, and how many more there are", () => {
    expect(CheckOutcome.together(["1", "2", "3", "4", "5"])).toBe("1; 2; 3; and 2 more")
  })
})

describe("the clock", () => {
  it.each([
    [Option.none(), "skipped"],
    [Option.some(0), "ok"],
    [Option.some(29_000), "ok"],
    [Option.some(-45_000), "warning"],
    [Option.some(7_200_000), "warning"]
  ] as const)("%s against a server's is %s", (skew, status) => {
    expect(CheckOutcome.ofClock("AWS", skew).status).toBe(status)
  })
})

describe("the verdict of a run", () => {
  const result = (area: HealthCheck.CheckArea, outcome: CheckOutcome.CheckOutcome): HealthCheck.Concluded => ({
    check: "x",
    area,
    ...outcome
  })
  const good = CheckOutcome.ok("good")
  const bad = CheckOutcome.failed("bad")
  const silent = CheckOutcome.unanswered("no answer")
  const skipped = CheckOutcome.skipped("no credentials")
  it.each([
    [
      "ok",
      "everybody answered and nothing failed",
      [result("local", good), result("aws", good), result("genesys", skipped)]
    ],
    ["failed", "something that was asked failed", [result("aws", bad), result("genesys", skipped)]],
    [
      "failed",
      "something of this machine failed, and nobody could be asked",
      [result("local", bad), result("aws", skipped)]
    ],
    ["failed", "one world did not answer and the other did", [result("aws", good), result("genesys", silent)]],
    ["unasked", "nobody could be asked for want of credentials", [result("local", good), result("aws", skipped)]],
    ["unasked", "nobody answered", [result("local", good), result("aws", silent), result("genesys", silent)]]
  ] as const)("is %s where %s", (verdict, _, results) => {
    expect(HealthCheck.verdict(results)).toBe(verdict)
  })
})
