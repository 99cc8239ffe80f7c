/**
 * Types and Effect diagnostics in one pass. `npm run build` checks each package by itself, and every library once for each of
 * them; here all files are one program, and the Effect language service looks at the program that was type-checked just now.
 * Only domain has a program of its own: it is pure, and must not know what Node has.
 */
import { dirname } from "node:path"
import checker from "@effect/language-service/effect-lsp-patch-utils.js"
import ts from "typescript"

const host = {
  getCurrentDirectory: () => ts.sys.getCurrentDirectory(),
  getCanonicalFileName: (name) => name,
  getNewLine: () => ts.sys.newLine
}
let found = 0
const report = (diagnostic) => {
  found += 1
  process.stdout.write(ts.formatDiagnosticsWithColorAndContext([diagnostic], host))
}

const read = (path) =>
  ts.getParsedCommandLineOfConfigFile(
    path,
    { noEmit: true, composite: false, tsBuildInfoFile: undefined },
    { ...ts.sys, onUnRecoverableConfigFileDiagnostic: report }
  )

/** The projects that a project refers to, and those that they refer to. */
const below = ({ projectReferences = [] }) =>
  projectReferences.flatMap((reference) => {
    const path = ts.resolveProjectReferencePath(reference)
    const project = read(path)
    return [{ path, project }, ...below(project)]
  })

// What the Effect language service only suggests is for editors, and looking for it takes as long as for all the rest.
const suggestions = [
  "catchAllToMapError",
  "catchUnfailableEffect",
  "effectFnOpportunity",
  "effectMapFlatten",
  "effectMapVoid",
  "effectSucceedWithVoid",
  "flatMapToMap",
  "leakingRequirements",
  "redundantSchemaTagIdentifier",
  "returnEffectInGen",
  "runEffectInsideEffect",
  "schemaStructWithTag",
  "schemaSyncInEffect",
  "tryCatchInEffectGen",
  "unnecessaryEffectGen",
  "unnecessaryFailYieldableError",
  "unnecessaryPipe",
  "unnecessaryPipeChain"
]
const withoutSuggestions = ({ plugins = [], ...options }) => ({
  ...options,
  plugins: plugins.map((plugin) => ({
    ...plugin,
    diagnosticSeverity: {
      ...plugin.diagnosticSeverity,
      ...Object.fromEntries(suggestions.map((rule) => [rule, "off"]))
    }
  }))
})

// A library that several programs read is parsed once.
const parsed = new Map()
const compilerHost = (options) => {
  const own = ts.createCompilerHost(options)
  return {
    ...own,
    getSourceFile: (name, how, ...more) => {
      const key = `${name} ${how.impliedNodeFormat}`
      if (!parsed.has(key)) parsed.set(key, own.getSourceFile(name, how, ...more))
      return parsed.get(key)
    }
  }
}

const check = ({ options }, files) => {
  const program = ts.createProgram({ rootNames: files, options, host: compilerHost(options) })
  const sources = files.map((name) => program.getSourceFile(name))
  ts.sortAndDeduplicateDiagnostics([
    ...program.getOptionsDiagnostics(),
    ...program.getGlobalDiagnostics(),
    ...sources.flatMap((source) => [
      ...program.getSyntacticDiagnostics(source),
      ...program.getSemanticDiagnostics(source),
      ...program.getDeclarationDiagnostics(source)
    ])
  ]).forEach(report)
  const rules = withoutSuggestions(options)
  for (const source of sources) checker.checkSourceFileWorker(ts, program, source, rules, report, "typescript")
  return files.length
}

const tests = read("test/tsconfig.json")
const projects = new Map(below(tests).map(({ path, project }) => [path, project]))
const [pure, others] = [...projects].reduce(
  ([pure, others], [path, project]) =>
    dirname(path).endsWith("packages/domain") ? [project, others] : [pure, [...others, ...project.fileNames]],
  [undefined, []]
)
if (pure === undefined) throw new Error("packages/domain is not among the projects of test/tsconfig.json")
const files = check(pure, pure.fileNames) + check(tests, [...new Set([...others, ...tests.fileNames])])
process.stdout.write(`${files} files, ${found} errors and warnings\n`)
process.exitCode = found > 0 || files === 0 ? 1 : 0
