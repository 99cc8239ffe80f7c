/** Bundles the simulation, which is TypeScript, and runs it. */
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"
import { build } from "esbuild"

const here = (path) => fileURLToPath(new URL(path, import.meta.url))
const folder = await mkdtemp(join(tmpdir(), "genesys-replay-simulation-"))
const bundle = process.env.KEEP ?? join(folder, "simulate.mjs")
try {
  await build({
    entryPoints: [here("simulate.ts")],
    outfile: bundle,
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20.18",
    sourcemap: "inline",
    conditions: ["@genesys-replay/source"],
    banner: {
      js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);'
    },
    logLevel: "warning"
  })
  const { main } = await import(pathToFileURL(bundle).href)
  process.exitCode = await main(process.argv.slice(2), bundle)
} finally {
  if (!process.env.KEEP) await rm(folder, { recursive: true, force: true })
}
