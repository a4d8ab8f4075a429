/** The web demo: starts the model, then shows the page that the address names. */

import { render } from "preact";
import { App } from "./app";
import { settled, start } from "./engine";
import { workOffline } from "./offline";
import { follow } from "./route";
import { apply } from "./theme";

start();
apply();
follow();
render(<App />, document.getElementById("app") as HTMLElement);
// What is kept for later must not delay the first price.
void settled.then(workOffline);
