/** UTF-8 for the wasm's bindings: the platform's own, or a slow one where there is none, as in jsdom. */

/** The part of `TextDecoder` that the bindings use. */
interface Decoder {
  decode(bytes?: Uint8Array): string;
}

/** The part of `TextEncoder` that the bindings use. */
interface Encoder {
  encode(text: string): Uint8Array;
}

class SlowDecoder implements Decoder {
  decode(bytes: Uint8Array = new Uint8Array()): string {
    let escaped = "";
    for (const byte of bytes) escaped += `%${byte.toString(16).padStart(2, "0")}`;
    return decodeURIComponent(escaped);
  }
}

class SlowEncoder implements Encoder {
  encode(text: string): Uint8Array {
    // Half of a surrogate pair has no UTF-8.
    const escaped = encodeURIComponent(text.replace(/\p{Surrogate}/gu, "\ufffd"));
    const bytes: number[] = [];
    for (const [piece] of escaped.matchAll(/%..|[^%]/g)) {
      bytes.push(piece.length === 1 ? piece.charCodeAt(0) : Number(`0x${piece.slice(1)}`));
    }
    return Uint8Array.from(bytes);
  }
}

const platform = globalThis as {
  TextDecoder?: new (label: string, options: { ignoreBOM: boolean }) => Decoder;
  TextEncoder?: new () => Encoder;
};

/** `TextDecoder`, which the bindings import under this name. */
export const TextDecoder = platform.TextDecoder ?? SlowDecoder;
/** `TextEncoder`, which the bindings import under this name. */
export const TextEncoder = platform.TextEncoder ?? SlowEncoder;
