/** The package's error, with one entry per bad field. */

/** The error of one field. */
export interface FieldError {
  /** The name of the field, or empty if the error concerns the whole diamond. */
  field: string;
  /** What is wrong, as a sentence that begins with the field's name would end. */
  message: string;
  /** The value as given, or empty if there was none. */
  value: string;
  /** The allowed values. */
  allowed: string;
}
/** An error that the caller can correct. `errors` names every bad field, as the API's problems do. */
export class LoupeError extends Error {
  override readonly name = "LoupeError";
  /** One entry for every bad field, or none if no field caused the error. */
  readonly errors: readonly FieldError[];

  /**
   * @param message for people.
   * @param errors one for every bad field.
   */
  constructor(message: string, errors: readonly FieldError[] = []) {
    super(message);
    this.errors = errors;
  }

  /** Makes the error of bad fields, with a sentence for each. */
  static of(errors: readonly FieldError[]): LoupeError {
    const sentences = errors.map(({ field, message, value, allowed }) => {
      const given = value === "" ? "" : `, not ${JSON.stringify(value)}`;
      return `${field === "" ? "" : `${field}: `}${message}${given}; allowed: ${allowed}`;
    });
    return new LoupeError(sentences.join("\n"), errors);
  }
}
