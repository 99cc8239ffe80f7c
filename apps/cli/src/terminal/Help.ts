/** Help texts that teach by example. */
import { HelpDoc } from "@effect/cli"

/** What a command does, and how it is typed. */
export const withExamples = (
  description: string,
  ...examples: ReadonlyArray<readonly [command: string, meaning: string]>
): HelpDoc.HelpDoc =>
  HelpDoc.blocks([
    HelpDoc.p(description),
    ...examples.map(([command, meaning]) => HelpDoc.p(`$ ${command}    # ${meaning}`))
  ])
