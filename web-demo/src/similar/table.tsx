import type { Similar } from "loupe-diamonds";
import { Table } from "../parts/table";
import { type Measure, diamond } from "../stone/stone";
import { caratDifference, carats, decimals, dollars } from "../format";

interface Column {
  name: Measure;
  title: string;
  digits: 0 | 1 | 2;
}

const COLUMNS: readonly Column[] = [
  { name: "depth", title: "Depth %", digits: 1 },
  { name: "table", title: "Table %", digits: 0 },
  { name: "x", title: "x mm", digits: 2 },
  { name: "y", title: "y mm", digits: 2 },
  { name: "z", title: "z mm", digits: 2 },
];

/** A table of stones that marks where each differs from the one in the form. */
export function StonesTable({ diamonds }: { diamonds: Similar["diamonds"] }) {
  const asked = diamond.value;
  return (
    <Table
      name="stones"
      label="The stones"
      titles={["Price", "Carat", "Difference", ...COLUMNS.map(({ title }) => title)]}
    >
      {diamonds.map((diamond) => (
        <tr key={diamond.id}>
          <th scope="row">{dollars(diamond.price)}</th>
          <td>{carats(diamond.carat)}</td>
          <td class={diamond.carat_difference === 0 ? "same" : "differs"}>
            {caratDifference(diamond.carat_difference)}
          </td>
          {COLUMNS.map(({ name, digits }) => (
            <td key={name} class={mark(asked[name], diamond[name])}>
              {diamond[name] === 0 ? "–" : decimals(diamond[name], digits)}
            </td>
          ))}
        </tr>
      ))}
    </Table>
  );
}

/** A field that the form leaves empty cannot differ. */
function mark(asked: string | number | undefined, found: number): string | undefined {
  if (typeof asked !== "number") return undefined;
  return asked === found ? "same" : "differs";
}
