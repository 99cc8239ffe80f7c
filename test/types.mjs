/**
 * Types and Effect diagnostics in one pass: each project is built once, and the Effect language service looks at the program that
 * was type-checked just now. Run one after the other, `tsc -b` and `effect-language-service diagnostics` check every file many times.
 */
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

const solution = ts.createSolutionBuilderHost(ts.sys, ts.createEmitAndSemanticDiagnosticsBuilderProgram, report)
let files = 0
solution.afterProgramEmitAndDiagnostics = (builder) => {
  const program = builder.getProgram()
  for (const name of program.getRootFileNames()) {
    const file = program.getSourceFile(name)
    files += 1
    // Errors and warnings; what it only suggests is for editors.
    checker.checkSourceFileWorker(ts, program, file, program.getCompilerOptions(), report, "typescript")
  }
}
// Forced, as a project that is up to date has no program to look at.
const status = ts.createSolutionBuilder(solution, ["tsconfig.json"], { force: true }).build()
process.stdout.write(`${files} files, ${found} errors and warnings\n`)
process.exitCode = found > 0 || files === 0 ? 1 : status
