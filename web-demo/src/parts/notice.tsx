import type { ComponentChildren } from "preact";

interface NoticeProps {
  title: string;
  /** `bad` for a failure, `quiet` for an empty result. */
  tone?: "bad" | "quiet";
  children?: ComponentChildren;
  /** What the visitor can do. */
  action?: { name: string; run: () => void };
}

/** A message in place of content that is missing. */
export function Notice({ title, tone = "bad", children, action }: NoticeProps) {
  return (
    <div class={`notice ${tone}`} role={tone === "bad" ? "alert" : "status"}>
      <p class="notice-title">{title}</p>
      {children && <p>{children}</p>}
      {action && (
        <button type="button" class="plain" onClick={action.run}>
          {action.name}
        </button>
      )}
    </div>
  );
}
