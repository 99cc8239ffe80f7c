/**
 * `npm run soak`: what takes too long for `npm test`. The crash tests and a hundred seeds of the simulation in turn, for an hour and
 * until there were a thousand seeds. Other kills and other seeds each time; a round that fails is shown, and the next one begins.
 */
import { spawn } from "node:child_process"
import { parseArgs } from "node:util"

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "60" },
    seeds: { type: "string", default: "1000" },
    /** The first seed of the simulation, and of the kills. */
    seed: { type: "string", default: "1" }
  }
})
const [minutes, seeds, first] = [values.minutes, values.seeds, values.seed].map(Number)
if (![minutes, seeds, first].every(Number.isFinite)) {
  console.error("usage: npm run soak -- [--minutes 60] [--seeds 1000] [--seed 1]")
  process.exit(2)
}

const atOnce = 100

const run = (command, env = {}) =>
  new Promise((resolve) => {
    const [program, ...args] = command
    const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, ...env } })
    const said = []
    child.stdout.on("data", (piece) => said.push(piece))
    child.stderr.on("data", (piece) => said.push(piece))
    child.on("error", (error) => resolve({ ok: false, said: error.message }))
    child.on("close", (code) => resolve({ ok: code === 0, said: Buffer.concat(said).toString() }))
  })

const begun = performance.now()
const passed = () => (performance.now() - begun) / 60_000
const failed = []
let done = 0
while (passed() < minutes || done < seeds) {
  const seed = first + done
  const checks = [
    {
      name: `crash tests, seed ${seed}`,
      command: ["npx", "vitest", "run", "--project", "crash"],
      env: { CRASH_SEED: `${seed}` }
    },
    {
      name: `seeds ${seed} to ${seed + atOnce - 1}`,
      command: ["node", "test/simulation/simulate.mjs", "--seeds", `${atOnce}`, "--seed", `${seed}`]
    }
  ]
  for (const { command, env, name } of checks) {
    const { ok, said } = await run(command, env)
    if (!ok) {
      failed.push(name)
      console.log(said)
    }
    console.log(`${passed().toFixed(0)} min  ${name}: ${ok ? "passed" : "FAILED"}`)
  }
  done += atOnce
}
console.log(
  `${done} seeds in ${passed().toFixed(0)} min; ${failed.length === 0 ? "none failed" : `failed: ${failed.join("; ")}`}`
)
process.exitCode = failed.length === 0 ? 0 : 1
