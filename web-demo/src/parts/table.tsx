import type { ComponentChildren } from "preact";

interface TableProps {
  /** What its style is called. */
  name: string;
  /** What it is of, for those who hear it. */
  label: string;
  /** The columns' titles; one in brackets is heard and not seen. */
  titles: readonly string[];
  /** Its rows. */
  children: ComponentChildren;
}

/** A table that scrolls by itself where it is too wide or too long, by keyboard, too. */
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
