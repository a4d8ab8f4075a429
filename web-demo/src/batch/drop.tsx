import { useRef, useState } from "preact/hooks";
import { csvLine, download } from "../parts/download";
import { begin } from "./job";

/** The area where a file is dropped or chosen. */
export function Drop() {
  const input = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    const file = event.dataTransfer?.files[0];
    if (file) begin(file);
  };
  return (
    <section
      class={`card drop ${over ? "over" : ""}`}
      aria-label="The list"
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <p class="drop-title">Drop a CSV of stones here</p>
      <p class="hint">
        A header with carat, cut, color and clarity; depth, table, x, y and z where they were measured; price_list to price a
        stone by that list. Other columns stay as they are. Nothing leaves this computer.
      </p>
      <p class="buttons">
        <button type="button" onClick={() => input.current?.click()}>
          Choose a file
        </button>
        <button type="button" class="plain" onClick={example}>
          Download an example
        </button>
      </p>
      <input
        ref={input}
        type="file"
        class="unseen"
        tabIndex={-1}
        aria-label="A CSV of stones"
        accept=".csv,.txt,text/csv,text/plain"
        onChange={(event) => {
          const file = event.currentTarget.files?.[0];
          if (file) begin(file);
          // Reset the input, so that the same file can be chosen again after it was corrected.
          event.currentTarget.value = "";
        }}
      />
    </section>
  );
}

function example(): void {
  const lines = [
    ["stock_number", "carat", "cut", "color", "clarity", "depth", "table"],
    ["A-1001", 0.7, "Ideal", "G", "VS1", 61.4, 57],
    ["A-1002", 1.01, "Premium", "E", "SI1", 60.8, 58],
    ["A-1003", 0.33, "Very Good", "D", "VVS2", "", ""],
    ["A-1004", 2.02, "Good", "I", "SI2", 63.1, 56],
  ];
  download("stones.csv", new Blob(lines.map(csvLine), { type: "text/csv" }));
}
