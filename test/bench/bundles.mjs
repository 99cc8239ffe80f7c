/**
 * What a program of a few lines over a package weighs when it is bundled for a Lambda, and how long Node takes to load it: `node
 * test/bench/bundles.mjs`, in the clone. Sizes in kB of 1,000 bytes, minified; times are the processor's, for the import alone, the least of 15.
 */
import { spawnSync } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { build } from "esbuild"

const root = fileURLToPath(new URL("../..", import.meta.url))

const programs = {
  "an empty Effect program": 'import { Effect } from "effect"; Effect.runPromise(Effect.void)',
  "domain: measures indices": `import { SequenceVerification } from "@genesys-replay/domain"
    import { Effect } from "effect"
    Effect.runPromise(SequenceVerification.verify({ start: 1, end: 5 }, [1, 2, 5]))`,
  "domain: plans": `import { PayloadHash, ReplayPlan, ReplaySpec } from "@genesys-replay/domain"
    import { Effect } from "effect"
    const hash = PayloadHash.PayloadHasher.layerOf(() => PayloadHash.PayloadHash.make("0".repeat(16)))
    const spec = {
      defaults: { destination: "arn:aws:events:us-east-1:123456789012:event-bus/b" },
      windows: [{ topics: ["genesys.a.b"], start: "-3h" }]
    }
    Effect.runPromise(ReplaySpec.decode(spec).pipe(Effect.flatMap((one) => ReplayPlan.make(one)), Effect.provide(hash)))`,
  "eventlog: observes a file": `import { EventLog, LogSource } from "@genesys-replay/eventlog"
    import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
    import * as NodePath from "@effect/platform-node/NodePath"
    import { Effect } from "effect"
    Effect.runPromise(Effect.provide(EventLog.observe([LogSource.file("/dev/null")]), [NodeFileSystem.layer, NodePath.layer]))`
}

// The processor's time, which other work on the machine changes least.
const loading = (file) => {
  const times = Array.from({ length: 15 }, () => {
    const program = `await import(${JSON.stringify(file)}); console.log(JSON.stringify(process.cpuUsage(since)))`
    const args = ["--input-type=module", "-e", `const since = process.cpuUsage(); ${program}`]
    const { status, stderr, stdout } = spawnSync(process.execPath, args)
    if (status !== 0) throw new Error(String(stderr))
    const { system, user } = JSON.parse(String(stdout))
    return (system + user) / 1_000
  })
  return Math.min(...times)
}

const directory = mkdtempSync(join(tmpdir(), "genesys-replay-bundles-"))
try {
  for (const [name, contents] of Object.entries(programs)) {
    const outfile = join(directory, "main.mjs")
    const { metafile } = await build({
      stdin: { contents, resolveDir: root },
      outfile,
      bundle: true,
      minify: true,
      format: "esm",
      platform: "node",
      conditions: ["@genesys-replay/source"],
      metafile: true,
      absWorkingDir: root,
      banner: { js: 'import { createRequire as r } from "node:module"; const require = r(import.meta.url);' }
    })
    const [output] = Object.values(metafile.outputs)
    const ours = Object.entries(output.inputs).filter(([path]) => path.startsWith("packages/"))
    const kB = (bytes) => `${Math.round(bytes / 1_000)} kB`
    const own = kB(ours.reduce((sum, [, { bytesInOutput }]) => sum + bytesInOutput, 0))
    console.log(`${name}: ${kB(output.bytes)}, of which ${own} are ours; ${Math.round(loading(outfile))} ms`)
  }
} finally {
  rmSync(directory, { recursive: true, force: true })
}
