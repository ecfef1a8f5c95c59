# SPDX-License-Identifier: GPL-3.0-or-later
# What a run costs (doc/PERFORMANCE.md has the results):
#
#	make bench		beside the rivals that are installed; BENCH_FLAGS='-n 100' for more rounds
#	make bench-growth	with large mailboxes, large messages, many mailboxes
#	make bench-guard	whether it has become dearer than tests/bench/ratio says
#	make bench-keep		writes today's ratio there

EXTRA_PROGRAMS = tests/bench/floor tests/bench/spent
tests_bench_floor_SOURCES = tests/bench/floor.c
tests_bench_floor_LDADD = $(GNUTLS_LIBS)
tests_bench_spent_SOURCES = tests/bench/spent.c
tests_bench_spent_LDADD =

BENCH = $(LIVE_ENVIRONMENT) $(srcdir)/tests/bench
BENCH_FLAGS =

bench: check_imap_full $(EXTRA_PROGRAMS)
	@$(BENCH)/bench $(BENCH_FLAGS)
bench-growth: check_imap_full $(EXTRA_PROGRAMS)
	@$(BENCH)/growth $(BENCH_FLAGS)
bench-guard: check_imap_full $(EXTRA_PROGRAMS)
	@$(BENCH)/guard
bench-keep: check_imap_full $(EXTRA_PROGRAMS)
	@$(BENCH)/guard --keep
.PHONY: bench bench-growth bench-guard bench-keep

CLEANFILES += $(EXTRA_PROGRAMS)
EXTRA_DIST += \
	tests/bench/bench \
	tests/bench/contenders.py \
	tests/bench/delay.py \
	tests/bench/growth \
	tests/bench/guard \
	tests/bench/imaplib_check.py \
	tests/bench/measure.py \
	tests/bench/ratio
