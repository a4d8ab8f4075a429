/** The web demo: starts the model, then shows the page that the address names. */

import { render } from "preact";
import { App } from "./app";
import { settled, start } from "./engine";
import { workOffline } from "./offline";
import { follow } from "./route";
import { apply } from "./theme";

/** How long the first render waits for the model. */
const TIMEOUT_MS = 250;

const priced = start();
apply();
follow();
// Rendering once with the price is faster than rendering twice.
await Promise.race([priced, new Promise((resolve) => setTimeout(resolve, TIMEOUT_MS))]);
render(<App />, document.getElementById("app") as HTMLElement);
// Caching the app must not delay the first price.
void settled.then(workOffline);
