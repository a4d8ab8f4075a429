/** Numbers and messages as people read them. */

const wholeDollars = new Intl.NumberFormat("en-US", { style: "currency", currency: "USD", maximumFractionDigits: 0 });

/** `$12,345`: a model that is off by a few percent knows nothing of cents. */
export function dollars(usd: number): string {
  return wholeDollars.format(usd);
}

/** `0.70`, or as many decimals as there are. */
export function carats(carat: number): string {
  return carat.toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 6 });
}

/** `same`, `+0.03`, `−0.02`. */
export function difference(carat: number): string {
  if (carat === 0) return "same";
  return `${carat > 0 ? "+" : "−"}${carats(Math.abs(carat))}`;
}

/** `9 in 10` of 0.9, `95 in 100` of 0.95. */
export function share(confidence: number): string {
  const of100 = Math.round(confidence * 100);
  return of100 % 10 === 0 ? `${of100 / 10} in 10` : `${of100} in 100`;
}

/** With a capital first and a full stop last. */
export function sentence(text: string): string {
  const capital = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(capital) ? capital : `${capital}.`;
}
