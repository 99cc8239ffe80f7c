import type { TestProjectInlineConfiguration } from "vitest/config"

/**
 * The test files of a project share processes, and with them the modules that they load. So there are few: what runs in
 * the test's own process, what starts others, and the two that `npm test` runs beside these.
 */
const project = (
  name: string,
  folders: ReadonlyArray<string>,
  globalSetup: ReadonlyArray<string> = []
): TestProjectInlineConfiguration => ({
  extends: true,
  test: { name, include: folders.map((folder) => `test/${folder}/**/*.test.ts`), globalSetup: [...globalSetup] }
})

export default [
  project("packages", ["domain", "genesys", "eventlog", "eventbridge", "pipeline", "sandbox"]),
  project("programs", ["cli", "e2e", "consumer"]),
  project("tarballs", ["tarballs"], ["test/tarballs/Packing.ts"]),
  project("crash", ["crash"]),
  project("simulation", ["simulation"])
]
