/**
 * The import rules: downwards only.
 *
 *   cli → pipeline, sandbox → genesys, eventbridge, eventlog → domain
 *
 * `pipeline` never imports a provider; `domain` imports `effect` and nothing else. Within a package the same holds of its chapters.
 *
 * The sources are parsed by TypeScript 6, `typescript` in package.json, as TypeScript 7 has no interface for it yet. Types are checked
 * and packages built by TypeScript 7, which is `@typescript/native` there.
 */
/**
 * The chapters of each package, lowest first: a folder of `src` each. A chapter imports of its package only itself and the chapters
 * below it; the modules beside the chapters, in `src` itself, stand above all of them.
 */
const chapters = {
  "packages/domain": [
    "value",
    "spec",
    "plan",
    "provider",
    "sequence",
    "identity",
    "conversation",
    "heal",
    "record",
    "testing"
  ],
  "packages/genesys": ["http", "token", "rate", "client", "streams", "records", "integration"],
  "packages/eventbridge": ["aws", "archive", "replay", "capture", "resend", "diagnosis"],
  "packages/eventlog": ["scan", "source", "conversation", "threads", "observe", "compare", "reconcile", "report"],
  "packages/pipeline": ["digest", "state", "audit", "sync", "window", "steps", "heal", "engine", "testing"],
  "packages/sandbox": ["world", "faults", "server", "genesys", "aws"]
}

const chapterRules = Object.entries(chapters).flatMap(([home, names]) =>
  names.map((name, at) => ({
    name: `${home.split("/")[1]}-${name}-imports-chapters-below`,
    comment: `of its package, the chapter ${name} may import ${names.slice(0, at).join(", ") || "itself"}`,
    severity: "error",
    from: { path: `^${home}/src/${name}/` },
    to: { path: `^${home}/src/`, pathNot: `^${home}/src/(?:${names.slice(0, at + 1).join("|")})/` }
  }))
)

const sources = (...names) => `^packages/(?:${names.join("|")})/src/`

const mayImport = (name, ...below) => ({
  name: `${name}-imports-downwards`,
  comment: `packages/${name} may import, of this project, only ${below.join(", ") || "itself"}`,
  severity: "error",
  from: { path: sources(name) },
  to: { path: "^(?:packages|apps)/", pathNot: sources(name, ...below) }
})

export default {
  forbidden: [
    {
      name: "domain-is-pure",
      comment: "packages/domain imports effect and nothing else",
      severity: "error",
      from: { path: sources("domain") },
      to: { pathNot: [sources("domain"), "^node_modules/effect/"] }
    },
    mayImport("domain"),
    mayImport("genesys", "domain"),
    mayImport("eventlog", "domain"),
    mayImport("eventbridge", "domain"),
    mayImport("pipeline", "domain", "eventlog"),
    mayImport("sandbox", "domain", "genesys"),
    ...chapterRules,
    {
      name: "nobody-imports-the-app",
      comment: "packages know nothing of the command line",
      severity: "error",
      from: { path: "^packages/" },
      to: { path: "^apps/" }
    },
    {
      name: "no-cycles",
      comment: "data flows one way",
      severity: "error",
      from: {},
      to: { circular: true }
    },
    {
      name: "resolvable",
      comment: "every import leads somewhere, and is declared",
      severity: "error",
      from: {},
      to: { couldNotResolve: true }
    },
    {
      name: "declared",
      comment: "what a package imports stands in its package.json",
      severity: "error",
      from: { path: "^(?:packages|apps)/[a-z]+/src/" },
      to: { dependencyTypes: ["npm-no-pkg", "npm-unknown", "npm-dev"] }
    }
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "/(?:dist|build)/" },
    tsPreCompilationDeps: true,
    combinedDependencies: false,
    tsConfig: { fileName: "tsconfig.base.json" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["@genesys-replay/source", "import", "node", "default", "types"],
      extensions: [".ts", ".js", ".mjs"]
    }
  }
}
