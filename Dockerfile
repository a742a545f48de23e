# The server alone; desktops are containers of their own, made through the Docker socket.
# Both bases are plain Debian with Rust or nothing on top; give others with --build-arg.
ARG RUST_IMAGE=rust:1.95-bookworm
ARG BASE_IMAGE=debian:bookworm-slim

FROM ${RUST_IMAGE} AS build
WORKDIR /build
COPY . .
ENV SQLX_OFFLINE=true
RUN cargo build --locked --profile dist --package deskcast

FROM ${BASE_IMAGE}
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --no-create-home deskcast
COPY --from=build /build/target/dist/deskcast /usr/local/bin/deskcast
# The user needs the group of the Docker socket: see group_add in docker-compose.yml.
USER deskcast
ENV LISTEN=127.0.0.1:8080

HEALTHCHECK --interval=10s --timeout=3s --start-period=40s CMD ["deskcast", "healthcheck"]
ENTRYPOINT ["deskcast"]
CMD ["serve"]
