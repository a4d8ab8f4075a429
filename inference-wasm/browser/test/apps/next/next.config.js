/** Nothing in here is for loupe-diamonds: the test links Next and React into this folder from outside of it. */
export default {
  turbopack: { root: "/" },
};
