import { useState } from "preact/hooks";
import type { Refusal } from "../api";
import { Notice } from "../parts/notice";
import { remember } from "./token";

/** The form for the operator's token. */
export function TokenForm({ refused }: { refused?: Refusal }) {
  const [given, give] = useState("");
  const enter = (event: Event) => {
    event.preventDefault();
    if (given.trim() !== "") remember(given.trim());
  };
  return (
    <form class="card token-form" onSubmit={enter}>
      <p>
        Requests, latencies and the log are for the operator of this service. The token is what its variable{" "}
        <code>admin_token</code> was set to.
      </p>
      {refused && <Notice title={refused.status === 404 ? "This service has no such token" : "This token was not accepted"}>
          {refused.status === 404
            ? "Start it with --variable admin_token=… (spin up --variable, edge-host serve --variable), and this page works."
            : "Check how it was set, and check for spaces at either end."}
        </Notice>}
      <div class="token-row">
        <div class="field">
          <label for="token">Operator’s token</label>
          <input
            id="token"
            type="password"
            autoComplete="current-password"
            value={given}
            onInput={(event) => give(event.currentTarget.value)}
          />
        </div>
        <button type="submit">Open</button>
      </div>
    </form>
  );
}
