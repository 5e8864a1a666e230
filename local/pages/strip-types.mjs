// Writes the TypeScript of one folder into another one as JavaScript: `node strip-types.mjs <from> <to>`.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { join } from "node:path";

const [from, to] = process.argv.slice(2);
mkdirSync(to, { recursive: true });
for (const name of readdirSync(from).filter((each) => each.endsWith(".ts"))) {
  writeFileSync(join(to, name.replace(/\.ts$/, ".js")), stripTypeScriptTypes(readFileSync(join(from, name), "utf8")));
}
