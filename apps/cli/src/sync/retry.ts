/** What `sync retry` does. */
import { type SyncMessage, SyncOutbox } from "@genesys-replay/pipeline"
import { Effect, Option, Ref, Schema } from "effect"
import * as ExitCode from "../terminal/ExitCode.js"
import * as Failure from "../terminal/Failure.js"
import * as JsonDocument from "../terminal/JsonDocument.js"
import * as ProgressLine from "../terminal/ProgressLine.js"
import { print, Screen } from "../terminal/Screen.js"
import * as Style from "../terminal/Style.js"
import { UsageError } from "../terminal/UsageError.js"
import * as State from "../wiring/State.js"
import * as Sinks from "./Sinks.js"
import * as SyncDocument from "./SyncDocument.js"

type Messages = ReadonlyArray<SyncMessage.SyncMessage>

/** What `--json` prints: how the messages stand that were delivered again. */
export const document = Schema.Struct({
  messages: Schema.Array(SyncDocument.Message),
  summary: Schema.Struct({ delivered: Schema.NonNegativeInt, undelivered: Schema.NonNegativeInt })
})

/** The arguments. */
export interface Arguments {
  readonly ids: ReadonlyArray<string>
  readonly all: boolean
  readonly json: boolean
}

const seeList = "genesys-replay sync list"

// The id that a word is, or is the beginning of.
const idOf = (word: string, messages: Messages) =>
  Effect.gen(function* () {
    const ids = new Set(messages.map(({ id }) => id))
    const [found, ...others] = ids.has(word) ? [word] : [...ids].filter((id) => id.startsWith(word))
    if (found === undefined) {
      return yield* new UsageError({ problem: `no sync event is called ${JSON.stringify(word)}`, remedy: seeList })
    }
    if (others.length === 0) return found
    return yield* new UsageError({
      problem: `${others.length + 1} sync events begin with ${JSON.stringify(word)}: ${[found, ...others].join(", ")}`,
      remedy: `genesys-replay sync retry ${found}`
    })
  })

const asked = Effect.fn("sync.retry.asked")(function* ({ all, ids }: Arguments) {
  const outbox = yield* SyncOutbox.SyncOutbox
  if (all) return yield* outbox.retry("all")
  const messages = yield* outbox.list()
  const named = new Set(yield* Effect.forEach(ids, (word) => idOf(word, messages)))
  yield* outbox.retry([...named])
  return messages.filter(({ id }) => named.has(id))
})

const isOneOf = (messages: Messages) => {
  const names = new Set(messages.map(({ id, sink }) => `${id} ${sink}`))
  return ({ id, sink }: { readonly id: string; readonly sink: string }) => names.has(`${id} ${sink}`)
}

// Delivers what is asked for, window by window, and answers how it stands then.
const deliver = Effect.fn("sync.retry.deliver")(function* (messages: Messages) {
  const outbox = yield* SyncOutbox.SyncOutbox
  const { err } = yield* Screen
  const line = yield* ProgressLine.make
  const style = Style.of(err)
  const isAsked = isOneOf(messages)
  const names = new Map(messages.map(({ key, window }) => [key, window.name] as const))
  const told = yield* Ref.make(0)
  const count = Effect.flatMap(
    Ref.getAndUpdate(told, (before) => before + 1),
    (done) => line.set(`delivering, ${done} of ${names.size} windows`)
  )
  yield* Effect.forEach(
    names,
    ([key, name]) =>
      Effect.gen(function* () {
        yield* count
        const results = yield* outbox.deliver(key)
        for (const { document, failure, sink } of results.filter(isAsked)) {
          yield* line.log(
            Option.match(failure, {
              onNone: () => `${style("green", "delivered")}  ${name}  ${document} to ${sink}`,
              onSome: ({ reason }) => `${style("yellow", "not taken")}  ${name}  ${sink}: ${reason}`
            })
          )
        }
      }),
    { concurrency: 8, discard: true }
  )
  const windows = yield* Effect.forEach(new Set(messages.map(({ window }) => window.name)), (window) =>
    outbox.list({ window })
  )
  return windows.flat().filter(isAsked)
}, Effect.scoped)

const work = Effect.fn("sync.retry.work")(function* (input: Arguments) {
  const messages = yield* asked(input)
  return messages.length === 0 ? [] : yield* deliver(messages)
})

/** Revives, delivers, and says what became of it. */
export const run = Effect.fn("sync.retry")(function* (input: Arguments) {
  if (input.all === input.ids.length > 0) {
    return yield* new UsageError({
      problem: input.all ? "--all and ids do not go together" : "sync retry needs the id of a sync event, or --all",
      remedy: input.all ? "genesys-replay sync retry --all" : `${seeList} --state dead`
    })
  }
  const messages = yield* Effect.provide(work(input), State.delivering(Sinks.layerStored))
  const left = messages.filter(({ state }) => state !== "delivered")
  const summary = { delivered: messages.length - left.length, undelivered: left.length }
  if (input.json) {
    yield* JsonDocument.print(document, { messages: messages.map(SyncDocument.of), summary })
  } else {
    yield* print(
      messages.length === 0
        ? "nothing was given up"
        : left.length === 0
          ? `${summary.delivered} delivered`
          : `${summary.delivered} delivered, ${summary.undelivered} not: it stays in the outbox, and genesys-replay runner tries it again`
    )
  }
  yield* Failure.finish(left.length === 0 ? ExitCode.done : ExitCode.unavailable)
})
