/** Lays a brotli and a gzip copy beside each built file, for a service that has no time to compress. */

import { readdir, readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import type { Plugin } from "vite";

/** What a copy must save to be worth its place: samples and models are entropy-coded, and gain nothing. */
const WORTH = 0.95;

const QUALITY = { params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY } };

export function compressed(): Plugin {
  let folder = "";
  return {
    name: "compressed",
    apply: "build",
    configResolved: (config) => {
      folder = resolve(config.root, config.build.outDir);
    },
    closeBundle: async () => {
      const found = await readdir(folder, { recursive: true, withFileTypes: true });
      const files = found.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
      await Promise.all(files.map(compress));
    },
  };
}

async function compress(file: string): Promise<void> {
  const whole = await readFile(file);
  const copies = [
    [".br", await promisify(brotliCompress)(whole, QUALITY)],
    [".gz", await promisify(gzip)(whole, { level: 9 })],
  ] as const;
  for (const [ending, copy] of copies) {
    if (copy.length < WORTH * whole.length) await writeFile(file + ending, copy);
  }
}
