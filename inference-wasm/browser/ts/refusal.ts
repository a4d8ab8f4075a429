/** A `LoupeError` as it can be sent: cloning an error loses its class and its `errors`. */

import { LoupeError } from "./errors.js";
import type { FieldError } from "./types.js";

/** What is left of a `LoupeError` on its way. */
export interface Refusal {
  message: string;
  errors: readonly FieldError[];
}

/** To be sent. */
export function refusal({ message, errors }: LoupeError): Refusal {
  return { message, errors };
}

/** Sent, and whole again. */
export function restored({ message, errors }: Refusal): LoupeError {
  return new LoupeError(message, errors);
}
