import type { Listing, Similar } from "loupe-diamonds";
import { Table } from "../parts/table";
import { diamond, type Measure } from "../stone/stone";
import { caratDifference, carats, decimals, money } from "../format";

type Measured = { [M in Measure]?: number | string };

interface Column {
  title: string;
  digits: 0 | 1 | 2;
  of: (stone: Measured) => number | string | undefined;
}

const COLUMNS: readonly Column[] = [
  { title: "Depth %", digits: 1, of: ({ depth }) => depth },
  { title: "Table %", digits: 0, of: ({ table }) => table },
  { title: "Minimum diameter mm", digits: 2, of: (stone) => diameter(stone, Math.min) },
  { title: "Maximum diameter mm", digits: 2, of: (stone) => diameter(stone, Math.max) },
  { title: "Depth mm", digits: 2, of: ({ z }) => z },
];

/** A table of stones that marks where each differs from the one in the form. */
export function StonesTable({ diamonds }: { diamonds: Similar["diamonds"] }) {
  const asked = diamond.value;
  const isListed = diamonds.some(({ price_list }) => price_list);
  const titles = ["Price", "Carat", "Difference", ...COLUMNS.map(({ title }) => title), ...(isListed ? ["List"] : [])];
  return (
    <Table name="stones" label="The stones" titles={titles}>
      {diamonds.flatMap((diamond) => [
        <tr key={diamond.id}>
          <th scope="row">{money(diamond.price)}</th>
          <td>{carats(diamond.carat)}</td>
          <td class={diamond.carat_difference === 0 ? "same" : "differs"}>
            {caratDifference(diamond.carat_difference)}
          </td>
          {COLUMNS.map(({ title, digits, of }) => {
            const value = of(diamond) as number;
            return (
              <td key={title} class={mark(of(asked), value)}>
                {value === 0 ? "–" : decimals(value, digits)}
              </td>
            );
          })}
          {isListed && <td>{diamond.price_list ?? "–"}</td>}
        </tr>,
        diamond.also_listed && (
          <tr key={`also ${diamond.id}`} class="also">
            <td colSpan={titles.length}>Also listed {alsoListed(diamond.also_listed, money)}</td>
          </tr>
        ),
      ])}
    </Table>
  );
}

/** Other listings in words: `as 12345 in B: $3,010, Premium`. */
export function alsoListed(listings: readonly Listing[], shown: (price: number) => string): string {
  const inWords = ({ id, price_list, cut, price }: Listing) =>
    `as ${id}${price_list === null ? "" : ` in ${price_list}`}: ${shown(price)}, ${cut}`;
  return listings.map(inWords).join("; ");
}

/** The smaller or the larger diameter: which of the two is x says nothing. */
function diameter({ x, y }: Measured, pick: (x: number, y: number) => number): number | undefined {
  return typeof x === "number" && typeof y === "number" ? pick(x, y) : undefined;
}

/** A field that the form leaves empty cannot differ. */
function mark(asked: string | number | undefined, found: number): string | undefined {
  if (typeof asked !== "number") return undefined;
  return asked === found ? "same" : "differs";
}
