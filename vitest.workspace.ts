import type { TestProjectInlineConfiguration } from "vitest/config"

/**
 * One project: its test files are taken one after the other by whichever process is free, and those of a process share the modules that
 * they load. Several projects would wait for each other's last file. A part of it: npx vitest run test/domain
 */
const project: TestProjectInlineConfiguration = {
  extends: true,
  test: { name: "tests", include: ["test/**/*.test.ts"] }
}

export default [project]
