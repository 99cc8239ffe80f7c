import { defineConfig } from "vitest/config"
import projects from "./vitest.workspace.js"

/**
 * What every project of the workspace shares: workspace packages are resolved to their sources. The test files of a worker share its
 * modules (`isolate: false`): no test changes what a module holds, and loading Effect anew for each file would take a third of the time.
 */
export default defineConfig({
  resolve: { conditions: ["@genesys-replay/source"] },
  ssr: { resolve: { conditions: ["@genesys-replay/source"], externalConditions: ["@genesys-replay/source"] } },
  test: {
    projects,
    environment: "node",
    // The AWS SDK says which Node its releases of 2027 will need. The lock file names one that runs on ours.
    env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true" },
    // Ends what hangs. How long something takes on a machine that has other things to do is no finding.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    isolate: false,
    minWorkers: 1,
    maxWorkers: 2
  }
})
