# The few commands a newcomer and CI need. Everything is installed into .venv; nothing else on the machine is touched.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
OUT ?= out

.PHONY: demo test test-slow wine-dll install install-tox clean

install: $(VENV)/.installed

$(VENV)/.installed: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --upgrade pip
	$(BIN)/pip install --quiet --disable-pip-version-check --editable .
	touch $@

$(VENV)/.installed-tox: $(VENV)/.installed
	$(BIN)/pip install --quiet --disable-pip-version-check 'tox>=4.21'
	touch $@

install-tox: $(VENV)/.installed-tox

# The main job: one day and a night of a wholesale company, on the real clock, over real sockets.
demo: $(VENV)/.installed
	$(BIN)/fakebooks run scenarios/demo/lost_answer_day.yaml --clock real --out $(OUT)

# The fast set: style, types, import rows, and the tests that take seconds.
test: $(VENV)/.installed-tox
	$(BIN)/tox run -e style,types,fast

# The rest: processes killed, real sockets for longer, strangers' packages, the load test.
test-slow: $(VENV)/.installed-tox
	$(BIN)/tox run -e slow

# The COM door for Windows programs, x86 and x64, from emulator/com/wine/source (mingw-w64 and wine are needed; the script says what is missing).
wine-dll:
	$(PYTHON) scripts/make_wine_dll.py

clean:
	rm -rf $(VENV) .tox $(OUT) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
