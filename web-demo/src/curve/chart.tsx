import { effect } from "@preact/signals";
import type { Loupe, Sample } from "loupe-diamonds";
import { useEffect, useMemo, useRef } from "preact/hooks";
import type uPlot from "uplot";
import { answer } from "../engine";
import { axis, color, type Drawn, faint, Plot } from "../parts/plot";
import { knownList } from "../stone/price-list";
import { carat, kind, form } from "../stone/stone";
import { money } from "../format";
import { curveOf, nearest } from "./curve";

interface CurveChartProps {
  model: Loupe;
  /** Real stones of this cut, color and clarity, ordered by carat. */
  stones: readonly Sample[];
  /** Ids of the stones to draw on top of the others. */
  chosen?: ReadonlySet<number>;
  height?: number;
  /** Called with the stone under the pointer or chosen by keyboard. */
  show?: (stone: Sample | undefined) => void;
}

/** The distance within which a pointer hits a stone. */
const WITHIN_PX = 24;

export function CurveChart({ model, stones, chosen, height = 420, show }: CurveChartProps) {
  const { cut, color: tint, clarity, price_list } = form.value;
  const heaviest = stones.at(-1)?.carat ?? 0;
  const data = useMemo<uPlot.AlignedData>(() => {
    const curve = curveOf(model, { cut, color: tint, clarity, ...knownList(model, price_list) }, heaviest);
    return [curve.carat, curve.low, curve.high, curve.price];
  }, [model, cut, tint, clarity, price_list, heaviest]);

  // The drawing hooks read these refs, so that the chart need not be rebuilt for each stone.
  const seen = useRef({ stones, chosen, show, focused: undefined as number | undefined });
  Object.assign(seen.current, { stones, chosen, show });
  const chart = useRef<uPlot | undefined>(undefined);
  const options = useMemo(() => drawn(seen.current), []);
  useEffect(() => chart.current?.redraw(false), [stones, chosen]);
  useEffect(() => focus(undefined), [stones]);

  // The chart's listeners outlive a render, so they must not close over values of one.
  const focus = (index: number | undefined) => {
    seen.current.focused = index;
    const stone = index === undefined ? undefined : seen.current.stones[index];
    seen.current.show?.(stone);
    if (chart.current) placeFocus(chart.current, stone);
  };
  const step = (event: KeyboardEvent) => {
    const by = { ArrowRight: 1, ArrowLeft: -1, PageDown: -10, PageUp: 10 }[event.key];
    if (event.key === "Escape") focus(undefined);
    if (event.key === "Home") focus(0);
    if (event.key === "End") focus(stones.length - 1);
    if (by !== undefined && stones.length > 0) {
      const from = seen.current.focused ?? startingPoint(stones) - by;
      focus(Math.min(stones.length - 1, Math.max(0, from + by)));
    }
    if (by !== undefined || ["Escape", "Home", "End"].includes(event.key)) event.preventDefault();
  };
  const made = (plot: uPlot) => {
    chart.current = plot;
    followStone(plot);
    const point = (event: PointerEvent) => {
      const box = plot.over.getBoundingClientRect();
      const at = { x: event.clientX - box.left, y: event.clientY - box.top };
      focus(nearest(seen.current.stones, at, placeIn(plot), WITHIN_PX));
    };
    plot.over.addEventListener("pointermove", point);
    plot.over.addEventListener("pointerdown", point);
    plot.over.addEventListener("pointerleave", () => focus(undefined));
  };
  return (
    <div
      class="chart"
      tabIndex={show ? 0 : undefined}
      role={show ? "application" : undefined}
      aria-label={show ? "Price by carat; the arrow keys go from stone to stone" : undefined}
      onKeyDown={show ? step : undefined}
    >
      <Plot height={height} options={options} data={data} made={made} label={describe(kind.value, data, stones.length)} />
      <ul class="key" aria-hidden="true">
        <li class="key-curve">what the model says</li>
        <li class="key-band">its range</li>
        <li class="key-stone">real stones</li>
        <li class="key-this">this stone</li>
      </ul>
    </div>
  );
}

interface Seen {
  stones: readonly Sample[];
  chosen: ReadonlySet<number> | undefined;
}

function drawn(seen: Seen): Drawn {
  return {
    legend: { show: false },
    cursor: { show: false },
    scales: {
      x: { time: false, range: (_, from, to) => [from, to] },
      y: { range: (_, __, to) => [0, 1.04 * Math.max(to, ...seen.stones.map(({ price }) => price))] },
    },
    axes: [
      axis({ label: "carat", labelSize: 20, size: 32 }),
      axis({ size: 64, values: (_, marks) => marks.map((usd) => money(usd)) }),
    ],
    series: [
      {},
      { show: true, width: 0, points: { show: false } },
      { show: true, width: 0, points: { show: false } },
      { stroke: () => color("accent"), width: 2, points: { show: false } },
    ],
    bands: [{ series: [2, 1], fill: () => faint("accent", 0.14) }],
    hooks: { drawAxes: [(plot) => drawStones(plot, seen)] },
  };
}

/** Draws the real stones below the curve, and the chosen ones on top of the others. */
function drawStones(plot: uPlot, { stones, chosen }: Seen): void {
  const context = plot.ctx;
  const ratio = devicePixelRatio;
  context.save();
  const dot = ({ carat, price }: Sample, radius_px: number) => {
    context.beginPath();
    context.arc(plot.valToPos(carat, "x", true), plot.valToPos(price, "y", true), radius_px * ratio, 0, 2 * Math.PI);
    context.fill();
  };
  context.fillStyle = faint("text", chosen ? 0.16 : 0.3);
  for (const stone of stones) dot(stone, 2.25);
  if (chosen) {
    context.fillStyle = color("warm");
    for (const stone of stones) if (chosen.has(stone.id)) dot(stone, 4);
  }
  context.restore();
}

function placeIn(plot: uPlot): (stone: Sample) => { x: number; y: number } {
  return ({ carat, price }) => ({ x: plot.valToPos(carat, "x"), y: plot.valToPos(price, "y") });
}

/** Draws a ring around the stone that the text describes. */
function placeFocus(plot: uPlot, stone: Sample | undefined): void {
  const ring = marker(plot, "focused");
  ring.hidden = !stone;
  if (stone) move(ring, placeIn(plot)(stone));
}

/** Moves a dot to the stone in the form, so that the chart is not redrawn on every input. */
function followStone(plot: uPlot): void {
  const dot = marker(plot, "this");
  const follow = () => {
    const now = answer.value;
    const inSight = now.kind === "priced" && carat.value <= (plot.scales.x?.max ?? 0);
    dot.hidden = !inSight;
    if (now.kind === "priced" && inSight) {
      move(dot, { x: plot.valToPos(carat.value, "x"), y: plot.valToPos(now.prediction.price, "y") });
    }
  };
  const stop = effect(follow);
  plot.hooks.draw = [...(plot.hooks.draw ?? []), follow];
  plot.hooks.destroy = [...(plot.hooks.destroy ?? []), stop];
}

function marker(plot: uPlot, name: string): HTMLElement {
  const found = plot.over.querySelector<HTMLElement>(`.marker-${name}`);
  if (found) return found;
  const made = document.createElement("i");
  made.className = `marker marker-${name}`;
  made.hidden = true;
  plot.over.append(made);
  return made;
}

function move(marker: HTMLElement, { x, y }: { x: number; y: number }): void {
  marker.style.translate = `${x}px ${y}px`;
}

/** The stone at which keyboard navigation starts: the one nearest to the form's. */
function startingPoint(stones: readonly Sample[]): number {
  const heavier = stones.findIndex((stone) => stone.carat >= carat.value);
  return heavier === -1 ? stones.length - 1 : heavier;
}

function describe(kind: string, [carats, , , prices]: uPlot.AlignedData, stones: number): string {
  const [first, last] = [prices?.[0], prices?.at(-1)];
  const ends = `from ${money(first ?? 0)} at ${carats[0]?.toFixed(2)} carat to ${money(last ?? 0)} at ${carats[carats.length - 1]?.toFixed(2)}`;
  return `Price by carat of ${kind}: ${ends}; with ${stones} real stones`;
}
