import { defineConfig } from "vitest/config"

/**
 * What every project of the workspace shares: workspace packages are resolved to their sources. The test files of a worker share its
 * modules (`isolate: false`): no test changes what a module holds, and loading Effect anew for each file would take a third of the time.
 */
export default defineConfig({
  resolve: { conditions: ["@genesys-replay/source"] },
  ssr: { resolve: { conditions: ["@genesys-replay/source"], externalConditions: ["@genesys-replay/source"] } },
  test: { environment: "node", testTimeout: 30_000, isolate: false, minWorkers: 1, maxWorkers: 2 }
})
