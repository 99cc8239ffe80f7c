import { describe, expect, it } from "@effect/vitest"
import * as HelpText from "../../apps/cli/src/terminal/HelpText.js"

const command = "genesys-replay verify captured/ --start -36h --json | jq '.groups[] | select(.missing > 0)'"
const help = (example: string): string =>
  ["USAGE", "", "$ verify", "", "DESCRIPTION", "", "Know whether everything came, and what did not.", "", example].join(
    "\n"
  )

describe("Help in a narrow terminal", () => {
  it("is no wider than the terminal, and keeps every word", () => {
    const narrow = HelpText.tighten(help(`$ ${command}    # for machines`), "verify", 40).split("\n")
    expect(narrow).toContain("Know whether everything came, and what")
    expect(narrow).toContain("did not.")
    expect(narrow).toContain("    # for machines")
    expect(narrow.filter((line) => line.length > 40 && !line.includes("jq"))).toEqual([])
  })

  it("folds an example in front of options only, so that a shell reads it as the same command", () => {
    const narrow = HelpText.tighten(help(`$ ${command}    # for machines`), "verify", 40)
    expect(narrow).toContain("$ genesys-replay verify captured/ \\\n    --start -36h \\\n    --json | jq")
    expect(narrow.replaceAll(/ \\\n */g, " ")).toContain(`$ ${command}\n`)
  })

  it("leaves an example as it is where there is room", () => {
    expect(HelpText.tighten(help("$ genesys-replay demo    # all of it"), "demo", 80)).toContain(
      "$ genesys-replay demo    # all of it"
    )
  })
})
