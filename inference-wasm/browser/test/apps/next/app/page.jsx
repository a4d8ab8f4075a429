import { load, loadSamples, LoupeError } from "loupe-diamonds";
import { ask } from "../ask.js";
import { Answers } from "./answers.jsx";

// For every request, so that the running server answers and not only the build.
export const dynamic = "force-dynamic";

export default async function Page() {
  const server = await ask({ load, loadSamples, LoupeError });
  return (
    <>
      <pre id="server">{JSON.stringify(server)}</pre>
      <Answers />
    </>
  );
}
