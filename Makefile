# Every target is one thought; anything longer than two lines is a Go program or a test.

RACE_PKGS   ?= ./domain/... ./eventstore/... ./projections/... ./api/...
KILL_ROUNDS ?= 30
ARGS        ?=

LINT      := bin/tools/golangci-lint
BENCHSTAT := bin/tools/benchstat
WITH_BIN  := CERTLEDGER_BIN=$(CURDIR)/bin/certledger

.DEFAULT_GOAL := help
.PHONY: help run test race lint fmt check bench microbench e2e kill build clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9]+:.*## /{printf "  %-11s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

run: build ## serve a seeded example from one embedded node (ARGS="..." passes flags on)
	bin/certledger demo $(ARGS)

test: ## run every test
	go test ./...

race: ## run the packages' tests under the race detector (needs a C compiler)
	CGO_ENABLED=1 go test -race $(RACE_PKGS)

lint: $(LINT) ## check form and imports; the first run builds the linter, about two minutes
	$(LINT) run

fmt: $(LINT) ## rewrite the sources in the project's form
	$(LINT) fmt

check: lint test ## what must pass before every commit

bench: build ## measure the real binary; one JSON line a figure in build/bench.jsonl
	@mkdir -p build
	bin/certledger bench --out build/bench.jsonl $(ARGS)

microbench: $(BENCHSTAT) ## run the Go benchmarks; compares with build/micro.before.txt where there is one
	@mkdir -p build
	go test -run '^$$' -bench . -benchmem -count 6 ./... >build/micro.txt
	$(BENCHSTAT) $(wildcard build/micro.before.txt) build/micro.txt

e2e: build ## run the scripts, the demo and everything that was verified elsewhere against the real binaries
	$(WITH_BIN) go test ./cmd/certledger -run 'Script|Demo|Elsewhere|Rotated' -count=1

kill: build ## kill and restart the real binary KILL_ROUNDS times; nothing acknowledged may be missing
	$(WITH_BIN) go test ./cmd/certledger -run TestKill -count=1 -timeout 30m -kill-rounds=$(KILL_ROUNDS)

build: ## put static binaries into bin/
	CGO_ENABLED=0 go build -trimpath -ldflags '-s -w' -o bin/ ./cmd/...

clean: ## remove what make has built, the linter included
	rm -rf bin build

bin/tools/%: tools/go.mod tools/go.sum
	GOBIN=$(CURDIR)/bin/tools CGO_ENABLED=0 go -C tools install -trimpath $(filter %/$*,$(shell go -C tools list -f '{{.ImportPath}}' tool))
	@touch $@
