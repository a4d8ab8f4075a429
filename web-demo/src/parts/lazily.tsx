import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { messageOf } from "../format";
import { Notice } from "./notice";

/** A page whose code is loaded when it is first shown. */
export function lazily(load: () => Promise<{ Page: ComponentType }>): ComponentType {
  let loaded: ComponentType | undefined;
  return function Lazy() {
    const [Page, show] = useState<ComponentType | undefined>(() => loaded);
    const [trouble, complain] = useState("");
    useEffect(() => {
      if (loaded) return;
      load().then(
        (module) => {
          loaded = module.Page;
          show(() => loaded);
        },
        (error: unknown) => complain(messageOf(error)),
      );
    }, []);
    if (trouble) {
      return (
        <Notice title="This page did not load" action={{ name: "Reload", run: () => location.reload() }}>
          {trouble}
        </Notice>
      );
    }
    return Page ? <Page /> : <div class="card waiting" aria-busy="true" />;
  };
}
