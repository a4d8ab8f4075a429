/** Converts a `LoupeError` to a form that can be sent, since cloning an error loses its class and its `errors`. */

import { LoupeError, type FieldError } from "./errors.js";

/** The parts of a `LoupeError` that are sent. */
export interface SendableError {
  message: string;
  errors: readonly FieldError[];
}

/** Converts an error for sending. */
export function toSendable({ message, errors }: LoupeError): SendableError {
  return { message, errors };
}

/** Makes an error from what was sent. */
export function fromSendable({ message, errors }: SendableError): LoupeError {
  return new LoupeError(message, errors);
}
