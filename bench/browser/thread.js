/** The time that a page's own thread has computed for, whatever else the machine does. */

export class Thread {
  #session;

  static async of(page) {
    const thread = new Thread();
    thread.#session = await page.context().newCDPSession(page);
    await thread.#session.send("Performance.enable", { timeDomain: "threadTicks" });
    return thread;
  }

  /** What an act gives, and how long the thread computed meanwhile. */
  async during(act) {
    const began_ms = await this.#spent_ms();
    const given = await act();
    return { ...given, thread_ms: (await this.#spent_ms()) - began_ms };
  }

  async #spent_ms() {
    const { metrics } = await this.#session.send("Performance.getMetrics");
    return 1e3 * metrics.find(({ name }) => name === "ThreadTime").value;
  }
}
