.DEFAULT_GOAL := help

tool := go tool -modfile=tools/go.mod

# How long each fuzz test runs.
FUZZTIME ?= 20s

# How long each runs in make long: of all together, a hundred million executions on a core of their own.
FUZZLONG ?= 3m

# How long the long tests run on each engine.
LONG ?= 1m

# How many random operations the simulation of sales runs.
SIMULATE ?= 10000000

.PHONY: help
help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "%-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: run
run: ## Start a shop to play with on http://127.0.0.1:8080
	go run ./cmd/taphoa serve --demo

.PHONY: build
build: ## Build the program: bin/taphoa, static
	CGO_ENABLED=0 go build -trimpath -ldflags='-s -w' -o bin/taphoa ./cmd/taphoa

.PHONY: dist
dist: ## Build the archives of all systems into dist/, as a release has them (minutes)
	go -C tools run ./release snapshot

.PHONY: test
test: ## Run all tests, on both engines where PostgreSQL is installed (minutes)
	go test ./...
	go -C tools test ./...

.PHONY: lint
lint: ## Run the linters (the first time they are built: some minutes)
	$(tool) golangci-lint run ./...
	go -C tools tool golangci-lint run ./...
	go vet -vettool="$$(go -C tools tool -n scaled)" ./...

.PHONY: fmt
fmt: ## Format the source
	$(tool) golangci-lint fmt ./...

.PHONY: bench
bench: ## Run the benchmarks
	go test -run '^$$' -bench . -benchmem ./...

.PHONY: fuzz
fuzz: ## Run each fuzz test for FUZZTIME (20s); it fails below 10,000 executions a second of one core
	go -C tools run ./fuzz -time $(FUZZTIME)

.PHONY: long
long: ## Race pollers against writers for LONG (1m) an engine, open 10,000 connections, simulate sales, fuzz; docs/long-runs.md has the last result
	go test -count=1 -timeout=0 -v -run 'PollersLoseNothing|IdleConnections' ./internal/api -long $(LONG)
	go test -count=1 -timeout=0 -v -run 'RandomOperations' ./internal/sales/plan -simulate $(SIMULATE)
	go test -count=1 -timeout=0 -v -run 'SimulatedSales' ./internal/sales -replay 10000
	go test -count=1 -timeout=0 -run 'Transcripts|Breaks|Retried|Stale|DryRun|NoStep' ./internal/api -thorough
	go -C tools run ./fuzz -time $(FUZZLONG)
	go run ./bench -only desk,mirror

.PHONY: plans
plans: ## Measure all lists on 100,000 products and 200,000 invoices (an hour); docs/long-runs.md has the dearest
	go test -count=1 -timeout=0 -v -run 'NoListWalks|PlansOfAnEmptyShop' ./internal/api -long 1m -dearest 20

# behind prints the direct dependencies and the tools of the module in a folder that have a newer version. That of
# modernc.org/libc is the one that the go.mod of modernc.org/sqlite names.
define behind
	@timeout 60 sh -c 'set -e; \
		direct=$$(go -C $(1) list -m -f "{{if not (or .Main .Indirect)}}{{.Path}}{{end}}" all); \
		tools=$$(go -C $(1) list -f "{{with .Module}}{{if not .Main}}{{.Path}}{{end}}{{end}}" tool 2>/dev/null); \
		newer=$$(go -C $(1) list -m -u -f "{{with .Update}}{{.Path}} {{$$.Version}} is behind {{.Version}}{{end}}" $$direct $$tools); \
		printf "%s\n" "$$newer" | grep -v "^modernc.org/libc " | grep . || echo "$(1)/go.mod: nothing is behind"' \
		|| echo "$(1)/go.mod: not known what is behind, the module proxy did not answer"
endef

# Where make pictures draws all pages of the desk.
PICTURES ?= /tmp/taphoa-pictures

.PHONY: pictures
pictures: ## Draw all pages of the desk into PICTURES (/tmp/taphoa-pictures), and the chosen ones into docs/console
	go test -count=1 -timeout=20m -run '^TestPictures$$' ./cmd/taphoa -pictures $(PICTURES) -keep $(CURDIR)/docs/console

.PHONY: deps
deps: ## Show the dependencies that are behind, and fail for known vulnerabilities in what the program calls
	$(call behind,.)
	$(call behind,tools)
	@found=$$(timeout 300 $(tool) govulncheck ./... 2>&1); code=$$?; case "$$code $$found" in \
		124*|*"fetching vulnerabilities"*) echo "govulncheck: not run, its database (vuln.go.dev) cannot be had here" ;; \
		*) printf '%s\n' "$$found"; exit $$code ;; \
	esac

.PHONY: check
check: ## What to run before a commit: vet, lint, test
	go vet ./...
	@$(MAKE) --no-print-directory lint test

.PHONY: ci
ci: ## Run exactly what CI runs
	bash .ci/run
