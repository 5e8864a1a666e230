# `make` lists the targets, each on a line.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
SHELL := /bin/bash

# Any Python from 3.9 on fetches uv, which fetches Python 3.13 where the machine has none. .python-version lets pyenv and
# the like choose one, and PYTHON= wins.
find-python = $(shell for p in python3.13 python3 python; do \
  $$p -c 'import sys; sys.exit(not ($(1)))' 2>/dev/null && echo $$p && break; done)
ifeq ($(origin PYTHON),undefined)
# Evaluated only when needed, and only once.
PYTHON = $(eval PYTHON := $(call find-python,sys.version_info[:2] == (3, 13)))$(PYTHON)
endif
ANY_PYTHON = $(or $(PYTHON),$(call find-python,sys.version_info >= (3, 9)))
export SAM_CLI_TELEMETRY := 0
# Images of Python set it. Without bytecode, each of a thousand processes here would compile what it imports.
unexport PYTHONDONTWRITEBYTECODE
UV := $(or $(shell command -v uv 2>/dev/null),.uv/bin/uv)
BIN := .venv/bin
NODE_READY := local/node/node_modules/.ready
BROWSER_READY := tests/browser/node_modules/.ready
SUPABASE_CLI_READY := tests/integration/database/node_modules/.ready
CLIENT_READY := clients/typescript/node_modules/.ready
NEXTJS_READY := tests/nextjs/node_modules/.ready
# Tools from npm, run by the Node of the Python wheel.
CLIENT_TOOL := REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true PATH="$(CURDIR)/$(BIN):$$PATH" clients/typescript/node_modules/.bin
TESTS_READY := $(NODE_READY) $(BROWSER_READY) $(SUPABASE_CLI_READY) $(CLIENT_READY) $(NEXTJS_READY)
# ENV=staging is environments/staging.yaml: that file, the stack petition-staging, and secrets below petition-staging/.
STACK_NAME = petition-$(ENV)
PARAMETERS = .aws-sam/parameters/$(ENV).yaml
# The file's region wins over the shell's: an environment has one place.
FILE_REGION := $(if $(ENV),$(shell sed -nE "s/^Region:[ \"']*([a-z0-9-]+).*/\1/p" environments/$(ENV).yaml 2>/dev/null))
REGION := $(or $(FILE_REGION),$(AWS_REGION),$(AWS_DEFAULT_REGION),us-east-1)
# boto3 reads only the second. Without it, a region in ~/.aws/config would silently win over AWS_REGION.
ifneq ($(FILE_REGION)$(AWS_REGION),)
export AWS_REGION := $(or $(FILE_REGION),$(AWS_REGION))
export AWS_DEFAULT_REGION := $(AWS_REGION)
endif
E ?= events/duplicate.json
# Computed when it is used, which is after the build.
RELEASE ?= $$($(BIN)/python -m tools.release $(PARAMETERS))
TOOLS = PYTHONPATH=functions:layers/shared $(BIN)/python -m tools
MACHINE := $(if $(filter aarch64 arm64,$(shell uname -m)),arm64,x86_64)
# Lambda's native code runs only on Linux.
BUILD := $(if $(T)$(filter-out Linux,$(shell uname -s)),,.aws-sam/test)

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{gsub(/[$$][$$]/, "$$", $$2); printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

dev: .venv/ready $(NODE_READY) ## start everything on this machine (PORT=3000; ORIGINS=http://localhost:5173; QUIET=1)
	@exec $(BIN)/python -m local

lint: .venv/ready .audit/ready $(CLIENT_READY) ## check style, types, the template and the policies
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	PYTHONPATH=functions:layers/shared $(BIN)/lint-imports --no-cache --no-logo
	$(BIN)/sam validate --lint --region $(REGION)
	$(BIN)/python -m tools.check_template
	$(CLIENT_TOOL)/redocly lint docs/openapi.json --config clients/typescript/redocly.yaml
	$(CLIENT_TOOL)/spectral lint docs/openapi.json --ruleset clients/typescript/.spectral.yaml --fail-severity hint
	$(CLIENT_TOOL)/tsc --project clients/typescript
	$(BIN)/cfn-lint --regions $(REGION) -t deployer.yaml
	.audit/bin/checkov -f template.yaml -f deployer.yaml $(TRANSLATED:%=-f %)
	.audit/bin/python tools/audit_policies.py deployer.yaml $(TRANSLATED)
	.audit/bin/actionlint
	.audit/bin/zizmor --offline --quiet .github/workflows

# Three workers on two cores, because each waits a fifth of the time. Unit tests do not wait.
WORKERS = $(or $(N),$(if $(filter tests/unit%,$(T)),2,3))

test: .venv/ready $(TESTS_READY) ## run every test, on the built functions (T=path or T="-k word" for some, on the sources; N=0 for one after the other; TIMES=10 for ten times as many generated cases)
	$(if $(BUILD),$(BIN)/sam build --build-dir $(BUILD) --parameter-overrides Architecture=$(MACHINE) >/dev/null & build=$$!; \
	$(BIN)/python -m tests.whole_stack; data=$$?; wait $$build && exit $$data)
	BUILD=$(BUILD) TIMES=$(or $(TIMES),1) $(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder $(T)

format: .venv/ready ## fix style in place
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

openapi: .venv/ready $(CLIENT_READY) ## write docs/openapi.json from the routes' models, and the client's types from it
	PYTHONPATH=functions:layers/shared $(BIN)/python -m tools.openapi
	$(CLIENT_TOOL)/openapi-typescript docs/openapi.json --output clients/typescript/src/schema.ts

.PHONY: reliability
reliability: .venv/ready ## write the tables of docs/reliability.md from the fault matrix
	PYTHONPATH=functions:layers/shared:. $(BIN)/python -m tests.integration.faults.document

build: .venv/ready $(if $(ENV),parameters) ## build the layer and the functions (ENV=staging for its processor)
	$(BIN)/sam build $(if $(ENV),--parameter-overrides file://$(PARAMETERS))

deploy: environment build ## deploy an environment and try it (ENV=staging; YES=1 does not ask)
	$(BIN)/sam deploy --stack-name $(STACK_NAME) $(if $(YES),--no-confirm-changeset) $(STACK_ROLE:%=--role-arn %) --tags "project=petition environment=$(ENV)" \
	  --parameter-overrides file://$(PARAMETERS) Release=$(RELEASE)
	@$(TOOLS).versions prune "$(ENV)"
	@$(TOOLS).smoke "$(ENV)"

smoke: $(if $(filter local,$(ENV)),running) .venv/ready ## try every route of an environment, or of the running stack (ENV=staging, ENV=local)
	@$(TOOLS).smoke "$(ENV)"

rollback: environment ## go back to the previous version (ENV=staging)
	@$(TOOLS).versions rollback "$(ENV)"

outputs: environment ## show the addresses of an environment (ENV=staging)
	@$(BIN)/sam list stack-outputs --stack-name $(STACK_NAME)

delete: environment ## delete an environment, except its secrets (ENV=staging; YES=1 does not ask)
	$(BIN)/sam delete --stack-name $(STACK_NAME) $(if $(YES),--no-prompts)

bench: .venv/ready $(NODE_READY) ## measure everything against a floor and a peer, and write docs/benchmarks.md (B=--quick for a look)
	PYTHONPATH=functions:layers/shared $(BIN)/python -m bench $(B)

scale: .venv/ready ## simulate a national collection day, and write docs/scale.md
	PYTHONPATH=functions:layers/shared $(BIN)/python -m bench.scale

docker-env: running .venv/ready ## let containers use the running stack: env.json and events with a session
	@PYTHONPATH=functions:layers/shared $(BIN)/python -m local.docker_env

docker-invoke: docker-build ## run one function in a container (F=DuplicateFunction E=events/duplicate.json)
	$(BIN)/sam local invoke $(or $(F),DuplicateFunction) --event $(E) $(FOR_THIS_MACHINE)

docker-api: docker-build ## serve the routes from containers at http://127.0.0.1:3000
	$(BIN)/sam local start-api $(FOR_THIS_MACHINE)

secrets: environment ## ask for an environment's secrets and store them (ENV=staging; KEYS="directus#password" for some)
	@$(TOOLS).put_secrets "$(ENV)" $(KEYS)

cookie-keys: environment ## replace the key that seals cookies, step by step (ENV=staging STEP=add, turn, drop)
	@$(TOOLS).cookie_keys "$(ENV)" "$(STEP)" $(if $(FORCE),force)

search-keys: .venv/ready ## create and fill the columns of close searches (A=https://directus.example.org; CHECK=1 only counts)
	@PYTHONPATH=functions:layers/shared $(BIN)/python -m tools.search_keys $(A) $(if $(CHECK),--check)

session: running .venv/ready ## sign in to the running stack: eval "$$(make -s session)", or with U=viewer
	@$(BIN)/python -m local.session $(U)

refresh-charts: running .venv/ready ## generate every due chart of the running stack, as the schedule does (ALL=1: every chart)
	@$(BIN)/python -m local.refresh $(if $(ALL),--all)

logs: $(if $(ENV),environment) ## follow a log of the local stack (F=duplicate; without F, the requests), or show an hour of a deployed one (ENV=staging)
	$(if $(ENV),@$(BIN)/sam logs --stack-name $(STACK_NAME) --name $(or $(F),DuplicateFunction) --start-time "1 hour ago",$(FOLLOW))

reset: ## delete the stack's data and secrets; the next start makes new ones
	@test -d .local || { echo "There is nothing to delete yet:  make dev  creates it."; exit 0; }; \
	test -x $(BIN)/python && exec $(BIN)/python -m local.reset || rm -rf .local

.PHONY: import-voters
import-voters: .venv/ready ## import a voter file into Directus (FILE=voters.csv; COLUMNS="Reg No=voterId"; ENCODING=cp1252)
	@test -n "$(FILE)" || { echo "Name the file:  make import-voters FILE=voters.csv"; exit 1; }
	@$(TOOLS).import_voters "$(FILE)" --columns "$(COLUMNS)" --encoding "$(or $(ENCODING),utf-8-sig)"

rebuild-signers: $(if $(ENV),environment,running) .venv/ready ## build the sets of signers again from the table (CAMPAIGN=id for one; ENV=staging for a deployed stack)
	@$(BIN)/python -m $(if $(ENV),tools.rebuild_signers $(STACK_NAME),local.rebuild_signers) $(CAMPAIGN)

lock: $(UV) ## compile the requirements from the two pyproject.toml files
	$(LOCK) requirements/uv.in -o requirements/uv.txt
	$(LOCK) --group dev layers/shared/pyproject.toml -o requirements/dev.txt
	$(LOCK) -c requirements/dev.txt --override requirements/overrides.in layers/shared/pyproject.toml -o requirements/runtime.txt
	$(LOCK) -c requirements/dev.txt --group bench -o requirements/bench.txt
	$(LOCK) --group audit -o requirements/audit.txt

# The template as SAM translates it, written by tools.check_template.
TRANSLATED = $(addprefix .aws-sam/translated/,required.json everything.json)

LOCK = $(UV) pip compile --quiet --universal --generate-hashes --no-header --python-version 3.13

# --- what the targets above need -----------------------------------------------------------------------------------

# Containers run this machine's own instructions: what is built for Lambda's arm64 would end in an exec format error.
FOR_THIS_MACHINE = --parameter-overrides Architecture=$(MACHINE)

docker-build: env-json .venv/ready
	$(BIN)/sam build $(FOR_THIS_MACHINE)

# Python is checked where it creates an environment, or where it was named.
python-for = $(if $(and $(wildcard $(1)),$(filter file,$(origin PYTHON))),,python)

# An environment of its own, because it pins other versions of what the tools need.
.audit/ready: requirements/audit.txt | $(UV) $(call python-for,.audit/ready)
	$(UV) venv --quiet --allow-existing --python $(PYTHON) .audit
	$(UV) pip sync --quiet --require-hashes --python .audit/bin/python requirements/audit.txt
	@touch $@

.venv/ready: requirements/dev.txt | $(UV) $(call python-for,.venv/ready)
	$(UV) venv --quiet --allow-existing --python $(or $(PYTHON),3.13) .venv || { echo \
	  "Python 3.13 was not found and could not be fetched: install it, or name it with  make PYTHON=/path/to/python3.13"; exit 1; }
	$(UV) pip sync --quiet --require-hashes --python $(BIN)/python requirements/dev.txt
	@touch $@

$(NODE_READY): local/node/package-lock.json | .venv/ready
	@$(BIN)/python -m local.install

%/node_modules/.ready: %/package-lock.json | .venv/ready
	@$(BIN)/python -m tools.npm_install $*

# uv for this project only, if the machine has none
.uv/bin/uv: requirements/uv.txt | $(call python-for,.uv/bin/uv)
	$(ANY_PYTHON) -m venv .uv
	.uv/bin/pip install --quiet --require-hashes -r requirements/uv.txt
	@touch $@

parameters: .venv/ready
	@$(TOOLS).parameters "$(ENV)"

environment: parameters
	@$(TOOLS).account "$(ENV)"

python:
	@$(if $(PYTHON),$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 13))' 2>/dev/null || { \
	  echo "$(PYTHON) is not Python 3.13: name one with  make PYTHON=/path/to/python3.13"; exit 1; },$(if \
	  $(ANY_PYTHON)$(filter-out .uv/bin/uv,$(UV)),:,echo "Python was not found: install 3.9 or later"; exit 1))

define FOLLOW
@test -d .local/logs || { echo "There are no logs yet: start the stack with  make dev" >&2; exit 1; }; \
files=$$(find .local/logs -iname '*$(or $(F),requests)*.log' 2>/dev/null); \
test -n "$$files" || { echo "There is no such log. There are: $$(ls .local/logs 2>/dev/null | sed 's/\.log$$//' | tr '\n' ' ')"; exit 1; }; \
exec tail -n 40 -F $$files
endef

# Checked first, so that no environment is built only to say this.
running:
	@test -f .local/stack.json || { echo "The stack is not running: start it with  make dev" >&2; exit 1; }

env-json:
	@test -f env.json || { echo "env.json was not found: make docker-env writes one for the running stack; for others, copy env.example.json" >&2; exit 1; }

.PHONY: env-json help dev lint test bench scale format openapi build deploy smoke rollback outputs logs delete docker-env docker-invoke docker-api docker-build secrets cookie-keys search-keys session refresh-charts rebuild-signers reset running lock environment parameters python
