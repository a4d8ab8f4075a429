/** Measures the processor time of a page's own thread. */

export class ThreadTime {
  #session;

  static async of(page) {
    const thread = new ThreadTime();
    thread.#session = await page.context().newCDPSession(page);
    await thread.#session.send("Performance.enable", { timeDomain: "threadTicks" });
    return thread;
  }

  /** The result of an action, with the time that the thread computed meanwhile. */
  async during(action) {
    const began_ms = await this.#spent_ms();
    const result = await action();
    return { ...result, thread_ms: (await this.#spent_ms()) - began_ms };
  }

  async #spent_ms() {
    const { metrics } = await this.#session.send("Performance.getMetrics");
    return 1e3 * metrics.find(({ name }) => name === "ThreadTime").value;
  }
}
