// What a user of the types writes; it is only looked at by the compiler.
import { DiamondTable, init, load, loadSamples, Loupe, LoupeError, openTable } from "loupe-diamonds";
import type { Bytes, Diamond, Explanation, FieldError, Listing, Metrics, ModelInfo, Part, Prediction, Priced, PriceListEstimate, PriceRange, Refused, Sample, SamplesSource, Similar, SimilarSample, TableOptions, TableRow, Warning, WasmSource } from "loupe-diamonds";
import { loadInWorker, LoupeWorker } from "loupe-diamonds/worker";
import type { AnyWorker, BatchOptions, WorkerOptions } from "loupe-diamonds/worker";

const stone: Diamond = { carat: 0.7, cut: "Ideal", color: "G", clarity: "VS1" };

export async function here(bytes: Bytes, wasm: WasmSource, samples: SamplesSource): Promise<Prediction> {
  await init(wasm);
  const loupe: Loupe = await load(bytes);
  const model: ModelInfo = loupe.model;
  const holdout: Metrics | null = model.holdout;
  const parts: Part[] = loupe.explain(stone) satisfies Explanation;
  const count: number = await loadSamples(samples);
  const similar: Similar = loupe.similar(stone, 5);
  const [first]: SimilarSample[] = similar.diamonds;
  const listings: Listing[] = first?.also_listed ?? [];
  const byList: PriceListEstimate[] = loupe.predict({ ...stone, price_list: model.price_lists[0] ?? null }).price_lists ?? [];
  const range: PriceRange | null = byList[0]?.range ?? null;
  const kind: Sample[] = loupe.ofKind(stone);
  const answers: Priced[] = loupe.predictBatch([stone]);
  for (const answer of answers) {
    if ("error" in answer) (answer satisfies Refused).error.errors satisfies readonly FieldError[];
    else answer.range?.low satisfies number | undefined;
  }
  // @ts-expect-error a cut that there is not
  loupe.price({ ...stone, cut: "Superb" });
  // @ts-expect-error the model does not change
  loupe.model = model;
  loupe.predict(stone).warnings satisfies Warning[];
  return Object.assign(loupe.predict(stone), { holdout, parts, count, similar, kind, listings, range });
}

export async function fromTable(loupe: Loupe, file: Bytes | Blob, options: TableOptions): Promise<number> {
  const table: DiamondTable = await openTable(file, { ...options, map: { "Carat Weight": "carat" } });
  table.ignoredSentence satisfies string | null;
  // @ts-expect-error a field that no diamond has
  await openTable(file, { map: { weight: "weight" } });
  const rows: TableRow[] = table.next(1_000);
  return loupe.predictBatch(rows.flatMap((row) => ("diamond" in row ? [row.diamond] : []))).length;
}

export async function there(options: WorkerOptions, batch: BatchOptions, worker: AnyWorker): Promise<number> {
  const loupe: LoupeWorker = await loadInWorker({ ...options, worker });
  try {
    const answers: Priced[] = await loupe.predictBatch([stone], batch);
    return answers.length + (await loupe.price(stone));
  } catch (error) {
    return error instanceof LoupeError ? error.errors.length : 0;
  } finally {
    loupe.terminate();
  }
}
