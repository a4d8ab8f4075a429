/** The page on which an operator watches the service. */

import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { Refusal, type Stats, stats } from "../api";
import { Notice } from "../parts/notice";
import { Switch } from "../parts/switch";
import { TokenForm } from "./token-form";
import { Figures } from "./figures";
import { Log } from "./log";
import { LatencyChart, type LatencySample } from "./latency-chart";
import { Routes } from "./routes";
import { forget, token } from "./token";

/** The time between two samples. Each is a request, so not too often. */
const LOOK_MS = 5000;
/** The number of samples in the chart: ten minutes. */
const MAX_SAMPLES = 120;

const MINUTES = [5, 60, 1440] as const;

const minutes = signal<number>(60);
const follows = signal(true);
const latest = signal<Stats | undefined>(undefined);
const trouble = signal<Refusal | undefined>(undefined);
const samples = signal<readonly LatencySample[]>([]);

export function Page() {
  if (token.value === "") return <TokenForm />;
  return <Open />;
}

function Open() {
  useEffect(() => {
    void look();
    if (!follows.value) return;
    const looking = setInterval(() => {
      if (!document.hidden) void look();
    }, LOOK_MS);
    return () => clearInterval(looking);
  }, [token.value, minutes.value, follows.value]);

  const refused = trouble.value;
  if (refused && [401, 403, 404].includes(refused.status)) return <TokenForm refused={refused} />;
  return (
    <div class="one-column">
      <div class="bar-of-controls">
        <div class="field short">
          <label for="minutes">Window</label>
          <select
            id="minutes"
            value={minutes.value}
            onChange={(event) => (minutes.value = Number(event.currentTarget.value))}
          >
            {MINUTES.map((length) => (
              <option key={length} value={length}>
                {length < 60 ? `${length} minutes` : length === 60 ? "1 hour" : "1 day"}
              </option>
            ))}
          </select>
        </div>
        <Switch label="Follow" on={follows.value} turn={(on) => (follows.value = on)} />
        <button type="button" class="plain small" onClick={leave}>
          Leave
        </button>
      </div>
      {refused && <Notice title="The last update failed">{refused.message}</Notice>}
      {latest.value ? (
        <>
          <Figures stats={latest.value} />
          <LatencyChart samples={samples.value} />
          <Routes stats={latest.value} />
        </>
      ) : (
        !refused && <div class="card waiting" aria-busy="true" />
      )}
      <Log looks={latest} />
    </div>
  );
}

async function look(): Promise<void> {
  const asked = token.peek();
  try {
    const found = await stats(asked, minutes.peek());
    if (asked !== token.peek()) return;
    trouble.value = undefined;
    latest.value = found;
    const { p50 = 0, p99 = 0 } = found.all.latency_us ?? {};
    const sample = { at_s: Date.now() / 1000, p50_ms: p50 / 1000, p99_ms: p99 / 1000, per_minute: found.window.requests_per_minute };
    samples.value = [...samples.peek(), sample].slice(-MAX_SAMPLES);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    if (asked === token.peek()) trouble.value = error;
  }
}

function leave(): void {
  forget();
  latest.value = undefined;
  trouble.value = undefined;
  samples.value = [];
}
