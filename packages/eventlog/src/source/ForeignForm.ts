/** Forms that hold events and are not read, told from their first bytes, so that they can be told as what they are. Loads nothing. */
import * as SnappyBlock from "./SnappyBlock.js"

/** A form that holds events and is not read. */
export interface ForeignForm {
  /** What it is called. */
  readonly name: string
  /** The command that writes its contents, given the file's name; null where there is no such command that can be told. */
  readonly converter: string | null
}

const utf16: ForeignForm = { name: "UTF-16 text", converter: "iconv -f UTF-16 -t UTF-8" }
const utf16Of = (order: "LE" | "BE"): ForeignForm => ({ ...utf16, converter: `iconv -f UTF-16${order} -t UTF-8` })

const snappy = (container: string): ForeignForm => ({
  name: container === "framing" ? "snappy" : `snappy (${container})`,
  converter: container === "framing" ? "snzip -dc" : `snzip -dc -t ${container}`
})

/** How files of other forms begin, byte by byte in hexadecimal. */
const forms: ReadonlyArray<readonly [beginning: RegExp, ForeignForm]> = [
  [/^(?:28b52ffd|5.2a4d18)/, { name: "zstd", converter: "zstd -dc" }],
  [/^425a683[1-9](?:314159265359|177245385090)/, { name: "bzip2", converter: "bzip2 -dc" }],
  [/^fd377a585a00/, { name: "xz", converter: "xz -dc" }],
  [/^5d0000[0-9a-f]{4}(?:ffffffffffffffff|[0-9a-f]{8}00000000)00/, { name: "lzma", converter: "xz --format=lzma -dc" }],
  [/^504b0(?:304|506|708)/, { name: "zip", converter: "unzip -p" }],
  [/^377abcaf271c/, { name: "7z", converter: "7z x -so" }],
  [/^526172211a07/, { name: "rar", converter: "unrar p -inul" }],
  [/^(?:04224d18|02214c18)/, { name: "lz4", converter: "lz4 -dc" }],
  [/^894c5a4f000d0a1a0a/, { name: "lzop", converter: "lzop -dc" }],
  [/^4c5a4950/, { name: "lzip", converter: "lzip -dc" }],
  [/^1f9d/, { name: "compress (.Z)", converter: "uncompress -c" }],
  [/^78(?:01|5e|9c|da)/, { name: "zlib", converter: "pigz -dcz" }],
  [/^ff060000734e61507059/, snappy("framing")],
  [/^82534e41505059/, snappy("snappy-java")],
  [/^504152(?:31|45)/, { name: "Parquet", converter: "parquet cat" }],
  [/^4f626a01/, { name: "Avro", converter: "avro-tools tojson" }],
  [/^4f5243[0-9a-f]{2}/, { name: "ORC", converter: "orc-tools data" }],
  [/^4152524f5731/, { name: "Arrow", converter: null }],
  [/^53514c69746520666f726d6174203300/, { name: "a SQLite database", converter: null }],
  [/^(?:fffe0000|0000feff)/, { name: "UTF-32 text", converter: "iconv -f UTF-32 -t UTF-8" }],
  [/^(?:fffe|feff)/, utf16],
  // Without a mark: an object or an array, every other byte of which is zero.
  [/^[57]b00(?!00)..00/, utf16Of("LE")],
  [/^00[57]b00(?!00)/, utf16Of("BE")]
]

/** More bytes than this tell none of them. */
const beginningSize = 32

/** The form of what begins like this; undefined where it is none of these. Hadoop puts both lengths of a block of snappy before it. */
export const of = (beginning: Buffer): ForeignForm | undefined => {
  const hex = beginning.toString("hex", 0, beginningSize)
  const marked = forms.find(([form]) => form.test(hex))?.[1]
  if (marked !== undefined) return marked
  if (SnappyBlock.isBeginning(beginning)) return snappy("raw")
  const isHadoop = beginning[0] === 0 && beginning[4] === 0 && SnappyBlock.isBeginning(beginning.subarray(8))
  return isHadoop ? snappy("hadoop-snappy") : undefined
}
