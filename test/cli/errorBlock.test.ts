import { describe, expect, it } from "@effect/vitest"
import { ProviderError } from "@genesys-replay/domain"
import { WindowError } from "@genesys-replay/pipeline"
import * as ErrorBlock from "../../apps/cli/src/terminal/ErrorBlock.js"
import * as Style from "../../apps/cli/src/terminal/Style.js"

const shown = (...errors: ReadonlyArray<readonly [about: string, error: unknown]>) =>
  ErrorBlock.gather(errors.map(([about, error]) => ({ about, ...WindowError.summarize(error) }))).map((explanation) =>
    ErrorBlock.render(explanation, Style.of({ colour: false }))
  )

const refused = (remedy?: string) =>
  new ProviderError.NotAuthenticated({ operation: "events:StartReplay", status: 400, reason: "expired", remedy })

describe("The errors of several windows", () => {
  it("are one block for each kind, a line for each window, with the remedy that the error itself has", () => {
    const aws = "Check the credentials that the AWS SDK finds"
    expect(shown(["a", refused(aws)], ["b", refused(aws)])).toEqual([
      [
        "error: the provider does not know this client",
        "  a: events:StartReplay: not authenticated (400): expired.",
        "  b: events:StartReplay: not authenticated (400): expired.",
        `next: ${aws}`
      ].join("\n")
    ])
  })

  it("without a remedy of their own have that of their kind", () => {
    expect(shown(["a", refused()])).toEqual([expect.stringContaining("next: check GENESYS_CLIENT_ID")])
  })

  it("of a kind that is not known are told by what they say", () => {
    expect(shown(["a", new Error("one")], ["b", { _tag: "Strange", message: "two" }])).toEqual([
      expect.stringContaining("a: one"),
      "error: two\n  b"
    ])
  })
})
