import * as Simulation from "./Simulation.js"
export const main = async (argv: ReadonlyArray<string>) => {
  if (process.env["ONE"]) {
    const o = await Simulation.run(Number(process.env["ONE"]))
    console.log(o.lines.join("\n"))
    console.log(o.scenario, o.wrongs)
    return 0
  }
  const [n = 1, from = 1] = argv.map(Number)
  let bad = 0
  const begin = process.cpuUsage()
  let virtual = 0
  for (let seed = from; seed < from + n; seed++) {
    const t = process.cpuUsage()
    const o = await Simulation.run(seed)
    virtual += o.elapsed
    const ms = (process.cpuUsage(t).user / 1000).toFixed(0)
    if (process.env["V"])
      console.log(
        seed,
        ms,
        "ms",
        (o.elapsed / 1000).toFixed(0),
        "s",
        o.lines.filter((l) => l.includes("begins:")).length,
        "lives",
        o.lines.length,
        "lines",
        o.tasks,
        "tasks",
        o.scenario.steps
      )
    if (o.wrongs.length) {
      bad++
      console.log(seed, ms, "ms", (o.elapsed / 1000).toFixed(0) + "s", o.wrongs.slice(0, 4))
    }
  }
  console.log(
    "bad",
    bad,
    "of",
    n,
    (process.cpuUsage(begin).user / n / 1000).toFixed(0),
    "cpu ms each",
    (virtual / n / 1000).toFixed(0),
    "virtual s each"
  )
  return 0
}
