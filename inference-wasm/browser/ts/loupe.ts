/** A model at work. */

import { LoupeError, type FieldError } from "./errors.js";
import { bytes, own, type Bytes } from "./file.js";
import { loaded } from "./sample-index.js";
import type { Diamond, Explanation, FourCs, ModelInfo, Prediction, Priced, Sample, Similar } from "./types.js";
import { unwrap, init, asLoupeError } from "./wasm.js";
import { Model } from "./wasm/loupe.js";

/**
 * Makes a model ready, starting the wasm if `init` has not. Every call makes a new one.
 *
 * @param modelBytes the blob of another model, as `trainer export` writes it; without it the bundled champion.
 * @throws {@link LoupeError} when the bytes are no model.
 * @throws TypeError when they are no bytes.
 *
 * @example
 * ```js
 * const loupe = await load();
 * loupe.predict({ carat: 0.7, cut: "Ideal", color: "G", clarity: "VS1" }).price;
 * ```
 */
export async function load(modelBytes?: Bytes): Promise<Loupe> {
  // Spelt out, so that bundlers see the file and carry it along.
  const blob = modelBytes ?? own("champion.loupe", new URL("./champion.loupe", import.meta.url));
  // Both at once: neither needs the other to be on its way.
  const [bytes] = await Promise.all([blob, init()]);
  return Loupe.of(bytes);
}

/** A model at work. {@link load} makes one. */
export class Loupe {
  /** What the model says of itself. */
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
   * The value of a diamond.
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
   * The bare price of a diamond in dollars, not rounded: to the bit the one that the trainer's command line prints. For
   * computing on; people want {@link Loupe.predict}. A linear model may price below 0.
   *
   * @throws {@link LoupeError} naming every field that is wrong.
   */
  price(diamond: Diamond): number {
    const answer = this.#model.price(diamond) as number | { errors: FieldError[] };
    if (typeof answer === "object") throw LoupeError.of(answer.errors);
    return answer;
  }

  /**
   * The value of each diamond, in order; a bad one leaves its error and does not disturb the others.
   *
   * @throws {@link LoupeError} when `diamonds` is no list.
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
   * Why a diamond has its price: first the average stone, then what each feature of this one adds or takes away. The
   * effects add up to the price to the cent.
   *
   * @throws {@link LoupeError} naming every field that is wrong, or none where the model has no price for the diamond.
   */
  explain(diamond: Diamond): Explanation {
    const { explanation } = unwrap(
      this.#model.explain(diamond) as { explanation: Explanation | null } | { errors: FieldError[] },
    );
    if (!explanation) throw new LoupeError(`model ${this.model.id} gives this diamond no finite price`);
    return explanation;
  }

  /**
   * The n stones of the data set with the same cut, color and clarity whose carat is nearest, the nearest first: what the
   * API's `/v1/similar` finds. After `loadSamples()`.
   *
   * @param diamond its four Cs; what else it says is passed over.
   * @param n 1 to 100.
   * @throws {@link LoupeError} naming every field that is wrong, or none where no samples are loaded.
   */
  similar(diamond: FourCs, n = 5): Similar {
    return unwrap(loaded().similar(diamond, n) as Similar | { errors: FieldError[] });
  }

  /**
   * All stones of the data set with the same cut, color and clarity, by carat. After `loadSamples()`.
   *
   * @param diamond its four Cs; what else it says is passed over.
   * @throws {@link LoupeError} as {@link Loupe.similar} does.
   */
  ofKind(diamond: FourCs): Sample[] {
    return unwrap(loaded().ofKind(diamond) as { diamonds: Sample[] } | { errors: FieldError[] }).diamonds;
  }

  #finish(answer: Answer): Prediction {
    return { ...unwrap(answer), model: { id: this.model.id, family: this.model.family } };
  }
}

/** What the wasm answers. */
type Answer = Omit<Prediction, "model"> | { errors: FieldError[] };
