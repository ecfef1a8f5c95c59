# SPDX-License-Identifier: GPL-3.0-or-later
# What is run to see that the program does what it promises:
#
#	make check		everything
#	make check-unit		the cmocka programs and the scripts: seconds, no network
#	make check-live		against real and hostile servers on loopback
#	make demo		one run of the plugin against a real Dovecot
#
# Unit tests speak TAP, so automake counts single cases.

UNIT_TESTS = \
	tests/test_cert \
	tests/test_judge \
	tests/test_mechanism \
	tests/test_options \
	tests/test_range \
	tests/test_text \
	tests/test_tls
SCRIPT_TESTS =

FUZZERS =
TEST_FILES = \
	tests/pki.c \
	tests/test_cert.c \
	tests/test_judge.c \
	tests/test_mechanism.c \
	tests/test_options.c \
	tests/test_range.c \
	tests/test_text.c \
	tests/test_tls.c \
	tests/pki.h

TESTS = $(UNIT_TESTS) $(SCRIPT_TESTS)
TEST_EXTENSIONS = .test
TAP_DRIVER = env AM_TAP_AWK='$(AWK)' $(SHELL) $(top_srcdir)/build-aux/tap-driver.sh
LOG_DRIVER = $(TAP_DRIVER)
TEST_LOG_DRIVER = $(TAP_DRIVER)
AM_TESTS_ENVIRONMENT = \
	CMOCKA_MESSAGE_OUTPUT=TAP; export CMOCKA_MESSAGE_OUTPUT; \
	srcdir='$(abs_srcdir)'; export srcdir; \
	builddir='$(abs_builddir)'; export builddir; \
	NM='$(NM)'; export NM; \
	CHECK_IMAP_FULL='$(abs_builddir)/check_imap_full'; export CHECK_IMAP_FULL;
LIVE_ENVIRONMENT = CHECK_IMAP_FULL='$(abs_builddir)/check_imap_full' $(PYTHON3)
LIVE_RUN = $(LIVE_ENVIRONMENT) $(srcdir)/tests/live/run

if HAVE_CMOCKA
check_PROGRAMS = $(UNIT_TESTS)
else
check_PROGRAMS =
check-am: need-cmocka
endif
need-cmocka:
	@echo 'The tests need cmocka: install it (libcmocka-dev) and run configure again.' >&2; exit 1

TEST_LIBS = $(PLUGIN_LIBS) $(CMOCKA_LIBS)
TEST_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)/tests $(CMOCKA_CFLAGS)

tests_test_cert_SOURCES = tests/test_cert.c tests/pki.c tests/pki.h
tests_test_cert_CPPFLAGS = $(TEST_CPPFLAGS)
tests_test_cert_LDADD = $(TEST_LIBS)
tests_test_judge_SOURCES = tests/test_judge.c
tests_test_judge_CPPFLAGS = $(TEST_CPPFLAGS)
tests_test_judge_LDADD = $(TEST_LIBS)
tests_test_mechanism_SOURCES = tests/test_mechanism.c
tests_test_mechanism_CPPFLAGS = $(TEST_CPPFLAGS)
tests_test_mechanism_LDADD = $(TEST_LIBS)
tests_test_options_SOURCES = tests/test_options.c
tests_test_options_CPPFLAGS = $(TEST_CPPFLAGS)
tests_test_options_LDADD = $(TEST_LIBS)
tests_test_range_SOURCES = tests/test_range.c
tests_test_range_CPPFLAGS = $(TEST_CPPFLAGS)
tests_test_range_LDADD = $(TEST_LIBS)
tests_test_text_SOURCES = tests/test_text.c
tests_test_text_CPPFLAGS = $(TEST_CPPFLAGS)
tests_test_text_LDADD = $(TEST_LIBS)
tests_test_tls_SOURCES = tests/test_tls.c tests/pki.c tests/pki.h
tests_test_tls_CPPFLAGS = $(TEST_CPPFLAGS)
tests_test_tls_LDADD = $(TEST_LIBS)

test-programs: all $(check_PROGRAMS)
check-unit:
	$(MAKE) $(AM_MAKEFLAGS) check LIVE=no
check-live: check_imap_full
	@$(LIVE_RUN)
demo: check_imap_full
	@$(LIVE_ENVIRONMENT) $(srcdir)/tests/live/demo
.PHONY: need-cmocka test-programs check-unit check-live demo

# The live tests say 77 when there is no server to be had here: they are skipped then, aloud.
LIVE = yes
check-local:
	@test '$(LIVE)' = yes || exit 0; \
	$(LIVE_RUN); status=$$?; \
	if test $$status = 77; then echo 'SKIP: the live tests'; exit 0; fi; \
	exit $$status

EXTRA_DIST += $(SCRIPT_TESTS) \
	tests/pki/README.md \
	tests/pki/make-pki \
	tests/live/README.md \
	tests/live/demo \
	tests/live/dovecot.py \
	tests/live/grammar.py \
	tests/live/live_certificates.py \
	tests/live/live_deadlines.py \
	tests/live/live_hostile.py \
	tests/live/live_journey.py \
	tests/live/live_login.py \
	tests/live/live_names.py \
	tests/live/live_secrets.py \
	tests/live/live_usage.py \
	tests/live/run \
	tests/live/servers.py \
	tests/live/world.py
