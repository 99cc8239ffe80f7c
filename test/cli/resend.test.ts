import { createServer } from "node:http"
import { FileSystem } from "@effect/platform"
import { NodeContext } from "@effect/platform-node"
import { describe, expect, it } from "@effect/vitest"
import { Sandbox } from "@genesys-replay/sandbox"
import { Effect, Layer, Schedule } from "effect"
import { layer, queueOf } from "../eventbridge/SandboxQueue.js"
import { envelope, line, type Made } from "../eventbridge/StubTarget.js"
import * as AwsCall from "../sandbox/AwsCall.js"
import * as InProcess from "./InProcess.js"
import { json, run, workplace } from "./Run.js"

const range = (count: number): ReadonlyArray<number> => Array.from({ length: count }, (_, at) => at)

const capture = (count: number, made: (index: number) => Made = () => ({})): string =>
  range(count)
    .map((index) => `${line(index, made(index))}\n`)
    .join("")

/** Runs `resend` in a directory with these files, again and again. */
const desk = (files: Record<string, string>) =>
  Effect.gen(function* () {
    const system = yield* FileSystem.FileSystem
    const { directory: cwd, env } = yield* workplace(files)
    return {
      cwd,
      env,
      resend: (...args: ReadonlyArray<string>) => InProcess.run(["resend", ...args], { cwd, env }),
      lines: (name: string) =>
        Effect.map(system.readFileString(`${cwd}/${name}`), (text) => text.split("\n").filter((one) => one !== ""))
    }
  })

const world = Layer.merge(layer(), NodeContext.layer)

/** Runs `resend` against the sandbox, as its user would. */
const against = Effect.fn("against")(function* (
  { cwd, env }: { readonly cwd: string; readonly env: Record<string, string> },
  ...args: ReadonlyArray<string>
) {
  const sandbox = yield* Sandbox.Sandbox
  const variables = Object.fromEntries(sandbox.environment.map((one) => one.split(/=(.*)/s, 2)))
  return yield* run(["resend", ...args], { cwd, env: { ...env, ...variables } })
})

const bodiesOf = (queue: string) =>
  Effect.map(AwsCall.drain(queue), (bodies) => new Set(bodies.map((body) => JSON.stringify(body))))

describe("resend", () => {
  it.scopedLive("sends to a queue what is there, once, also when it is asked for again", () =>
    Effect.gen(function* () {
      const queue = yield* queueOf([], { name: "consumer" })
      const place = yield* desk({ "captured.ndjson": capture(33) + capture(5) })
      const first = yield* against(place, "captured.ndjson", "--to", queue, "--json")
      expect([first.code, first.err]).toEqual([0, ""])
      expect(json(first.out)).toMatchObject({ isComplete: true, chosen: 33, duplicates: 5, acknowledged: 33 })
      expect(yield* bodiesOf(queue)).toEqual(new Set(range(33).map((index) => line(index))))
      const second = yield* against(place, "captured.ndjson", "--to", queue)
      expect([second.code, second.out]).toEqual([
        0,
        `0 events sent to queue ${queue}\n33 were acknowledged before, and are not sent again (--again sends them)\n5 came twice, and are sent once\n`
      ])
      expect((yield* bodiesOf(queue)).size).toBe(0)
      expect((yield* against(place, "captured.ndjson", "--to", queue, "--again", "--limit", "4")).code).toBe(0)
      expect((yield* bodiesOf(queue)).size).toBe(4)
    }).pipe(Effect.provide(world))
  )

  it.scopedLive("puts on an event bus what its rules then see, and keeps what the bus refuses, with the reason", () =>
    Effect.gen(function* () {
      const queue = yield* AwsCall.busIntoQueue()
      const place = yield* desk({ "captured.ndjson": capture(3) })
      const { code } = yield* against(place, "captured.ndjson", "--to", AwsCall.busArn, "--source", "heal")
      expect(code).toBe(0)
      const got = yield* AwsCall.drain(queue)
      const { id: _, source, ...same } = envelope(1)
      expect(got).toHaveLength(3)
      expect(got).toContainEqual(expect.objectContaining({ ...same, source: "heal", resources: [source] }))
      const refused = yield* against(
        place,
        "captured.ndjson",
        "--to",
        AwsCall.arn("event-bus/none"),
        "--refused",
        "refused.ndjson"
      )
      expect(refused.code).toBe(3)
      expect(refused.out).toContain("3 were refused; they are in")
      expect(refused.out).toContain("captured.ndjson:1: ResourceNotFoundException")
      const kept = yield* place.lines("refused.ndjson")
      expect(kept.map((text) => JSON.parse(text)["resend-refused"].line)).toEqual([1, 2, 3])
    }).pipe(Effect.provide(world))
  )

  it.scopedLive("a dry run shows hours and topics within 80 columns, sends nothing, and the run sends as many", () =>
    Effect.gen(function* () {
      const topics = ["acd.start", "acd.end", "user.start"]
      const made = (index: number): Made => ({ at: index * 700_000, topic: topics[index % 7] ?? "acd.start" })
      const place = yield* desk({ "captured.ndjson": `${capture(40, made)}no event\n` })
      const dry = yield* place.resend("captured.ndjson", "--to", "out.ndjson", "--dry-run")
      expect(dry).toEqual({ code: 0, err: "", out: expect.any(String) })
      expect(Math.max(...dry.out.split("\n").map(({ length }) => length))).toBeLessThanOrEqual(80)
      expect(dry.out).toMatchInlineSnapshot(`
        "40 events of 41 records would be sent to file out.ndjson
        1 records are no events:
          captured.ndjson:41: no JSON object: no event

        hour (UTC)        events
        2024-01-15 00:00       6  ████████████████████████████████
        2024-01-15 01:00       5  ███████████████████████████
        2024-01-15 02:00       5  ███████████████████████████
        2024-01-15 03:00       5  ███████████████████████████
        2024-01-15 04:00       5  ███████████████████████████
        2024-01-15 05:00       5  ███████████████████████████
        2024-01-15 06:00       5  ███████████████████████████
        2024-01-15 07:00       4  █████████████████████

        topic, v2.detail.events.conversation.{id}.  events  over time
        acd.start                                       28  ▇▅▇▇▅▅█▄
        acd.end                                          6  ███ ██ █
        user.start                                       6  ██ ███ █
        "
      `)
      const told = yield* place.resend("captured.ndjson", "--to", "out.ndjson", "--dry-run", "--json")
      expect(json(told.out)).toMatchObject({
        chosen: 40,
        tooLarge: 0,
        rejected: { count: 1 },
        hours: expect.arrayContaining([
          { hour: "2024-01-15T00:00:00Z", topic: "v2.detail.events.conversation.{id}.acd.end", count: 1 }
        ])
      })
      const done = yield* place.resend("captured.ndjson", "--to", "out.ndjson", "--json")
      expect([done.code, json(done.out)]).toMatchObject([3, { isComplete: false, acknowledged: 40 }])
      expect(yield* place.lines("out.ndjson")).toHaveLength(40)
    }).pipe(Effect.provide(NodeContext.layer))
  )

  it.scopedLive("sends only the events that a file names, by their identity, in the order of time", () =>
    Effect.gen(function* () {
      const later = (index: number) => JSON.stringify({ ...envelope(index), id: "another", "replay-name": "outage" })
      const place = yield* desk({
        "captured.ndjson": [...range(20)]
          .reverse()
          .map((index) => `${line(index)}\n`)
          .join(""),
        "missing.ndjson": [3, 17, 5].map((index) => `${later(index)}\n`).join(""),
        "more.ndjson": `${line(99)}\n`
      })
      const only = ["--only", "missing.ndjson", "--order", "time"]
      const { code } = yield* place.resend("captured.ndjson", "--to", "out.ndjson", ...only)
      expect([code, yield* place.lines("out.ndjson")]).toEqual([0, [line(3), line(5), line(17)]])
      const lacking = yield* place.resend("captured.ndjson", "--to", "other.ndjson", ...only, "--only", "more.ndjson")
      expect(lacking.code).toBe(3)
      expect(lacking.out).toContain("1 of --only are in none of the files")
    }).pipe(Effect.provide(NodeContext.layer))
  )

  it.scopedLive("refuses what it cannot do before anything is sent", () =>
    Effect.gen(function* () {
      const place = yield* desk({ "captured.ndjson": capture(2), "broken.ndjson": "no event\n" })
      const cases: ReadonlyArray<readonly [string, ReadonlyArray<string>]> = [
        ["there is no such file", ["captured.ndjson", "absent.ndjson", "--order", "time", "--to", "out.ndjson"]],
        ["the same command reads it", ["captured.ndjson", "--to", "captured.ndjson"]],
        ["broken.ndjson:1", ["captured.ndjson", "--to", "out.ndjson", "--only", "broken.ndjson"]],
        ["is no speed", ["captured.ndjson", "--to", "out.ndjson", "--speed", "fast"]],
        ["--order file does not", ["captured.ndjson", "--to", "out.ndjson", "--speed", "1x", "--order", "file"]],
        ["is no topic", ["captured.ndjson", "--to", "out.ndjson", "--topic", "orders"]],
        ["--end is not after --start", ["captured.ndjson", "--to", "out.ndjson", "--start", "-1h", "--end", "-2h"]],
        ["--limit is not", ["captured.ndjson", "--to", "out.ndjson", "--limit", "0"]],
        ["GENESYS_REPLAY_WEBHOOK_SECRET is not set", ["captured.ndjson", "--to", "https://example.com/hook"]],
        ["is the ARN of no event bus", ["captured.ndjson", "--to", "arn:aws:sqs:us-east-1:123456789012:q"]],
        ["is a partner's", ["captured.ndjson", "--to", AwsCall.arn("event-bus/aws.partner/genesys.com/cloud/1/x")]]
      ]
      for (const [said, args] of cases) {
        const { code, err } = yield* place.resend(...args)
        expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining(said) })
      }
      const files = yield* FileSystem.FileSystem
      // It was opened where the events could not be read to their end.
      const sent = yield* Effect.orElseSucceed(files.readFileString(`${place.cwd}/out.ndjson`), () => "")
      expect(sent).toBe("")
    }).pipe(Effect.provide(NodeContext.layer))
  )

  it.scopedLive("a webhook that takes no events ends it with 4", () =>
    Effect.gen(function* () {
      const url = yield* Effect.acquireRelease(
        Effect.async<readonly [string, () => void]>((resume) => {
          const server = createServer((_, response) => response.writeHead(404).end())
          server.listen(0, "127.0.0.1", () => {
            const address = server.address()
            const port = typeof address === "object" && address !== null ? address.port : 0
            resume(Effect.succeed([`http://127.0.0.1:${port}/hook`, () => server.close()] as const))
          })
        }),
        ([, close]) => Effect.sync(close)
      )
      const place = yield* desk({ "captured.ndjson": capture(2) })
      const secret = { GENESYS_REPLAY_WEBHOOK_SECRET: "whsec_c2VjcmV0LW9mLXRoZS13ZWJob29rLWhlcmU=" }
      const { code, err } = yield* InProcess.run(["resend", "captured.ndjson", "--to", url[0]], {
        cwd: place.cwd,
        env: { ...place.env, ...secret }
      })
      expect([code, err]).toEqual([4, expect.stringContaining("ended early, the same command goes on")])
      expect(err).not.toContain("/hook")
    }).pipe(Effect.provide(NodeContext.layer))
  )

  it.scopedLive("stopped or killed it goes on where it was", () =>
    Effect.gen(function* () {
      for (const signal of ["SIGINT", "SIGKILL"] as const) {
        const place = yield* desk({ "captured.ndjson": capture(60) })
        const stop = new AbortController()
        const begun = Effect.retry(
          Effect.filterOrFail(place.lines("out.ndjson"), ({ length }) => length > 0),
          Schedule.spaced("20 millis")
        )
        const [ended] = yield* Effect.all(
          [
            run(["resend", "captured.ndjson", "--to", "out.ndjson", "--speed", "20/s"], {
              cwd: place.cwd,
              env: place.env,
              stop: { at: stop.signal, signal }
            }),
            Effect.tap(begun, () => Effect.sync(() => stop.abort()))
          ],
          { concurrency: "unbounded" }
        )
        const before = yield* place.lines("out.ndjson")
        expect([ended.code, before.length < 60]).toEqual([signal === "SIGINT" ? 130 : null, true])
        expect((yield* place.resend("captured.ndjson", "--to", "out.ndjson")).code).toBe(0)
        const after = yield* place.lines("out.ndjson")
        expect(new Set(after)).toEqual(new Set(range(60).map((index) => line(index))))
        // What was under way when it was killed may be there twice: a request of this speed has four events.
        expect(after.length).toBeLessThanOrEqual(signal === "SIGINT" ? 60 : 64)
      }
    }).pipe(Effect.provide(NodeContext.layer))
  )
})
