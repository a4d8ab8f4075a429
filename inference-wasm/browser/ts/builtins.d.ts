// The few types of Node that are used, so that the package does not depend on `@types/node`.
declare module "node:fs" {
  export function existsSync(file: URL): boolean;
}

declare module "node:worker_threads" {
  export interface Port {
    postMessage(message: unknown): void;
    on(event: "message", listener: (message: unknown) => void): void;
    on(event: "error" | "messageerror", listener: (error: Error & { code?: string }) => void): void;
    on(event: "exit", listener: (status: number) => void): void;
  }
  export interface Worker extends Port {
    terminate(): Promise<unknown>;
    ref(): void;
    unref(): void;
  }
  export const Worker: new (file: URL | string, options: { execArgv: string[] }) => Worker;
  export const parentPort: Port | null;
}
