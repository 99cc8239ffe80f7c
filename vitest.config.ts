import { defineConfig } from "vitest/config"

/** What every project of the workspace shares: workspace packages are resolved to their sources. */
export default defineConfig({
  resolve: { conditions: ["@genesys-replay/source"] },
  ssr: { resolve: { conditions: ["@genesys-replay/source"], externalConditions: ["@genesys-replay/source"] } },
  test: { environment: "node", testTimeout: 30_000, minWorkers: 1, maxWorkers: 2 }
})
