/** The JSON Schema of what each command prints with `--json`. */
import { Effect, JSONSchema, Option, Schema } from "effect"
import * as JsonDocument from "./terminal/JsonDocument.js"
import { printJson } from "./terminal/Screen.js"

/** A module that prints a document. */
interface Printing {
  readonly document: Schema.Schema.AnyNoContext
}

/** By the words that name a command, the module that does its work. */
const modules: Readonly<Record<string, () => Promise<Printing>>> = {
  plan: () => import("./plan/run.js"),
  apply: () => import("./apply/run.js"),
  resume: () => import("./runs/resume.js"),
  "runs list": () => import("./runs/list.js"),
  "runs show": () => import("./runs/show.js"),
  "runs cancel": () => import("./runs/cancel.js"),
  runner: () => import("./runs/runner.js"),
  list: () => import("./replays/list.js"),
  status: () => import("./replays/status.js"),
  cancel: () => import("./replays/cancel.js"),
  capture: () => import("./capture/run.js"),
  doctor: () => import("./doctor/run.js"),
  verify: () => import("./verify/run.js"),
  reconcile: () => import("./reconcile/run.js"),
  heal: () => import("./heal/run.js"),
  resend: () => import("./resend/run.js"),
  "audit list": () => import("./audit/list.js"),
  "audit verify": () => import("./audit/verify.js"),
  "audit export": () => import("./audit/export.js"),
  "sync list": () => import("./sync/list.js"),
  "sync retry": () => import("./sync/retry.js"),
  sandbox: () => import("./sandbox/run.js"),
  demo: () => import("./demo/run.js"),
  completions: () => import("./completions/run.js")
}

/** Whether the command has a document. */
export const has = (command: string): boolean => Object.hasOwn(modules, command)

// The library gives each place where anything may stand the same `$id`, of which a schema may have one.
const plain = (schema: JSONSchema.JsonSchema7Root): object =>
  JSON.parse(JSON.stringify(schema, (_, value) => (value === "/schemas/unknown" ? undefined : value)))

/** The schema (draft 7) of the command's document, or of what stands in its place where the command fails; none where it has no document. */
export const of = Effect.fn("JsonSchemas.of")(function* (command: string) {
  const load = modules[command]
  if (load === undefined) return Option.none()
  const { document } = yield* Effect.promise(load)
  return Option.some(plain(JSONSchema.make(Schema.Union(document, JsonDocument.CommandFailure))))
})

/** Prints the schema of the command's document. */
export const print = (command: string) =>
  Effect.flatMap(of(command), Option.match({ onNone: () => Effect.void, onSome: printJson }))
