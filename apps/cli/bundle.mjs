/**
 * Bundles the command line into dist/, one chunk for each command, so that a command loads only what it needs.
 * The SQL driver stays outside: it holds a native library.
 */
import { readFileSync } from "node:fs"
import { rm } from "node:fs/promises"
import { fileURLToPath } from "node:url"
import { build } from "esbuild"

const here = (path) => fileURLToPath(new URL(path, import.meta.url))
const { version } = JSON.parse(readFileSync(here("package.json"), "utf8"))

await rm(here("dist"), { recursive: true, force: true })
await build({
  entryPoints: { main: here("src/main.ts") },
  outdir: here("dist"),
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node20.18",
  minifySyntax: true,
  minifyWhitespace: true,
  keepNames: false,
  legalComments: "none",
  conditions: ["@genesys-replay/source"],
  external: ["@libsql/client", "libsql"],
  define: { GENESYS_REPLAY_VERSION: JSON.stringify(version) },
  banner: {
    js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);'
  },
  logLevel: "warning"
})
