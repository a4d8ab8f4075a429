import type { Stats } from "../api";
import { Table } from "../parts/table";
import { count } from "../format";
import { microseconds } from "./figures";

/** A table of the requests by route and status. */
export function Routes({ stats }: { stats: Stats }) {
  const routes = Object.entries(stats.routes).sort(([, one], [, other]) => other.requests - one.requests);
  if (routes.length === 0) return null;
  return (
    <section class="card" aria-labelledby="routes-title">
      <h2 id="routes-title">By route</h2>
      <Table name="routes" label="Routes" titles={["Route", "Requests", "Statuses", "Median", "p99"]}>
        {routes.map(([route, { requests, statuses, latency_us }]) => (
          <tr key={route}>
            <th scope="row">{route === "none" ? "no such route" : route}</th>
            <td>{count(requests)}</td>
            <td>
              {Object.entries(statuses).map(([status, n]) => (
                <span key={status} class={`status s${status.charAt(0)}`}>
                  {status} <small>×{count(n)}</small>
                </span>
              ))}
            </td>
            <td>{latency_us ? microseconds(latency_us.p50) : "–"}</td>
            <td>{latency_us ? microseconds(latency_us.p99) : "–"}</td>
          </tr>
        ))}
      </Table>
    </section>
  );
}
