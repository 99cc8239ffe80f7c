/**
 * A plugin for esbuild. The index of a package of ours, or of Effect's, is a list of namespaces, and a bundle with several entries keeps all
 * of a list that one of them needs. So what a source of ours imports from an index is bundled as imported from the module that the index
 * takes it from: it is what --version waits for.
 */
import { readFile } from "node:fs/promises"
import { dirname, resolve } from "node:path"
import typescript from "typescript"

const packages = /^(?:effect|@(?:effect|genesys-replay)\/[a-z-]+)$/

const statementsOf = (source) =>
  typescript.createSourceFile("module.ts", source, typescript.ScriptTarget.Latest).statements

/** The source up to the end of its last import, which is all that is read of it. */
const importsOf = (source) => /^.*\} from "[^"]+"/s.exec(source)?.[0] ?? ""

const moduleOf = (index, specifier) => {
  if (!specifier.startsWith(".")) return specifier
  const path = resolve(dirname(index), specifier)
  return index.endsWith(".ts") ? path.replace(/\.js$/, ".ts") : path
}

/** Where the index at `path` takes each of its exports from: `{ from }` the whole of a module, or what there is called `name`. */
const readIndex = async (path) => {
  const found = new Map()
  for (const { exportClause, moduleSpecifier } of statementsOf(await readFile(path, "utf8"))) {
    if (exportClause === undefined || moduleSpecifier === undefined) continue
    const from = moduleOf(path, moduleSpecifier.text)
    if (typescript.isNamespaceExport(exportClause)) found.set(exportClause.name.text, { from })
    else
      for (const { name, propertyName = name } of exportClause.elements)
        found.set(name.text, { from, name: propertyName.text })
  }
  return found
}

const importOf = (local, { from, name }) =>
  name === undefined
    ? `import * as ${local} from ${JSON.stringify(from)}`
    : `import { ${name} as ${local} } from ${JSON.stringify(from)}`

export const namespacesByPath = {
  name: "namespaces-by-path",
  setup: (build) => {
    const indexes = new Map()
    const indexAt = (path) => {
      if (!indexes.has(path)) indexes.set(path, readIndex(path))
      return indexes.get(path)
    }
    build.onLoad({ filter: /\/(?:packages|apps)\/[a-z]+\/src\/.*\.ts$/ }, async ({ path }) => {
      const source = await readFile(path, "utf8")
      const edits = []
      for (const { end, importClause, moduleSpecifier, pos } of statementsOf(importsOf(source))) {
        const names = importClause?.namedBindings?.elements
        if (names === undefined || importClause.isTypeOnly || !packages.test(moduleSpecifier.text)) continue
        const index = await build.resolve(moduleSpecifier.text, { kind: "import-statement", resolveDir: dirname(path) })
        const exported = await indexAt(index.path)
        const imports = names
          .filter(({ isTypeOnly }) => !isTypeOnly)
          .map(({ name, propertyName = name }) => [name.text, exported.get(propertyName.text)])
        // What the index does not have in its list is esbuild's to find, or to tell.
        if (imports.some(([, at]) => at === undefined)) continue
        edits.push({ pos, end, text: `\n${imports.map(([local, at]) => importOf(local, at)).join(";")}\n` })
      }
      const contents = edits.reduceRight((text, one) => text.slice(0, one.pos) + one.text + text.slice(one.end), source)
      return { contents, loader: "ts" }
    })
  }
}
