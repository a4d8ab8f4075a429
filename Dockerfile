# syntax=docker/dockerfile:1
# Serves the page and the API on port 3000; the database is in the volume /loupe/.spin.
#
#   docker build --tag loupe .
#   docker run --publish 3000:3000 --volume loupe:/loupe/.spin loupe

FROM node:20-bookworm-slim AS node

FROM rust:1.95-bookworm AS build
COPY --from=node /usr/local/bin/node /usr/local/bin/
COPY --from=node /usr/local/lib/node_modules /usr/local/lib/node_modules
RUN ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm \
    && ln -s ../lib/node_modules/npm/bin/npx-cli.js /usr/local/bin/npx
WORKDIR /loupe
COPY . .
# What is built lies in a cache that the image does not see, so what is served is copied out.
RUN --mount=type=cache,target=/usr/local/cargo/registry --mount=type=cache,target=/loupe/target \
    cargo xtask build \
    && install -D --target-directory=/out/bin target/release/edge-host target/release/trainer \
    && install -D --mode=644 --target-directory=/out/wasm target/wasm32-wasip2/edge/inference_wasm.wasm

FROM debian:bookworm-slim
# For a libsql server over TLS, and for the threads of the trainer's XGBoost.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates libgomp1 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /loupe loupe \
    && install --directory --owner=loupe /loupe/.spin
WORKDIR /loupe
COPY --from=build /out/bin /usr/local/bin/
COPY --from=build /out/wasm target/wasm32-wasip2/edge/
COPY --from=build /loupe/web-demo/dist web-demo/dist
COPY migrations migrations
COPY models models
COPY data data
COPY spin.toml LICENSE-MIT LICENSE-APACHE ./
COPY --chmod=755 deploy/entrypoint.sh /usr/local/bin/entrypoint
USER loupe
VOLUME /loupe/.spin
EXPOSE 3000
ENTRYPOINT ["entrypoint"]
CMD ["edge-host", "serve", "--listen", "0.0.0.0:3000"]
