import { useState } from "preact/hooks";

/** A button that copies a text. */
export function Copy({ text, what }: { text: string; what: string }) {
  const [said, say] = useState("Copy");
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      say("Copied");
    } catch {
      say("Not allowed");
    }
    setTimeout(() => say("Copy"), 2000);
  };
  return (
    <button type="button" class="plain small" aria-label={`Copy ${what}`} onClick={() => void copy()}>
      <span aria-live="polite">{said}</span>
    </button>
  );
}
