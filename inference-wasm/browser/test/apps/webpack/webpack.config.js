/** Nothing in here is for loupe-diamonds. */
export default {
  mode: "production",
  entry: "./src/main.js",
};
