/** The web demo: starts the model, then shows the page that the address names. */

import { render } from "preact";
import { App } from "./app";
import { settled, start } from "./engine";
import { workOffline } from "./offline";
import { follow } from "./route";
import { apply } from "./theme";

/** How long the first drawing waits for the model. */
const TIMEOUT_MS = 250;

const priced = start();
apply();
follow();
// A page that is drawn once, with its price, is there sooner than one that is drawn twice.
await Promise.race([priced, new Promise((resolve) => setTimeout(resolve, TIMEOUT_MS))]);
render(<App />, document.getElementById("app") as HTMLElement);
// What is kept for later must not delay the first price.
void settled.then(workOffline);
