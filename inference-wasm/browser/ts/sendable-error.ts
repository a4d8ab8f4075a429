/** A `LoupeError` as it can be sent: cloning an error loses its class and its `errors`. */

import { LoupeError, type FieldError } from "./errors.js";

/** What is left of a `LoupeError` on its way. */
export interface SendableError {
  message: string;
  errors: readonly FieldError[];
}

/** To be sent. */
export function toSendable({ message, errors }: LoupeError): SendableError {
  return { message, errors };
}

/** Sent, and whole again. */
export function fromSendable({ message, errors }: SendableError): LoupeError {
  return new LoupeError(message, errors);
}
