import type { ComponentChildren } from "preact";

interface NoticeProps {
  title: string;
  /** `bad` for what failed, `quiet` for what is merely empty. */
  tone?: "bad" | "quiet";
  children?: ComponentChildren;
  /** What to do about it. */
  action?: { name: string; run: () => void };
}

/** Says why there is nothing to see, and what to do. */
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
