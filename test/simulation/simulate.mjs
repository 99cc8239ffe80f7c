/** Bundles the simulation, which is TypeScript, and runs it: npm run simulate -- --seeds N [--seed S] [--heal] [--verbose] */
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"
import { build } from "esbuild"

const folder = await mkdtemp(join(tmpdir(), "genesys-replay-simulation-"))
const bundle = join(folder, "simulate.mjs")
try {
  await build({
    entryPoints: [fileURLToPath(new URL("simulate.ts", import.meta.url))],
    outfile: bundle,
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20.18",
    conditions: ["@genesys-replay/source"],
    banner: {
      // What is loaded by name, the SQL driver's native library, lies beside this project and not beside the bundle.
      js: `import { createRequire as __createRequire } from "node:module"; const require = __createRequire(${JSON.stringify(import.meta.url)});`
    },
    logLevel: "warning"
  })
  const { main } = await import(pathToFileURL(bundle).href)
  process.exitCode = await main(process.argv.slice(2), bundle)
} finally {
  await rm(folder, { recursive: true, force: true })
}
