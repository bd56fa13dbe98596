// Translates peers.cql to peers.elm.json: `npm ci && npm run translate`. The outcome is committed, so that
// the benchmark itself needs only the two runtime packages.
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { SystemModelInfoProvider } from "@cqframework/cql/cql";
import {
  CqlTranslator,
  LibraryManager,
  ModelManager,
  createLibrarySourceProvider,
  createModelInfoProvider,
  createUcumService,
  stringAsSource,
} from "@cqframework/cql/cql-to-elm";

const here = fileURLToPath(new URL(".", import.meta.url));
const models = join(dirname(createRequire(import.meta.url).resolve("cql-exec-fhir")), "modelInfos");

const manager = new ModelManager();
manager.modelInfoLoader.registerModelInfoProvider(new SystemModelInfoProvider());
manager.modelInfoLoader.registerModelInfoProvider(
  createModelInfoProvider((name, _system, version) =>
    name === "FHIR" && version === "4.0.1"
      ? stringAsSource(readFileSync(join(models, "fhir-modelinfo-4.0.1.xml"), "utf8"))
      : null,
  ),
);
const read = (name) => readFileSync(join(here, `${name}.cql`), "utf8");
// Only units of time occur, which need no conversion.
const none = () => {
  throw new Error("no units are converted here");
};
const units = createUcumService(none, () => null, none, none);
const libraries = new LibraryManager(manager, undefined, undefined, units);
libraries.librarySourceLoader.registerProvider(
  createLibrarySourceProvider((name) => stringAsSource(read(name))),
);
const translator = CqlTranslator.fromText(read("peers"), libraries);
const exceptions = translator.exceptions.asJsReadonlyArrayView();
for (const each of exceptions) console.error(each.message, `${each.locator}`);
if (exceptions.length) process.exit(1);

// What only an editor needs is left out, and so is FHIRHelpers: it is declared, but nothing of it is called.
const spare = new Set(["annotation", "localId", "locator", "signature"]);
const elm = JSON.parse(translator.toJson(), (key, value) =>
  spare.has(key) || (Array.isArray(value) && !value.length) ? undefined : value,
);
delete elm.library.includes;
const text = JSON.stringify(elm, null, 1);
if (text.includes("FHIRHelpers")) throw new Error("a function of FHIRHelpers is called after all");
writeFileSync(join(here, "peers.elm.json"), text + "\n");
