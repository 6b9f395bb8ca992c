# Two commands are all a newcomer needs: `make run` and `make test`. Both print what they do and ask nothing.
.PHONY: run test check bench mission shots fresh

run:      ## a living demo city in the browser (DEMO=0: an empty county; PORT=8000)
	@scripts/run.sh
test:     ## everything: checks, both databases, races, crashes, real browser
	@scripts/test.sh
check:    ## style, types, floors, templates, migrations, locks, docs
	@scripts/setup.sh test
	@scripts/check.sh
bench:    ## each measure as a ratio to a named peer in the same run
	@scripts/setup.sh test
	@.venv/bin/python -m benchmarks
mission:  ## the 207 rows of the brief, and which tests prove them
	@python3 scripts/mission.py
shots:    ## screenshots of the main screens of every desk into docs/screens
	@scripts/setup.sh test
	@scripts/shots.sh
fresh:    ## clone HEAD into an empty folder and run the two commands there
	@scripts/fresh.sh
