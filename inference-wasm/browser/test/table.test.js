/** Reads tables by the package, and compares with what is right and with the trainer. */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { pathToFileURL } from "node:url";

import { install } from "./install.js";
import { trainer } from "./stones.js";

const STONE = { carat: 0.7, cut: "Ideal", color: "G", clarity: "VS1" };

let folder;
let home;
let loupe;
let LoupeError;
let openTable;

before(async () => {
  folder = install();
  home = join(folder, "node_modules/loupe-diamonds");
  const package_ = await import(pathToFileURL(join(home, "index.js")));
  ({ LoupeError, openTable } = package_);
  loupe = await package_.load();
});

after(() => rmSync(folder, { recursive: true }));

const HEADER = "carat,cut,color,clarity";

/** Tables that are read: what it is about, the text, the map, each row as its line and its diamond or its bad
 * fields, and the ignored columns with what they may be. */
const READ = [
  ["columns in capitals and any order", "Clarity,COLOR,Cut,Carat\nVS1,G,Ideal,0.7\n", {}, [[2, STONE]]],
  ["a column without a name", `,${HEADER}\n0,0.7,Ideal,G,VS1\n`, {}, [[2, STONE]], [["", null]]],
  ["decimal commas behind semicolons", "carat;cut;color;clarity;depth\n0,7;Ideal;G;VS1;61,5\n", {}, [[2, { ...STONE, depth: 61.5 }]]],
  ["tabs", "carat\tcut\tcolor\tclarity\n0.7\tIdeal\tG\tVS1\n", {}, [[2, STONE]]],
  ["thousands in quotes", `${HEADER},price\n0.7,Ideal,G,VS1,"2,757"\n`, {}, [[2, STONE]]],
  ["hexadecimal numbers, which are refused", `${HEADER},table\n0x46,Ideal,G,VS1,0b11\n.7,Ideal,G,VS1,\n7e-1,Ideal,G,VS1,\n`, {}, [[2, ["carat", "table"]], [3, STONE], [4, STONE]]],
  ["line ends in quotes", `${HEADER},note\n0.7,Ideal,G,VS1,"one\ntwo, ""three"""\n0.7,Ideal,G,VS1,\n`, {}, [[2, STONE], [4, STONE]], [["note", null]]],
  ["misspelt measures", `${HEADER},depht,length\n0.7,Ideal,G,VS1,61,5.7\n`, {}, [[2, STONE]], [["depht", "depth"], ["length", "x"]]],
  ["measures that are 0", `${HEADER},x,y,z\n0.7,Ideal,G,VS1,0,0,0.0\n`, {}, [[2, STONE]]],
  ["ragged rows and open quotes", `${HEADER}\n0.7,Ideal\n0.7,"Ideal,G,VS1\n0.7,Ideal,G,VS1,7\n0.7,Ideal,G,VS1,,\n`, {}, [[2, ["row"]], [3, ["cut"]], [4, ["row"]], [5, STONE]]],
  ["blank lines, a byte order mark and sep=", "\uFEFFsep=;\r\ncarat;cut;color;clarity\r\n\r\n0,7;Ideal;G;VS1\r\n", {}, [[4, STONE]]],
  ["columns of other names", "Carat Weight,cut,Colour,clarity\n0.7,Ideal,G,VS1\n", { "carat weight": "carat", Colour: "color" }, [[2, STONE]]],
];

/** Files that are refused: what it is, its bytes, the map, the message and the bad fields. */
const REFUSED = [
  ["nothing", "", {}, /^the file is empty; wanted a header/, []],
  ["a workbook", "PK\x03\x04", {}, /^the file is a workbook .*; save the sheet as "CSV UTF-8"$/, []],
  ["gzip", "\x1f\x8b\x08", {}, /^the file is compressed by gzip; unpack it with `gunzip`$/, []],
  ["UTF-16", "\xff\xfec\0a\0", {}, /^the file is text in UTF-16; /, []],
  ["latin-1", "carat,caf\xe9\n", {}, /^the file is not UTF-8 text .* perhaps latin-1/, []],
  ["Parquet", "PAR1....", {}, /^the file is a Parquet file; .*read_parquet/, []],
  ["Feather", "ARROW1\0\0", {}, /^the file is a Feather file .*read_feather/, []],
  ["a table without some of the four Cs", "carat,cut,colour\n", {}, /^color: is missing from the CSV header; if "colour" is it, rename that/, ["color", "clarity"]],
  ["a column that is there twice", `${HEADER},Cut\n`, {}, /^cut: is in the CSV header twice/, ["cut"]],
  ["a map of a column that is missing", `${HEADER}\n`, { ct: "depth" }, /^ct: is missing/, ["ct"]],
  ["a map to a field that no diamond has", `${HEADER},ct\n`, { ct: "weight" }, /must be one of carat, cut/, []],
];

/** All rows of a table. */
function rowsOf(table, count = 1) {
  const rows = [];
  for (let some = table.next(count); some.length > 0; some = table.next(count)) rows.push(...some);
  return rows;
}

describe("a table", () => {
  for (const [what, text, map, expected, ignored = []] of READ) {
    it(`is read with ${what}, in chunks of any length`, async () => {
      for (const count of [1, 2, 100]) {
        const table = await openTable(Buffer.from(text), { map });
        const found = rowsOf(table, count).map(({ line, diamond, errors }) => [line, diamond ?? errors.map(({ field }) => field)]);
        assert.deepEqual(found, expected);
        const names = table.ignored.map(({ name, like }) => [name, like]);
        assert.deepEqual(names, ignored);
        assert.equal(table.ignoredSentence === null, names.length === 0);
        assert.deepEqual(table.next(1), []);
      }
    });
  }

  for (const [what, text, map, message, fields] of REFUSED) {
    it(`is refused with what to do where it is ${what}`, async () => {
      const error = await openTable(Buffer.from(text, "latin1"), { map }).then(() => assert.fail("not refused"), (error) => error);
      assert.ok(error instanceof LoupeError, String(error));
      assert.match(error.message, message);
      assert.deepEqual(error.errors.map(({ field }) => field), fields);
    });
  }

  it("says what it ignores as the API does, and gives cells as written", async () => {
    const text = 'stock;carat;cut;color;clarity;note\nA1;0,7;Ideal;G;VS1;"of ""old"" stock"\n';
    const bytes = Uint8Array.from(Buffer.from(text));
    for (const source of [bytes, bytes.buffer, new Blob([text])]) {
      const table = await openTable(source);
      assert.deepEqual(table.columns, ["stock", "carat", "cut", "color", "clarity", "note"]);
      assert.equal(table.ignoredSentence, 'ignored the columns "stock", "note"');
      assert.equal(table.separator, ";");
      assert.deepEqual(table.next(9)[0].cells, ["A1", "0,7", "Ideal", "G", "VS1", 'of "old" stock']);
    }
    await assert.rejects(openTable("stones.csv"), TypeError);
  });

  it("gives the errors of a row as the API does", async () => {
    const [row] = (await openTable(Buffer.from(`${HEADER}\n0x46,Ideal,Q,VS1\n`))).next(1);
    assert.deepEqual(row.errors, [
      { field: "carat", message: "must be a number", value: "0x46", allowed: "a number greater than 0 and at most 100 (carats)" },
      { field: "color", message: "is not a known color", value: "Q", allowed: "D, E, F, G, H, I, J" },
    ]);
  });

  it("is priced as the trainer prices it", async () => {
    const text = READ.find(([what]) => what.startsWith("decimal"))[1];
    const input = `${text}${text.split("\n")[1].replace("0,7", "1,01")}\n`;
    const rows = rowsOf(await openTable(Buffer.from(input)));
    const output = execFileSync(trainer, ["predict", join(home, "champion.loupe"), "--input", "-", "--format", "ndjson"], { input });
    const expected = output.toString().trim().split("\n").map((line) => JSON.parse(line).price);
    assert.deepEqual(rows.map(({ diamond }) => loupe.price(diamond)), expected);
  });
});
