/** A uPlot chart in the page's colors, as wide as its container. */

import { effect } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { repaints } from "../theme";

export type Drawn = Omit<uPlot.Options, "width" | "height">;

interface PlotProps {
  height: number;
  /** The chart is rebuilt whenever this changes, so wrap it in `useMemo`. */
  options: Drawn;
  data: uPlot.AlignedData;
  label: string;
  /** Called with each chart that is made. */
  made?: (plot: uPlot) => void;
}

export function Plot({ height, options, data, label, made }: PlotProps) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | undefined>(undefined);
  useEffect(() => {
    const host = place.current as HTMLDivElement;
    const chart = new uPlot({ ...options, width: host.clientWidth || 300, height }, data, host);
    plot.current = chart;
    made?.(chart);
    const resized = new ResizeObserver(() => {
      if (host.clientWidth > 0 && host.clientWidth !== chart.width) chart.setSize({ width: host.clientWidth, height });
    });
    resized.observe(host);
    const stop = effect(() => {
      if (repaints.value > 0) chart.redraw(false, true);
    });
    return () => {
      stop();
      resized.disconnect();
      chart.destroy();
    };
  }, [options, height]);
  useEffect(() => {
    if (plot.current && plot.current.data !== data) plot.current.setData(data);
  }, [data]);
  return <div ref={place} class="plot" role="img" aria-label={label} style={{ height: `${height}px` }} />;
}

/** The current value of one of the page's colors. */
export function color(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

/** A translucent color. */
export function faint(name: string, opacity: number): string {
  return `color-mix(in srgb, ${color(name)} ${100 * opacity}%, transparent)`;
}

/** A time axis, in local time. */
export function timeAxis(): uPlot.Axis {
  const day = { day: "numeric", month: "short" } as const;
  const minute = { hour: "2-digit", minute: "2-digit" } as const;
  const second = { ...minute, second: "2-digit" } as const;
  return axis({
    size: 32,
    space: 80,
    values: (_, at_s, __, ___, step_s) => {
      const parts = step_s >= 86_400 ? day : step_s >= 60 ? minute : second;
      return at_s.map((moment_s) => new Date(1000 * moment_s).toLocaleString("en-GB", parts));
    },
  });
}

/** An axis in the page's font and colors. */
export function axis(extra: uPlot.Axis): uPlot.Axis {
  return {
    stroke: () => color("quiet"),
    font: "12px system-ui, sans-serif",
    labelFont: "12px system-ui, sans-serif",
    grid: { stroke: () => color("line"), width: 1 },
    ticks: { show: false },
    ...extra,
  };
}
