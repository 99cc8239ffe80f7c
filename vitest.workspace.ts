import { defineWorkspace } from "vitest/config"

const project = (name: string) => ({
  extends: "./vitest.config.ts",
  test: { name, include: [`test/${name}/**/*.test.ts`] }
})

export default defineWorkspace([
  project("domain"),
  project("genesys"),
  project("eventlog"),
  project("eventbridge"),
  project("pipeline"),
  project("sandbox"),
  project("cli"),
  project("e2e"),
  project("crash"),
  project("consumer"),
  project("simulation")
])
