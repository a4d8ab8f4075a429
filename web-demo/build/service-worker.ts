/** Builds src/sw.ts into /sw.js, which lists every file that the app is made of. */

import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { type Plugin, transformWithOxc } from "vite";

const SOURCE = fileURLToPath(new URL("../src/sw.ts", import.meta.url));
/** Files of public/ that the app shows. */
const PUBLIC = ["favicon.svg", "loupe.webmanifest"];

export function serviceWorker(): Plugin {
  return {
    name: "service-worker",
    apply: "build",
    enforce: "post",
    async generateBundle(_, bundle) {
      const assets = Object.keys(bundle).filter((name) => name.startsWith("assets/"));
      const files = ["", ...PUBLIC, ...assets.sort()].map((name) => `/${name}`);
      // Assets are named by their content, so a new build of the page itself is all that their names do not tell.
      const page = bundle["index.html"];
      const html = page?.type === "asset" ? page.source : "";
      const version = createHash("sha256").update(html).update(files.join()).digest("hex").slice(0, 16);
      const { code } = await transformWithOxc(await readFile(SOURCE, "utf8"), SOURCE);
      const head = `const FILES = ${JSON.stringify(files)};\nconst VERSION = ${JSON.stringify(version)};\n`;
      this.emitFile({ type: "asset", fileName: "sw.js", source: head + code.replace(/^export \{\};?$/m, "") });
    },
  };
}
