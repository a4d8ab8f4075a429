import type { ComponentChildren } from "preact";

interface TableProps {
  /** The class for its style. */
  name: string;
  /** A label for screen readers. */
  label: string;
  /** The column titles. One in brackets is only for screen readers. */
  titles: readonly string[];
  /** The rows. */
  children: ComponentChildren;
}

/** A table that scrolls, also by keyboard, if it is too wide or too long. */
export function Table({ name, label, titles, children }: TableProps) {
  return (
    <div class="scrolls" tabIndex={0} role="region" aria-label={label}>
      <table class={name}>
        <thead>
          <tr>
            {titles.map((title) => (
              <th scope="col" key={title}>
                {title.startsWith("[") ? <span class="unseen">{title.slice(1, -1)}</span> : title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}
