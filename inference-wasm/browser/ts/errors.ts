/** The package's error, and what it says of each field. */

/** What is wrong with one field. */
export interface FieldError {
  /** Its name; empty where the whole is wrong. */
  field: string;
  /** What is wrong, as the end of a sentence that begins with the field. */
  message: string;
  /** As it was given; empty where nothing was. */
  value: string;
  /** What would be right. */
  allowed: string;
}
/** Something that the caller can put right; `errors` names every bad field, as the API's problems do. */
export class LoupeError extends Error {
  override readonly name = "LoupeError";
  /** One entry for every bad field; empty where no field is to blame. */
  readonly errors: readonly FieldError[];

  /**
   * @param message for people.
   * @param errors one for every bad field.
   */
  constructor(message: string, errors: readonly FieldError[] = []) {
    super(message);
    this.errors = errors;
  }

  /** The error of bad fields, with a sentence for each. */
  static of(errors: readonly FieldError[]): LoupeError {
    const sentences = errors.map(({ field, message, value, allowed }) => {
      const given = value === "" ? "" : `, not ${JSON.stringify(value)}`;
      return `${field === "" ? "" : `${field}: `}${message}${given}; allowed: ${allowed}`;
    });
    return new LoupeError(sentences.join("\n"), errors);
  }
}
