// Runs peers.elm.json with cql-execution and cql-exec-fhir over all patients, and prints one line of JSON:
// what the start took, and for each turn the patients, the seconds of each step, and for which patients each
// criterion is true (with the counts).
//
//   node run.mjs BUNDLES.ndjson CODES.json YYYY-MM-DD [TURNS]
//
// BUNDLES.ndjson holds one Bundle a line, one patient each. Every turn parses and evaluates all of them anew.
import { readFileSync } from "node:fs";

const begun = performance.now();
const { default: cql } = await import("cql-execution");
const { default: fhir } = await import("cql-exec-fhir");

const [bundles, codes, on, turns = "1"] = process.argv.slice(2);
const read = (place) => JSON.parse(readFileSync(place, "utf8"));
const valueSets = {};
for (const [name, listed] of Object.entries(read(codes)))
  valueSets[`urn:posology:bench:${name}`] = { 1: listed.map(([system, code]) => ({ system, code })) };
const library = new cql.Library(read(new URL("peers.elm.json", import.meta.url)));
const executor = new cql.Executor(library, new cql.CodeService(valueSets), { on: cql.Date.parse(on) });
const source = fhir.PatientSource.FHIRv401();
// Criteria have names in kebab-case; what they share has names with spaces.
const criteria = Object.keys(library.expressions).filter((name) => /^[a-z0-9-]+$/.test(name));
const startup = performance.now() - begun;

const lines = readFileSync(bundles, "utf8").split("\n").filter(Boolean);
const rounds = [];
for (let turn = 0; turn < Number(turns); turn += 1) {
  const start = performance.now();
  const parsed = lines.map((line) => JSON.parse(line));
  const between = performance.now();
  source.reset();
  source.loadBundles(parsed);
  const { patientResults } = await executor.exec(source);
  const end = performance.now();
  const results = Object.entries(patientResults);
  const trueFor = {};
  const counts = {};
  for (const name of criteria) {
    trueFor[name] = results.filter(([, found]) => found[name] === true).map(([id]) => id);
    counts[name] = trueFor[name].length;
  }
  rounds.push({
    patients: results.length,
    parse_seconds: (between - start) / 1000,
    evaluate_seconds: (end - between) / 1000,
    counts,
    true_for: trueFor,
  });
}
console.log(JSON.stringify({ startup_seconds: startup / 1000, rounds }));
