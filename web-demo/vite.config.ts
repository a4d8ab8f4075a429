import { fileURLToPath } from "node:url";
import { defineConfig, type Plugin } from "vite";
import { compressed } from "./build/compressed.ts";
import { preloads } from "./build/preloads.ts";
import { serviceWorker } from "./build/service-worker.ts";

const POLICY =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
  "worker-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'";

/** What the built page may load: its own files and the API beside it. The development server needs more. */
const policy: Plugin = {
  name: "content-security-policy",
  apply: "build",
  transformIndexHtml: () => [
    { tag: "meta", attrs: { "http-equiv": "Content-Security-Policy", content: POLICY }, injectTo: "head-prepend" },
  ],
};

export default defineConfig({
  plugins: [policy, preloads(), serviceWorker(), compressed()],
  resolve: { alias: { "loupe-diamonds": fileURLToPath(new URL("../npm/loupe-diamonds", import.meta.url)) } },
  build: { target: "es2022", assetsInlineLimit: 0, modulePreload: { polyfill: false } },
  worker: { format: "es" },
  // `npm run dev` beside a running `cargo xtask up`.
  server: { proxy: Object.fromEntries(["/v1", "/readyz", "/docs"].map((path) => [path, "http://127.0.0.1:3000"])), fs: { allow: [".."] } },
});
