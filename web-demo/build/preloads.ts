/** Has the browser fetch wasm and model while it reads the scripts that will ask for them. */

import type { Plugin } from "vite";

/** What the first price needs beside scripts. */
const NEEDED = /\/(loupe_bg|champion)-[^/]*\.(wasm|loupe)$/;

export function preloads(): Plugin {
  return {
    name: "preloads",
    apply: "build",
    transformIndexHtml: {
      order: "post",
      handler: (_, { bundle }) =>
        Object.keys(bundle ?? {})
          .filter((name) => NEEDED.test(name))
          .map((name) => ({
            tag: "link",
            // As the package itself asks, or the browser fetches it twice.
            attrs: { rel: "preload", as: "fetch", crossorigin: "anonymous", href: `/${name}` },
            injectTo: "head",
          })),
    },
  };
}
