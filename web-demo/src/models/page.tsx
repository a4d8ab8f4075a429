/** The page of all trained models and their metrics. */

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { type Models, models, Refusal } from "../api";
import { loupe } from "../engine";
import { Notice } from "../parts/notice";
import { BundledCard, Card } from "./card";
import { Comparison } from "./comparison";
import { History } from "./history";
import { Progress } from "./progress";

export function Page() {
  const found = useSignal<Models | Refusal | undefined>(undefined);
  const chosen = useSignal<readonly string[]>([]);
  const look = async () => {
    found.value = undefined;
    try {
      found.value = await models();
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      found.value = error;
    }
  };
  useEffect(() => void look(), []);
  if (!found.value) return <div class="card waiting" aria-busy="true" />;
  if (found.value instanceof Refusal) {
    return (
      <div class="one-column">
        <Notice title="The model history cannot be reached" action={{ name: "Try again", run: () => void look() }}>
          {found.value.message}
        </Notice>
        {loupe.value && <BundledCard model={loupe.value.model} />}
      </div>
    );
  }
  const { models: all, serving } = found.value;
  const champion = all.find((model) => model.champion);
  const [first, second] = all.filter(({ id }) => chosen.value.includes(id));
  const shown = second ? champion : (first ?? champion);
  const choose = (id: string, on: boolean) => {
    // At most two models: a third replaces the first.
    chosen.value = on ? [...chosen.value, id].slice(-2) : chosen.value.filter((other) => other !== id);
  };
  return (
    <div class="one-column">
      {serving?.trouble && <Notice title="The service does not run the champion">{serving.trouble}</Notice>}
      {all.length === 0 ? (
        <Notice tone="quiet" title="No model has been trained here yet">
          The service runs the released model. Train one by “trainer train”, and it is listed here.
        </Notice>
      ) : (
        <>
          <Progress models={all} />
          <History models={all} serving={serving?.id} chosen={chosen.value} choose={choose} />
        </>
      )}
      {first && second && <Comparison first={first} second={second} />}
      {shown ? <Card model={shown} /> : loupe.value && <BundledCard model={loupe.value.model} />}
    </div>
  );
}
