import { existsSync, readdirSync, readFileSync, statSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { describe, expect, it } from "@effect/vitest"

const root = fileURLToPath(new URL("../..", import.meta.url))
const text = (path: string) => readFileSync(join(root, path), "utf8")
const packages = readdirSync(join(root, "packages")).map((name) => `packages/${name}`)
const readmes = ["README.md", ...["apps/cli", ...packages].map((path) => `${path}/README.md`)]

/** What a link to a heading says behind `#`. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
    .replaceAll(" ", "-")

/** The links of `text` that lead nowhere, where its file stands at `path`: no such file, or no such heading in it. */
const dead = (path: string, text: string): ReadonlyArray<string> =>
  [...text.matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)/g)].flatMap(([link, to = "", anchor]) => {
    const file = join(root, to === "" ? path : join(dirname(path), to))
    if (!existsSync(file)) return [link]
    const page = statSync(file).isDirectory() ? join(file, "README.md") : file
    const headings = existsSync(page) ? [...readFileSync(page, "utf8").matchAll(/^#+ (.*)$/gm)] : []
    return anchor === undefined || headings.some(([, heading = ""]) => anchorOf(heading) === anchor) ? [] : [link]
  })

describe("The README", () => {
  it("fits two screens", () => {
    expect(text("README.md").trimEnd().split("\n").length).toBeLessThanOrEqual(115)
  })

  it("leads to every package", () => {
    for (const path of ["apps/cli", ...packages]) expect(text("README.md")).toContain(`](${path})`)
  })

  it("leads to the least privilege, which stands with the package that needs it", () => {
    expect(text("README.md")).toContain("](packages/eventbridge#in-your-aws-account)")
    const policy = /```json\n(\{\n {2}"Version"[\s\S]*?)\n```/.exec(text("packages/eventbridge/README.md"))?.[1]
    expect(policy).toContain("events:StartReplay")
  })

  it("names every command", () => {
    const commands = [...text("apps/cli/src/CommandLine.ts").matchAll(/^ {2}\["(\w+)", "/gm)].map(([, name]) => name)
    expect(commands.length).toBeGreaterThan(15)
    expect(commands.filter((name) => !text("README.md").includes(`\`${name}\``))).toEqual([])
    expect(commands.filter((name) => !new RegExp(`^\\| \`${name}\\b`, "m").test(text("apps/cli/README.md")))).toEqual(
      []
    )
  })
})

describe("The READMEs of the packages", () => {
  it("show the composing program as it is compiled and run", () => {
    expect(text("packages/pipeline/README.md")).toContain(
      `\`\`\`ts\n${text("test/consumer/compose.ts").trimEnd()}\n\`\`\``
    )
  })

  it("show tests as they are run", () => {
    for (const [path, file] of [
      ["pipeline", "outage.test.ts"],
      ["genesys", "platform.test.ts"]
    ]) {
      expect(text(`packages/${path}/README.md`)).toContain(
        `\`\`\`ts\n${text(`test/consumer/${file}`).trimEnd()}\n\`\`\``
      )
    }
  })

  it("show that program in at most 30 lines", () => {
    expect(text("test/consumer/compose.ts").trimEnd().split("\n").length).toBeLessThanOrEqual(30)
  })

  it("show the provider of somebody else's as it is compiled and tried", () => {
    expect(text("packages/domain/README.md")).toContain(
      `\`\`\`ts\n${text("test/consumer/folderProvider.ts").trimEnd()}\n\`\`\``
    )
  })

  it("link to files and headings that are there", () => {
    expect(dead("README.md", "[no file](packages/none) [no heading](apps/cli#none) [one](#the-commands)")).toHaveLength(
      2
    )
    expect(readmes.flatMap((path) => dead(path, text(path)).map((link) => `${path}: ${link}`))).toEqual([])
  })
})
