/**
 * Bundles the command line into dist/, one chunk for each command, so that a command loads only what it needs.
 * The threads that read event logs have an entry of their own, without Effect. The SQL driver stays outside: it holds a native library.
 */
import { execFileSync } from "node:child_process"
import { readFileSync } from "node:fs"
import { readdir, readFile, rename, rm, writeFile } from "node:fs/promises"
import { fileURLToPath } from "node:url"
import { build } from "esbuild"
import { buildKernel } from "../../packages/eventlog/kernel/build.mjs"
import { namespacesByPath } from "./namespacesByPath.mjs"

const here = (path) => fileURLToPath(new URL(path, import.meta.url))
const root = here("../../")
const { version } = JSON.parse(readFileSync(here("package.json"), "utf8"))

/** The package below node_modules that a bundled module belongs to, by the folder of its package.json. */
const packageOf = (module) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(module)?.[0]

/** The licences of everything that is in the bundle, each text once: most of them ask that whoever passes the code on passes them on too. */
const notices = async ({ inputs }) => {
  const packages = new Set(Object.keys(inputs).flatMap((module) => packageOf(module) ?? []))
  const namesByText = new Map()
  for (const directory of [...packages].sort()) {
    const { license, name, version } = JSON.parse(await readFile(`${root}${directory}/package.json`, "utf8"))
    const files = (await readdir(`${root}${directory}`)).filter((file) => /^(?:licen[cs]e|notice)/i.test(file)).sort()
    const texts = await Promise.all(files.map((file) => readFile(`${root}${directory}/${file}`, "utf8")))
    const text = texts.map((one) => one.trim()).join("\n\n")
    namesByText.set(text, [...(namesByText.get(text) ?? []), `${name} ${version} (${license})`])
  }
  return [...namesByText].map(([text, names]) => `${names.join("\n")}\n\n${text}\n`).join(`\n${"-".repeat(80)}\n\n`)
}

await buildKernel()
// Made beside dist and put in its place, so that a command that runs meanwhile finds one or the other, whole.
const fresh = here(`.dist-${process.pid}`)
const { metafile } = await build({
  metafile: true,
  absWorkingDir: root,
  entryPoints: { main: here("src/main.ts"), LogWorker: here("../../packages/eventlog/src/threads/LogWorker.ts") },
  outdir: fresh,
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node20.18",
  minify: true,
  legalComments: "none",
  conditions: ["@genesys-replay/source"],
  external: ["libsql"],
  plugins: [namespacesByPath],
  define: {
    GENESYS_REPLAY_VERSION: JSON.stringify(version),
    // What Node the AWS SDK will ask for one day is no news for who runs a command today.
    "process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED": '"true"'
  },
  banner: {
    js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);'
  },
  logLevel: "warning"
})
// What completion goes by, so that a shell waits for none of the commands.
const completions = execFileSync(process.execPath, [`${fresh}/main.js`, "completions", "bash", "--json"])
await writeFile(`${fresh}/completions.json`, JSON.stringify(JSON.parse(completions).commands))
await writeFile(`${fresh}/THIRD-PARTY-NOTICES`, await notices(metafile))
await rm(here("dist"), { recursive: true, force: true })
await rename(fresh, here("dist"))
