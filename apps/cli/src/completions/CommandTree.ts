/** The commands with their options and arguments, as a document: what completion goes by without loading any of them. */
import { Schema } from "effect"

/** An option. */
export interface CommandOption {
  /** `--window`; some have a second one. */
  readonly names: ReadonlyArray<string>
  readonly about: string
  /** What its value is called in the help, or the values that it takes, with ` | ` between them; null where it takes none. */
  readonly value: string | null
  readonly repeats: boolean
}

/** A word that is no option. */
export interface CommandArgument {
  /** What it is called in the help: `RUN`. */
  readonly name: string
  readonly repeats: boolean
}

/** A command, and those below it. */
export interface CommandTree {
  /** The word; of the whole command its name. */
  readonly name: string
  readonly about: string
  readonly options: ReadonlyArray<CommandOption>
  readonly arguments: ReadonlyArray<CommandArgument>
  readonly commands: ReadonlyArray<CommandTree>
}

const Option = Schema.Struct({
  names: Schema.Array(Schema.String),
  about: Schema.String,
  value: Schema.NullOr(Schema.String),
  repeats: Schema.Boolean
})

/** The document. */
export const CommandTree: Schema.Schema<CommandTree> = Schema.Struct({
  name: Schema.String,
  about: Schema.String,
  options: Schema.Array(Option),
  arguments: Schema.Array(Schema.Struct({ name: Schema.String, repeats: Schema.Boolean })),
  commands: Schema.Array(Schema.suspend((): Schema.Schema<CommandTree> => CommandTree))
}).annotations({ identifier: "CommandTree" })
