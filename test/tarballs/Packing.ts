/** Packs the libraries once, for all tests of this project. */
import { execFileSync } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { TestProject } from "vitest/node"

declare module "vitest" {
  export interface ProvidedContext {
    /** The folder of the tarballs, and what `npm pack` printed when it made them. */
    readonly tarballs: { readonly folder: string; readonly printed: string }
  }
}

/** The folder of this project, with a slash at its end. */
export const root = new URL("../..", import.meta.url).pathname

/** The packages that are published as they are compiled. */
export const libraries = ["domain", "genesys", "eventbridge", "eventlog", "pipeline", "sandbox"].map(
  (name) => `packages/${name}`
)

export default ({ provide }: TestProject): (() => void) => {
  const folder = mkdtempSync(join(tmpdir(), "genesys-replay-tarballs-"))
  const workspaces = libraries.map((library) => `--workspace=${library}`)
  const printed = execFileSync(
    "npm",
    ["pack", "--ignore-scripts", "--json", "--pack-destination", folder, ...workspaces],
    { cwd: root, encoding: "utf8" }
  )
  provide("tarballs", { folder, printed })
  return () => rmSync(folder, { recursive: true, force: true })
}
