# Deskcast: every target does its own set-up on a fresh Debian with Rust (as root, or with sudo and Docker rights).
.DEFAULT_GOAL := help
.PHONY: help run dev stop images test check audit lint prepare bench fuzz pictures

help: ## what there is
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' Makefile | expand -t 18

run: ## install what is missing, build, serve on 127.0.0.1:8080; Ctrl-C stops everything it started
	@scripts/run.sh release

dev: ## the same with a debug build that starts again when a file changes
	@scripts/run.sh dev

stop: ## stop what `make run` and `make check` started; nothing is lost
	@scripts/run.sh stop

images: ## build the built-in desktop images when they are missing or have changed
	@scripts/images.sh desktop browser

test: ## format, lints, docs, prepared queries and every test, on real Postgres, Docker and Chromium
	@scripts/test.sh all

check: ## the tests whose name has the words of T, quickly: make check T='share key'
	@scripts/check.sh $(T)

audit: ## licences, bans and sources of all crates; advisories where their database can be reached
	@scripts/audit.sh

lint: ## only format, lints, docs and prepared queries
	@scripts/test.sh lint

prepare: ## write .sqlx/ anew after a change of SQL
	@scripts/test.sh prepare

pictures: ## the README's pictures, as the last test run took them
	cp $(addprefix target/browser-shots/readme/,starting.png desktop.png dashboard.png) docs/

FOR ?= 60
fuzz: ## what must hold for bytes of strangers, each for FOR seconds: make fuzz T='frames heads' FOR=600
	@scripts/fuzz.sh $(FOR) $(T)

bench: ## start time and streaming speed, each beside a peer in the same run
	@scripts/bench.sh
