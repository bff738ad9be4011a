# One command each, all set-up included. `make` alone prints this list.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
TORCH  := 2.13.0
CLARITY := 0.9.0
EXECUTIONS := 100000
# Two processes, each with files of its own; what uses OpenVINO still comes last in each.
BY_TWO := -n 2 --dist loadfile
PIP     = $(BIN)/python -m pip --disable-pip-version-check install --quiet

help: ## print this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 16

setup: $(VENV)/ready ## the virtual environment, with everything pinned

demo: setup ## a song made, separated, remixed for a hearing loss, and measured
	$(BIN)/hclarity demo

test: setup ## linters, types and tests: what CI runs
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pytest $(BY_TWO)

test-all: setup ## the slow tests too
	$(PIP) -c constraints.txt -e '.[train,ray,slurm]'
	$(BIN)/pytest -m ''

pages: web/node_modules/ready ## build again, after a change in web/, the pages that the program fills in
	npm --prefix web run build
	npm --prefix web run check

browser: web/node_modules/ready ## what the tests of the pages need, on Debian: a browser
	command -v chromium >/dev/null || { apt-get update -qq && apt-get install -qq -y chromium; }

fuzz: $(VENV)/fuzz-ready ## a fuzzer on every reader of strangers' files: EXECUTIONS in all; writes tests/FUZZ.md
	$(BIN)/python -m fuzz --executions $(EXECUTIONS)

audit: $(VENV)-audit/ready ## known advisories about what is pinned; fails where nobody can be asked
	$(VENV)-audit/bin/python .ci/audit.py $(VENV)-audit/bin/pip-audit

faults: setup ## what every command does when a fault strikes: writes tests/FAULTS.md
	HCLARITY_WRITE_FAULTS=1 $(BIN)/pytest -m '' tests/faults

# What it needs beside Python, on Debian: fluidsynth fluid-soundfont-gm musescore-general-soundfont
# sonic-pi-samples flite festival festvox-us-slt-hts espeak-ng, and a C++ compiler.
weights: setup ## make the bundled weights again: 200 generated songs, then an hour or two for each model
	$(PIP) -c constraints.txt -e '.[train,voices]'
	$(BIN)/hclarity dataset generate runs/songs --songs 200 --seed 20000 --tier rich
	$(BIN)/hclarity train bsrnn-mini --root runs/songs -o runs/bsrnn --resume
	$(BIN)/hclarity train convtasnet-mini --root runs/songs -o runs/convtasnet --resume
	$(BIN)/hclarity train demucs-mini --root runs/songs -o runs/demucs --resume

bench: setup ## ours beside others', in turns: writes BENCH.md (BSRNN=checkout of magronp/bsrnn, TASNET=demucs-2.0.3)
	$(BIN)/python bench/haaqi.py
	$(BIN)/python bench/sdr.py
	$(BIN)/python bench/evaluating.py
	$(BIN)/python bench/remixing.py
	$(BIN)/python bench/training.py $(if $(BSRNN),--bsrnn $(BSRNN)) $(if $(TASNET),--tasnet $(TASNET))
	$(PIP) -c constraints.txt -e '.[train,ray,slurm]'
	$(BIN)/python bench/batching.py
	$(BIN)/python bench/separating.py $(if $(BSRNN),--bsrnn $(BSRNN)) $(if $(TASNET),--tasnet $(TASNET))

clean: ## remove what the targets above made
	rm -rf $(VENV) $(VENV)-audit web/node_modules demo runs dist

# A CPU build of torch where there is no NVIDIA GPU: the plain Linux wheel brings gigabytes of CUDA.
# It may lie where pip looks anyway, else PyTorch's own index has it; macOS has one wheel only.
# pyclarity, a witness of the tests, would bring 60 packages that they do not need.
$(VENV)/ready: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(PIP) 'pip>=25.1'
	nvidia-smi >/dev/null 2>&1 || $(PIP) torch==$(TORCH)+cpu 2>/dev/null \
	    || $(PIP) torch==$(TORCH)+cpu --index-url https://download.pytorch.org/whl/cpu 2>/dev/null \
	    || true
	$(PIP) -c constraints.txt -e '.[train]' --group dev
	$(PIP) --no-deps pyclarity==$(CLARITY)
	touch $@

$(VENV)/fuzz-ready: $(VENV)/ready
	$(PIP) -c constraints.txt --group fuzz
	touch $@

web/node_modules/ready: web/package-lock.json
	npm --prefix web ci --silent
	touch $@

# Its own environment: what it needs is not what is audited.
$(VENV)-audit/ready: pyproject.toml
	$(PYTHON) -m venv $(VENV)-audit
	$(VENV)-audit/bin/python -m pip --disable-pip-version-check install --quiet 'pip>=25.1'
	$(VENV)-audit/bin/python -m pip install --quiet --group audit
	touch $@

.DEFAULT_GOAL := help
.PHONY: help setup demo test test-all pages browser fuzz audit faults weights bench clean
