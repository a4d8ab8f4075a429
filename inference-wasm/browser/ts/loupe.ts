/** A loaded model. */

import { LoupeError, type FieldError } from "./errors.js";
import { bytes, own, type Bytes } from "./file.js";
import { loaded } from "./sample-index.js";
import type { Diamond, Explanation, FourCs, ModelInfo, Prediction, Priced, Sample, Similar } from "./types.js";
import { unwrap, init, asLoupeError } from "./wasm.js";
import { Model } from "./wasm/loupe.js";

/**
 * Loads a model, and starts the wasm if `init` has not done so. Every call loads a new one.
 *
 * @param modelBytes the blob of another model, as `trainer export` writes it. The default is the bundled champion.
 * @throws {@link LoupeError} if the bytes are not a model.
 * @throws TypeError if the argument is not bytes.
 *
 * @example
 * ```js
 * const loupe = await load();
 * loupe.predict({ carat: 0.7, cut: "Ideal", color: "G", clarity: "VS1" }).price;
 * ```
 */
export async function load(modelBytes?: Bytes): Promise<Loupe> {
  // Written as a literal, so that bundlers find the file and include it.
  const blob = modelBytes ?? own("champion.loupe", () => new URL("./champion.loupe", import.meta.url));
  // Load both at the same time: they are independent.
  const [bytes] = await Promise.all([blob, init()]);
  return Loupe.of(bytes);
}

/** A loaded model. {@link load} makes one. */
export class Loupe {
  /** The model's id, family and metrics. */
  readonly model: ModelInfo;
  readonly #model: Model;

  private constructor(blob: Bytes) {
    const loaded = bytes(blob);
    this.#model = asLoupeError(() => new Model(loaded));
    this.model = Object.freeze(this.#model.about() as ModelInfo);
  }

  /** @internal Use `load`. */
  static of(blob: Bytes): Loupe {
    return new Loupe(blob);
  }

  /**
   * The price of a diamond.
   *
   * @throws {@link LoupeError} naming every field that is wrong.
   *
   * @example
   * ```js
   * const { price, range, warnings } = loupe.predict({ carat: 0.7, cut: "Ideal", color: "G", clarity: "VS1" });
   * ```
   */
  predict(diamond: Diamond): Prediction {
    return this.#finish(this.#model.predict(diamond) as Answer);
  }

  /**
   * The price of a diamond, not rounded, as a number: equal to the bit to the one that the trainer's command
   * line prints. {@link Loupe.predict} rounds it and adds range and warnings. A linear model may price below 0.
   *
   * @throws {@link LoupeError} naming every field that is wrong.
   */
  price(diamond: Diamond): number {
    const answer = this.#model.price(diamond) as number | { errors: FieldError[] };
    if (typeof answer === "object") throw LoupeError.of(answer.errors);
    return answer;
  }

  /**
   * The price of each diamond, in order. A bad one gives an error in its place and does not affect the others.
   *
   * @throws {@link LoupeError} if `diamonds` is not a list.
   *
   * @example
   * ```js
   * for (const answer of loupe.predictBatch(diamonds)) {
   *   if ("error" in answer) console.log(answer.error.errors);
   *   else console.log(answer.price);
   * }
   * ```
   */
  predictBatch(diamonds: readonly Diamond[]): Priced[] {
    if (!Array.isArray(diamonds)) {
      const allowed = "[{carat, cut, color, clarity, …}, …]";
      throw LoupeError.of([{ field: "diamonds", message: "must be a list", value: typeof diamonds, allowed }]);
    }
    const answers = this.#model.predictBatch(diamonds as unknown[]) as Answer[];
    return answers.map((answer) =>
      "errors" in answer ? { error: LoupeError.of(answer.errors) } : this.#finish(answer),
    );
  }

  /**
   * Explains a price: first the price of the average stone, then what each feature of this one adds or subtracts. The
   * effects add up to the price to the cent.
   *
   * @throws {@link LoupeError} naming every field that is wrong, or no field if the model gives the diamond no finite price.
   */
  explain(diamond: Diamond): Explanation {
    const { explanation } = unwrap(
      this.#model.explain(diamond) as { explanation: Explanation | null } | { errors: FieldError[] },
    );
    if (!explanation) throw new LoupeError(`model ${this.model.id} gives this diamond no finite price`);
    return explanation;
  }

  /**
   * The n stones of the data set with the same cut, color and clarity and the nearest carat, nearest first, as the API's
   * `/v1/similar` returns them, each with its other listings. Call `loadSamples()` first.
   *
   * @param diamond its four Cs; other fields are ignored.
   * @param n 1 to 100.
   * @throws {@link LoupeError} naming every field that is wrong, or no field if no samples are loaded.
   */
  similar(diamond: FourCs, n = 5): Similar {
    return unwrap(loaded().similar(diamond, n) as Similar | { errors: FieldError[] });
  }

  /**
   * All stones of the data set with the same cut, color and clarity, ordered by carat. Call `loadSamples()` first.
   *
   * @param diamond its four Cs; other fields are ignored.
   * @throws {@link LoupeError} as {@link Loupe.similar} does.
   */
  ofKind(diamond: FourCs): Sample[] {
    return unwrap(loaded().ofKind(diamond) as { diamonds: Sample[] } | { errors: FieldError[] }).diamonds;
  }

  #finish(answer: Answer): Prediction {
    return { ...unwrap(answer), model: { id: this.model.id, family: this.model.family } };
  }
}

/** The answers of the wasm. */
type Answer = Omit<Prediction, "model"> | { errors: FieldError[] };
