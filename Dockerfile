# One program, the certificates to deliver webhooks over HTTPS with, a volume, and nothing else. The first time:
#
#   docker build -t taphoa .
#   docker run --rm -v taphoa:/data taphoa shop create cobien "Tạp hóa Cô Biển"
#   docker run --rm -v taphoa:/data taphoa client create --name "Web shop"
#   docker run -d --name taphoa --restart unless-stopped -p 127.0.0.1:8080:8080 -v taphoa:/data taphoa
#
# The image starts serve, which makes no database: with a volume that was not mounted it fails, instead of selling into
# an empty one. A directory of the host in place of the volume belongs to the user 65532. Tests of another program start
#
#   docker run --rm --network host taphoa serve --demo --addr 127.0.0.1:8080

FROM --platform=$BUILDPLATFORM golang:1.26.8 AS build
ARG TARGETOS TARGETARCH
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH go build -trimpath -ldflags='-s -w' -o /image/taphoa ./cmd/taphoa
RUN install -D -m 644 /etc/ssl/certs/ca-certificates.crt /image/etc/ssl/certs/ca-certificates.crt \
    && install -d -m 700 /owned/data && install -d -m 1777 /owned/tmp

FROM scratch
COPY --from=build /image /
COPY --from=build --chown=65532:65532 /owned /
USER 65532:65532
WORKDIR /data
VOLUME /data
ENV TAPHOA_ADDR=:8080
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=6s --start-period=30s CMD ["/taphoa", "health"]
ENTRYPOINT ["/taphoa"]
CMD ["serve"]
