# The two commands of the README, and what they are made of. Every target does the set-up that it needs.

PACKAGES := libsqlite3-dev libcurl4-openssl-dev libssl-dev libjavascriptcoregtk-4.1-dev libseccomp-dev \
	zlib1g-dev esbuild node-lodash node-moment node-typescript node-uuid pkg-config curl openssl ca-certificates \
	bubblewrap python3
SWIFT ?= swift
CHECKED := --explicit-target-dependency-import-check error
PRELUDE := Sources/CPrelude

KILLS ?= 500
IMAGES ?= 20000
STOPS ?= 500
RUNS ?= 100000
KEPT ?= 1000000
SEEDS ?= 200000
FIRST ?= 1
CROWD ?= 100000
FLOOD ?= 50000
TARGET ?= frames
SECONDS ?= 60

.PHONY: help setup build release test crash follow powerloss shutdown freeze simulate storms planted-bugs bench-isolates \
	bench-queue bench-follow bench-retention web-platform-tests fuzz lint format demo prelude connectors clean

help: ## What can be made.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## Install the Debian packages that are missing; does nothing when all are there.
	@missing=$$(for package in $(PACKAGES); do \
		dpkg-query -W -f='$${Status}' $$package 2>/dev/null | grep -q 'ok installed' || echo $$package; done); \
	if [ -n "$$missing" ]; then \
		echo "Installing from Debian:" $$missing; \
		if [ "$$(id -u)" = 0 ]; then root=; \
		elif command -v sudo >/dev/null; then root=sudo; \
		else echo "make setup needs root or sudo to install:" $$missing >&2; exit 1; fi; \
		$$root apt-get update -qq && \
		$$root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing; \
	fi
	@command -v $(SWIFT) >/dev/null || { \
		echo "Swift 6.3 is not on the PATH: install it from https://www.swift.org/install/linux/" >&2; exit 1; }

build: setup ## Build for debugging.
	$(SWIFT) build $(CHECKED)

release: setup ## Build the programs for use.
	$(SWIFT) build -c release --product grapnel-isolate
	$(SWIFT) build -c release --product grapnel-new-customer
	$(SWIFT) build -c release --product grapnel

fuzz: setup ## Feed the readers of what isolates say with what libFuzzer thinks of; TARGET=frames or lines, SECONDS=60.
	GRAPNEL_FUZZ=1 $(SWIFT) build -c release --scratch-path .build/fuzz --product grapnel-fuzz -Xswiftc -sanitize=fuzzer -Xswiftc -Xclang-linker -Xswiftc -fuse-ld=lld
	mkdir -p .build/fuzz/corpus/$(TARGET)
	SWIFT_BACKTRACE=enable=no .build/fuzz/release/grapnel-fuzz $(TARGET) -max_total_time=$(SECONDS) -max_len=4096 \
		-print_final_stats=1 .build/fuzz/corpus/$(TARGET) Tests/Fuzzing/Corpus/$(TARGET)

# Some at a time: all of them are more than some systems let a program open.
SWIFT_FILES := find Package.swift Sources Tests -name '*.swift' -print0

lint: ## Check the format of the Swift files.
	$(SWIFT_FILES) | xargs -0 -n 200 $(SWIFT) format lint --strict --parallel

format: ## Format the Swift files.
	$(SWIFT_FILES) | xargs -0 -n 200 $(SWIFT) format --in-place --parallel

# Each target's tests have a process of their own, and eight at a time run in it: they keep the cores busy, a test that
# waits should wait for itself alone, and 1,024 open files must do.
SUITES := TidyTests GrapnelCoreTests GrapnelCryptoTests GrapnelFormatTests GrapnelQueueTests DiskTests \
	GrapnelIngestTests GrapnelSendTests GrapnelEmulatorTests GrapnelRunTests GrapnelWebTests GrapnelTests \
	SimulationTests EndToEndTests

test: setup lint ## Set up, build, and run every test.
	$(SWIFT) build --build-tests $(CHECKED)
	@for suite in $(SUITES); do echo "== $$suite"; \
		SWIFT_BACKTRACE=enable=no SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH=8 \
			$(SWIFT) test --skip-build --filter "^$$suite\." >.build/$$suite.log 2>&1; code=$$?; \
		cat .build/$$suite.log; \
		if [ $$code != 0 ]; then echo "== What failed in $$suite"; grep -a '✘' .build/$$suite.log; exit $$code; fi; \
	done

crash: setup ## Kill a hub under load KILLS times, and count what is lost or repeated.
	$(SWIFT) build --build-tests $(CHECKED)
	SWIFT_BACKTRACE=enable=no GRAPNEL_TEST_KILLS=$(KILLS) $(SWIFT) test --skip-build --filter '^EndToEndTests\.CrashTests'

powerloss: setup ## Cut the power of the queue IMAGES times, and count what is lost; SEED=number for other days.
	$(SWIFT) build --build-tests $(CHECKED)
	SWIFT_BACKTRACE=enable=no GRAPNEL_TEST_IMAGES=$(IMAGES) $(if $(SEED),GRAPNEL_TEST_SEED=$(SEED)) \
		$(SWIFT) test --skip-build --filter '^DiskTests\.PowerLossTests'

follow: setup ## Kill followed hubs, and what follows them, KILLS times, and restore what was followed.
	$(SWIFT) build --build-tests $(CHECKED)
	SWIFT_BACKTRACE=enable=no GRAPNEL_TEST_FOLLOW_KILLS=$(KILLS) $(SWIFT) test --skip-build \
		--filter '^EndToEndTests\.FollowTests'

shutdown: setup ## Ask a hub under load to end STOPS times, and count what is lost, repeated or tried in vain.
	$(SWIFT) build --build-tests $(CHECKED)
	SWIFT_BACKTRACE=enable=no GRAPNEL_TEST_STOPS=$(STOPS) $(SWIFT) test --skip-build \
		--filter '^EndToEndTests\.ShutdownTests'

freeze: setup ## Take the processor from a hub under load, three times for SECONDS (150 makes leases end and ticks pass).
	$(SWIFT) build --build-tests $(CHECKED)
	SWIFT_BACKTRACE=enable=no GRAPNEL_TEST_FREEZE=$(SECONDS) $(SWIFT) test --skip-build \
		--filter '^EndToEndTests\.FreezeTests'

simulate: setup ## Run SEEDS seeds of a hub on one simulated thread, from FIRST on; a failing seed repeats exactly.
	$(SWIFT) build -c release --product grapnel-simulate
	.build/release/grapnel-simulate --seeds $(SEEDS) --first $(FIRST) --jobs $$(nproc) \
		--commit $$(git rev-parse --short HEAD 2>/dev/null || echo unknown)

storms: setup ## Let CROWD runs wait for a vendor that comes back, and a FLOOD of events come for one recipe, in virtual time.
	$(SWIFT) build -c release --product grapnel-simulate
	.build/release/grapnel-simulate storms --crowd $(CROWD) --flood $(FLOOD)

planted-bugs: setup ## Plant bugs in a copy, one after another, and have the simulation find every one.
	python3 Tests/Simulation/planted-bugs.py --swift $(SWIFT)

bench-isolates: setup ## Measure the isolates on this machine; RUNS=1000000 looks for leaks for longer.
	$(SWIFT) build -c release --product grapnel-isolate
	$(SWIFT) build -c release --product grapnel-bench
	.build/release/grapnel-bench isolates --runs $(RUNS)
	.build/release/grapnel-bench timing

bench-queue: setup ## Measure claiming and finishing with none and with KEPT finished runs kept.
	$(SWIFT) build -c release --product grapnel-bench
	.build/release/grapnel-bench queue --kept $(KEPT)

bench-follow: setup ## Measure accepting with one that follows the hub against without, by turns.
	$(SWIFT) build -c release --product grapnel-bench
	.build/release/grapnel-bench follow

bench-retention: setup ## Measure deleting, and how long one step holds the writer.
	$(SWIFT) build -c release --product grapnel-bench
	.build/release/grapnel-bench retention

web-platform-tests: setup ## Run the public Web Platform Tests of the folder WPT in isolates, and print the score.
	@test -d "$(WPT)/resources" || { echo "say where the tests are: make web-platform-tests WPT=folder" >&2; exit 1; }
	$(SWIFT) build --build-tests $(CHECKED)
	SWIFT_BACKTRACE=enable=no GRAPNEL_WPT=$(abspath $(WPT)) $(SWIFT) test --skip-build \
		--filter '^GrapnelRunTests\.WebPlatformTests'

demo: release ## Build, start the emulators and a hub, and show the main job; ONCE=1 ends by itself.
	ONCE=$(ONCE) ./.demo.sh

prelude: setup ## Bundle the isolates' prelude anew.
	$(PRELUDE)/bundle.sh

connectors: ## List the files of connectors/ anew, for the program to carry with it.
	Sources/CConnectors/list.sh

clean: ## Remove what was built.
	rm -rf .build
