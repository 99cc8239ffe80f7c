/** The documents of `--json`, against the schemas that `--json-schema` prints. */
import { expect } from "@effect/vitest"
import { Ajv, type ValidateFunction } from "ajv"
import { Effect, Option } from "effect"
import * as JsonSchemas from "../../apps/cli/src/JsonSchemas.js"

const validators = new Map<string, ValidateFunction>()

/** What checks the documents of a command. Throws where the schema is none. */
const validatorOf = Effect.fn("Documents.validatorOf")(function* (command: string) {
  const known = validators.get(command)
  if (known !== undefined) return known
  const schema = Option.getOrThrow(yield* JsonSchemas.of(command))
  const made = new Ajv({ strict: true, allowUnionTypes: true, allErrors: true }).compile(schema)
  validators.set(command, made)
  return made
})

/** What is wrong with a document of this command: nothing where it is of its schema. */
export const problemsOf = (command: string, document: unknown): Effect.Effect<ReadonlyArray<string>> =>
  Effect.map(validatorOf(command), (validate) =>
    validate(document)
      ? []
      : (validate.errors ?? []).map(({ instancePath, message, params }) =>
          [command, instancePath, message, JSON.stringify(params)].join(" ")
        )
  )

const parsed = Option.liftThrowable((text: string): unknown => JSON.parse(text))

/** Expects that what these words printed is of the schema of their command; where they have `--json`, and it is a whole document. */
export const check = Effect.fn("Documents.check")(function* (args: ReadonlyArray<string>, out: string) {
  const command = [args.slice(0, 2).join(" "), args[0] ?? ""].find(JsonSchemas.has)
  if (command === undefined || !args.includes("--json")) return
  const document = parsed(out)
  if (Option.isSome(document)) expect(yield* problemsOf(command, document.value)).toEqual([])
})
