import { describe, expect, it } from "@effect/vitest"
import { Sandbox } from "@genesys-replay/sandbox"
import { Effect } from "effect"

import { desk, destination, put, specOf, type } from "./Desk.js"
import { json } from "./Run.js"

describe("genesys-replay plan --check", () => {
  it.live("asks Genesys Cloud about names, topics and credentials, says it in the plan, and submits nothing", () =>
    Effect.gen(function* () {
      yield* put("free.yaml", yield* specOf(["free"]))
      const free = yield* type(["plan", "free.yaml", "--check"])
      expect([free.code, free.err]).toEqual([0, ""])
      expect(free.out).toMatch(/^checked with http:\/\/127\.0\.0\.1:\d+ as \S+: nothing was submitted$/m)
      const { requests } = yield* Sandbox.Sandbox
      expect(yield* requests.count("POST /api/v2/eventstreams")).toBe(0)

      yield* put("taken.yaml", yield* specOf(["taken"], 1, 30))
      expect((yield* type(["apply", "taken.yaml"])).code).toBe(0)
      yield* put("taken.yaml", yield* specOf(["taken"], 1, 29))
      const flags = ["--topic", "genesys.conversations.emial", "--topic", "genesys.conversations.call"]
      const unknown = yield* type([
        "plan",
        ...flags,
        "--start",
        "-1h",
        "--destination",
        destination,
        "--check",
        "--json"
      ])
      expect([unknown.code, json(unknown.out)]).toMatchObject([
        2,
        {
          windows: [],
          findings: [{ severity: "error", code: "unknown-topic", path: "windows[0].topics[0]" }],
          checkedWith: expect.stringContaining(" as ")
        }
      ])
      const taken = yield* type(["plan", "taken.yaml", "--check"])
      expect([taken.code, taken.out]).toEqual([2, expect.stringContaining("[name-taken]")])
    }).pipe(Effect.provide(desk()))
  )

  it.live("says of credentials that are refused and of a platform that is not there so, with exit codes 4 and 5", () =>
    Effect.gen(function* () {
      yield* put("a.yaml", yield* specOf(["a", "b"]))
      const refused = yield* type(["plan", "a.yaml", "--check", "--json"], { env: { GENESYS_CLIENT_SECRET: "wrong" } })
      expect([refused.code, json(refused.out)]).toMatchObject([
        4,
        { windows: [{ name: "b" }], findings: [{ severity: "warning" }, { code: "provider-refused", window: "a" }] }
      ])
      const nowhere = { GENESYS_ENV_URL: "http://127.0.0.1:1", GENESYS_LOGIN_URL: "http://127.0.0.1:1" }
      const gone = yield* type(["plan", "a.yaml", "--check"], { env: nowhere })
      expect([gone.code, gone.out]).toEqual([5, expect.stringContaining("[provider-unavailable]")])
    }).pipe(Effect.provide(desk()))
  )
})
