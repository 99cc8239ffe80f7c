/** Everything is as if nothing had happened: what must hold once the work on a site has ended, whatever was killed on the way. */
import { expect } from "@effect/vitest"
import { ReplayPipeline, type RunWindow } from "@genesys-replay/pipeline"
import { Array as Arrays, Effect } from "effect"
import { tally } from "./Figures.js"
import * as Kept from "./Kept.js"
import type { Site } from "./Site.js"

/** What was asked for. */
export interface Asked {
  readonly wait: boolean
  readonly captured: boolean
  readonly webhook: boolean
  /** What a failure says of where it happened. */
  readonly context: string
}

const once = { wait: false, captured: false, webhook: false, context: "" }

// How often each step of a window is in the trail.
const stepsOf = (entries: Kept.Kept["entries"], { run, window }: RunWindow.RunWindow) =>
  tally(
    entries
      .filter((entry) => entry.window === window.name && entry.detail["run"] === run)
      .map(({ action }) => (/^(?:create|adopt|confirm)_/.test(action) ? "accepted" : action))
  )

const expectWindows = ({ entries, windows }: Kept.Kept, { captured, context, wait }: Asked) => {
  for (const window of windows) {
    expect([window.state, window.result?.error, context]).toEqual(["finished", null, context])
    const { outcome, replay } = ReplayPipeline.resultOf(window)
    const first = window.run === windows.find((one) => one.window.name === window.window.name)?.run
    // Applied once more while the first is finished: it stands already, and a second try cannot tell of itself.
    expect(first ? ["created", "adopted"] : ["unchanged", "adopted"], context).toContain(outcome)
    expect(replay?.state, context).toBe(wait ? "COMPLETED" : undefined)
    const done = { plan_replay_config: 1, accepted: 1, ...(wait ? { complete_replay: 1 } : {}) }
    expect(stepsOf(entries, window), context).toMatchObject(done)
  }
  const verified = entries.filter(({ action }) => action === "verify_replay").length
  expect(verified, context).toBe(captured ? windows.length : 0)
}

const expectEvents = ({ gateway }: Site, { messages, windows }: Kept.Kept, { captured, context, webhook }: Asked) => {
  const taken = Arrays.groupBy(gateway.deliveries(), ({ id }) => id)
  const ids = new Set(messages.map(({ id }) => id))
  const undelivered = messages.filter(({ state }) => state !== "delivered")
  expect(undelivered, context).toEqual([])
  expect(ids.size, context).toBe(webhook ? windows.length * (captured ? 2 : 1) : 0)
  expect(new Set(Object.keys(taken)), context).toEqual(ids)
  for (const copies of Object.values(taken)) expect(new Set(copies.map(({ body }) => body)).size, context).toBe(1)
  expect(gateway.forged(), context).toBe(0)
}

/**
 * One stream for each window; every window finished, with each of its steps once in the trail, whose chain is whole; and every
 * sync event delivered at least once, under one id and with one content. Answers what is kept.
 */
export const expectUndisturbed = (site: Site, given: Partial<Asked> = {}) =>
  Effect.gen(function* () {
    const asked = { ...once, ...given }
    const kept = yield* Kept.read(site.url)
    expect(yield* site.made, asked.context).toEqual(site.names.map(() => 1))
    expect(new Set(kept.windows.map(({ window }) => window.name)), asked.context).toEqual(new Set(site.names))
    expectWindows(kept, asked)
    expect(kept.verdict._tag, asked.context).toBe("Intact")
    expectEvents(site, kept, asked)
    return kept
  })
