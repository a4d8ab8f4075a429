"use client";

import { load, loadSamples, LoupeError } from "loupe-diamonds";
import { loadInWorker } from "loupe-diamonds/worker";
import { useEffect, useState } from "react";
import { ask, askWorker } from "../ask.js";

export function Answers() {
  const [price, setPrice] = useState();
  useEffect(() => {
    async function run() {
      const main = await ask({ load, loadSamples, LoupeError });
      globalThis.outcome = { main, worker: await askWorker({ loadInWorker, LoupeError }) };
      setPrice(main.predictions[0].price);
    }
    run();
  }, []);
  return <p id="browser">{price ?? "…"}</p>;
}
