# What there is to make:
#   make setup      install what the build needs and the machine lacks
#   make build      build the program, optimised: .build/release/weft, and libraries for the MPIs that are installed
#   make build-c    build the library for C: .build/release/libWeftC.so, with Sources/WeftC/include/weft.h
#   make demo       train a character model on Shakespeare, evaluate it and write with it
#   make test       check the style, build the tests, optimized, run them, also over MPI, and list what was skipped
#   make test-mpi   run the tests over MPI alone
#   make bench      compare with PyTorch and Keras: docs/benchmarks.md and its picture; takes an hour
#   make experiments  why gated cells exist: draws docs/images/gradients-*.svg; takes hours, with LENGTHS=100 minutes
#   make interop    send models through Keras, PyTorch and ONNX Runtime, both ways, and print the differences
#   make fuzz       run the program on thousands of damaged files; takes half an hour
#   make fuzz-coverage  fuzz the readers with libFuzzer, a minute each
#   make survival   kill a run a hundred times, and resume it from thousands of states that a power failure leaves
#   make cluster    train in a Slurm cluster of this machine alone, with jobs, ranks and nodes that fail; needs root
#   make soak       train for an hour on 10 GB while faults are injected, and watch memory and open files
#   make sanitize   run the tests under the thread and the address sanitizer; takes hours
#   make install    install under PREFIX (/usr/local), in DESTDIR if set; make uninstall removes it
#   make dist       make a relocatable archive, .build-package/weft-VERSION-linux-MACHINE.tar.gz; make deb a Debian package
#   make wheel      make a Python package that carries the program
#   make python-test  test the Python package with the built program
#   make try-install  run archive, Debian package, wheel and container recipes in bare roots; needs root
#   make document   build all pages and the reference of the Swift library into a site, .build/site, and check links
#   make site       the same without the reference, in seconds
#   make clean      remove everything that was built; runs stay
#
# Presumed: a Swift toolchain, git, and for the tests Python 3 with its venv module. THREADS=N limits the threads of
# the demo. PROGRAM=PATH packages and tests a program that is built already, CHECKOUTS=FOLDER being the Swift packages
# that it was built from.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := build

sources := $(wildcard Sources Tests Examples)
weft := .build/release/weft
run := runs/shakespeare
threads := $(if $(THREADS),--threads $(THREADS))
# A run that was interrupted goes on where it stopped.
resume = $(if $(wildcard $(run)/checkpoint-*.h5),--resume)

# Tests need symbols that a release build drops, and sanitizers code of their own: each has a folder, so that
# none makes the others build anew.
test_flags := -c release -Xswiftc -enable-testing --scratch-path .build-test
# Product by product: `--build-tests` would also build protoc, which swift-protobuf has beside its library, in ten
# minutes.
test_products := weftPackageTests weft WeftC weft-fuzz weft-experiments CharacterModel InMemory OwnCell
build_tests = for product in $(test_products); do swift build --product $$product $(test_flags); done; \
  Scripts/mpi-libraries .build-test/release


version := $(shell sed -n 's/.*weftVersion = "\(.*\)"/\1/p' Sources/WeftBase/Version.swift)
packages := .build-package
tree := $(packages)/weft-$(version)-linux-$(shell uname -m)
CHECKOUTS ?= .build/checkouts
PREFIX ?= /usr/local

.PHONY: setup setup-mpi build demo build-c test test-mpi bench experiments interop fuzz fuzz-coverage survival soak sanitize document site clean
.PHONY: tree install uninstall dist deb wheel python-test try-install

setup:
	@Scripts/setup

build: setup
	swift build -c release --product weft
	@Scripts/mpi-libraries .build/release

build-c: setup
	swift build -c release --product WeftC

demo: build
	$(weft) train datasets/shakespeare/train.yaml --output $(run) $(resume) $(threads)
	$(weft) evaluate $(run) --split test $(threads)
	$(weft) generate $(run) --prompt 'ROMEO.' --length 600 --temperature 0.8 --top-k 40 --top-p 0.95 --seed 7

test: setup-mpi
	swift format lint --strict -r $(sources)
	Scripts/python
	Scripts/graph --check
	Scripts/links
	@$(build_tests)
	Scripts/document $(test_flags)
	WEFT_PYTHON=$$(Scripts/python) Scripts/test $(test_flags)

test-mpi: setup-mpi
	@$(build_tests)
	swift test --skip-build $(test_flags) --filter 'MPITests|MPILibraryTests|NamespaceTests|RankFaultTests'

setup-mpi:
	Scripts/setup mpi

bench: build
	Benchmarks/peers/setup.sh
	Benchmarks/.venv/bin/python Benchmarks/peers/run_all.py --markdown docs/benchmarks.md \
	  --notes docs/notes --images docs/images

experiments: lengths = $(if $(LENGTHS),--lengths $(LENGTHS))
experiments: setup
	swift build -c release --product weft-experiments
	.build/release/weft-experiments --problems adding $(lengths) --output docs/images $(threads)
	.build/release/weft-experiments --problems copying $(lengths) --hidden 128 --steps 8000 \
	  --learning-rate 0.003 --output docs/images $(threads)

interop_tests := InteropTests|ArchitectureTests|(Cell|EncoderDecoder)ExportTests|largeNetworksGiveTheSame|categoriesInPyTorch
# WEFT_INTEROP_PYTHON may name a Python that has all of Tests/Interop/requirements.txt.
interop: python := $(or $(WEFT_INTEROP_PYTHON),$(CURDIR)/.build-interop/bin/python)
interop: setup-mpi
	$(if $(WEFT_INTEROP_PYTHON),,Tests/Interop/setup.sh .build-interop)
	@$(build_tests)
	WEFT_INTEROP_PYTHON=$(python) swift test --skip-build $(test_flags) --filter '$(interop_tests)'

# On damaged files, and on well-formed ones that lie.
fuzz: build
	swift build -c release --product weft-fuzz
	rm -rf .build/fuzz-lies
	$$(Scripts/python) Tests/Fuzz/make_corpus.py random .build/fuzz-lies 2000 1
	.build/release/weft-fuzz datasets checkpoints configurations models arrays tables media subwords logs \
		.build/fuzz-lies

fuzz-coverage: setup
	Scripts/fuzz-coverage

survival: setup-mpi
	@$(build_tests)
	WEFT_PYTHON=$$(Scripts/python) WEFT_KILLS=$${WEFT_KILLS:-100} WEFT_CRASH_STATES=$${WEFT_CRASH_STATES:-3000} \
	  swift test --skip-build $(test_flags) --filter 'KillTests|CrashStateTests'

# Installs Slurm and munge, of which the tests start daemons of their own.
cluster: as_root = $(if $(filter 0,$(shell id -u)),,sudo)
cluster: setup-mpi build
	Scripts/setup cluster
	$(as_root) Tests/Cluster/slurm.sh 3 python3 Tests/Cluster/batch_jobs.py $(weft)
	$(as_root) env SECONDS_STOPPED=$${SECONDS_STOPPED:-60} python3 Tests/Cluster/rank_faults.py $(weft)

# WEFT_SOAK_SECONDS and WEFT_SOAK_GIGABYTES set other sizes; the data are in TMPDIR. Filling a disk needs root.
soak: setup-mpi build
	$$(Scripts/python) Tests/Survival/soak.py .build/release/weft $${WEFT_SOAK_SECONDS:-3600} \
	  $${WEFT_SOAK_GIGABYTES:-10}

sanitize: setup
	Scripts/sanitize thread
	Scripts/sanitize address

tree: $(if $(PROGRAM),,build build-c)
	mkdir -p $(packages)
	Scripts/packaging/tree $(or $(PROGRAM),$(weft)) $(CHECKOUTS) $(tree) >$(packages)/glibc

# Packages have the libraries of all MPIs; `make install` those of the MPIs that are installed.
dist deb wheel: setup-mpi

install: tree
	Scripts/packaging/install $(tree) $(DESTDIR)$(PREFIX)

uninstall:
	Scripts/packaging/uninstall $(DESTDIR)$(PREFIX)

dist: tree
	tar --create --gzip --sort=name --owner=0 --group=0 --numeric-owner --mtime=@$$(git log -1 --format=%ct) \
	  --directory $(packages) --file $(tree).tar.gz $(notdir $(tree))

deb: tree
	Scripts/packaging/deb $(tree) $(version) $$(cat $(packages)/glibc) \
	  $(packages)/weft_$(version)_$$(dpkg --print-architecture).deb

wheel: tree
	Scripts/packaging/wheel $(tree) $(packages)

python-test: $(if $(PROGRAM),,build)
	Python/test $(or $(PROGRAM),$(weft))

# ROOTS names releases, such as debian-12, of those that Scripts/packaging/try-install lists.
try-install: dist deb wheel
	Scripts/packaging/try-install $(tree) $(ROOTS)

document: setup
	Scripts/document
	Scripts/site

site:
	Scripts/site

clean:
	rm -rf .build .build-*
