# What a person types. `make` alone prints the list; the shell pieces are in scripts/.

CARGO ?= cargo
SEEDS ?= 1000
TARGET ?= ach_file
SECONDS ?= 60

.DEFAULT_GOAL := help
.PHONY: help run test screenshots bench simulate fuzz fmt lint deny clean

help: ## print this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | \
		awk -F ':.*## ' '{ printf "  make %-12s %s\n", $$1, $$2 }'

run: ## build and start the server, print a key and a first payment to try
	$(CARGO) build --release --package vasool
	@scripts/run

test: ## install what the tests need, then run all of them (SQLite and PostgreSQL)
	scripts/setup-system
	scripts/setup-clients
	$(CARGO) build --package vasool
	scripts/pg with scripts/test

screenshots: ## take the pictures of the README anew
	SCREENSHOTS=$(CURDIR)/docs/images $(CARGO) test --package vasool --test it -- \
		browser::the_pages_of_the_dashboard browser::the_pages_of_the_console

bench: ## measure the server on both databases, as numbers and as ratios
	scripts/setup-system
	$(CARGO) build --release --package vasool --package vasool-bench
	scripts/bench

simulate: ## run the simulation with SEEDS=n random worlds (default 1000)
	SIMULATION_SEEDS=$(SEEDS) $(CARGO) test --release --package vasool --test simulation -- --nocapture

fuzz: ## look SECONDS=n for bytes that break the reader TARGET=name (docs/fuzzing.md)
	mkdir -p fuzz/corpus/$(TARGET)
	$(CARGO) +nightly fuzz run $(TARGET) fuzz/corpus/$(TARGET) fuzz/seeds/$(TARGET) -- \
		-max_total_time=$(SECONDS) -max_len=20000 -timeout=10

fmt: ## format the code
	$(CARGO) fmt --all

lint: ## check format and lints, warnings are errors
	$(CARGO) fmt --all --check
	$(CARGO) clippy --workspace --all-targets -- -D warnings

deny: ## check licences, advisories and sources of the dependencies
	$(CARGO) deny check

clean: ## remove everything that was built or installed here (not ./data)
	$(CARGO) clean
	rm -rf .tools tests/clients/node/node_modules tests/browser/node_modules
