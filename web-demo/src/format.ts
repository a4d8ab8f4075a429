/** Formats numbers, times and messages for display. */

import { signal } from "@preact/signals";

/** The currency of the model's prices, by its code. */
export const currency = signal("USD");

const SYMBOLS: Record<string, string> = { USD: "$", EUR: "€", GBP: "£" };

/** `$12,345`. The model's error is a few percent, so cents would mean nothing. */
export function money(amount: number): string {
  return inCurrency(amount, 0);
}

/** `$12,345.67`, for comparing two answers. */
export function cents(amount: number): string {
  return inCurrency(amount, 2);
}

/** `+$1,234`, `−$56`, `$0`. */
export function signedMoney(amount: number): string {
  return `${Math.round(amount) > 0 ? "+" : ""}${money(amount)}`;
}

/** `12,345`. */
export function count(n: number): string {
  return fixed(n, 0);
}

/** `1 stone`, `12,345 stones`. */
export function counted(n: number, one: string, many = `${one}s`): string {
  return `${count(n)} ${n === 1 ? one : many}`;
}

/** `0.70`: at least two decimals, and at most the nine by which similar stones are ordered. */
export function carats(carat: number): string {
  return decimals(carat, 2, 9);
}

/** `same`, `+0.03`, `−0.02`. */
export function caratDifference(carat: number): string {
  if (carat === 0) return "same";
  return `${carat > 0 ? "+" : "−"}${carats(Math.abs(carat))}`;
}

/** A number with all its decimals, within limits. */
export function decimals(value: number, least: number, most = 6): string {
  const [, some = ""] = Math.abs(value).toFixed(most).replace(/0+$/, "").split(".");
  const digits = Math.max(least, some.length);
  return `${sign(value, digits)}${fixed(value, digits)}`;
}

/** `9 in 10` for 0.9, `95 in 100` for 0.95. */
export function share(confidence: number): string {
  const of100 = Math.round(confidence * 100);
  return of100 % 10 === 0 ? `${of100 / 10} in 10` : `${of100} in 100`;
}

/** `12.3 %`. */
export function percent(ratio: number, digits = 1): string {
  return `${sign(100 * ratio, digits)}${fixed(100 * ratio, digits)} %`;
}

/** Adds a capital letter and a full stop. */
export function sentence(text: string): string {
  const capital = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(capital) ? capital : `${capital}.`;
}

/** `0.3 ms`, `12 ms`, `1.2 s`; `under 0.1 ms` if the clock's resolution of 0.1 ms shows nothing. */
export function milliseconds(ms: number): string {
  if (ms < 0.1) return "under 0.1 ms";
  if (ms < 10) return `${ms.toFixed(1)} ms`;
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

/** `512 B`, `74 kB`, `1.2 MB`. */
export function bytes(n: number): string {
  if (n < 1000) return `${n} B`;
  return n < 1e6 ? `${Math.round(n / 1000)} kB` : `${(n / 1e6).toFixed(1)} MB`;
}

/** `28 Nov 2026, 08:09`, in local time. */
export function moment(rfc3339: string): string {
  const options = { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit" } as const;
  return new Date(rfc3339).toLocaleString("en-GB", options);
}

/** `08:09:47`, in local time. */
export function timeOfDay(rfc3339: string): string {
  return new Date(rfc3339).toLocaleTimeString("en-GB");
}

/** The message of an error, whatever was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/**
 * Digits in groups of three, without a sign. By hand: the first `Intl.NumberFormat` of a page takes 30 ms to load what it knows of
 * the world's numbers, and these are in English.
 */
function fixed(value: number, digits: number): string {
  const [whole = "", ...rest] = Math.abs(value).toFixed(digits).split(".");
  return [whole.replace(/\B(?=(?:\d{3})+$)/g, ","), ...rest].join(".");
}

function inCurrency(amount: number, digits: number): string {
  const code = currency.value;
  return `${sign(amount, digits)}${SYMBOLS[code] ?? `${code}\u00a0`}${fixed(amount, digits)}`;
}

function sign(value: number, digits: number): string {
  return value < 0 && Number(value.toFixed(digits)) !== 0 ? "−" : "";
}
