/** The page that prices a file of stones, in this browser. */

import { Notice } from "../parts/notice";
import { count, counted } from "../format";
import { Done } from "./done";
import { Drop } from "./drop";
import { job, stop } from "./job";

export function Page() {
  const now = job.value;
  return (
    <div class="one-column">
      <Drop />
      {now.kind === "working" && <Working {...now} />}
      {now.kind === "refused" && <Notice title={now.title}>{now.reason}</Notice>}
      {now.kind === "done" && <Done name={now.name} outcome={now.outcome} />}
    </div>
  );
}

function Working({ name, done, rows }: { name: string; done: number; rows: number | undefined }) {
  return (
    <section class="card" aria-label="At work">
      <p role="status">
        {rows === undefined ? `Reading ${name}.` : `${count(done)} of ${counted(rows, "stone")} priced.`}
      </p>
      <progress max={rows ?? 1} value={rows === undefined ? undefined : done} aria-label="Stones priced" />
      <button type="button" class="plain" onClick={stop}>
        Stop
      </button>
    </section>
  );
}
