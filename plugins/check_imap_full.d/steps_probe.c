/* SPDX-License-Identifier: GPL-3.0-or-later */
/* steps_probe.c - the step that looks whether another port takes passwords in clear
   (--cleartext-refused). It comes after the journey and belongs to none of its clocks. */
#include "steps.h"

static enum step_progress probe_go_on(struct run *run, imap_time now)
{
	unsigned port = run->config->cleartext_port;
	struct failure failure;

	switch (probe_ready(&run->probe, now)) {
	case PROBE_WAIT:
		return STEP_WAIT;
	case PROBE_ACCEPTS:
		failure_set(&failure, CLASS_POLICY,
			    "port %u would take a password in clear: it offers %s without TLS",
			    port, run->probe.offer);
		report_problem(&run->report, PHASE_AUTH, &failure);
		return STEP_DONE;
	case PROBE_UNKNOWN:
		failure_set(&failure, CLASS_POLICY,
			    "whether port %u takes passwords in clear is not known: %s", port,
			    run->probe.why);
		report_problem(&run->report, PHASE_AUTH, &failure);
		return STEP_DONE;
	case PROBE_REFUSES:
		report_note(&run->report, "port %u takes no password in clear: %s", port,
			    run->probe.why);
		return STEP_DONE;
	}
	return STEP_DONE;
}

/* A port that a firewall makes silent is closed as well: half of the time left is enough to know.
 */
static enum step_progress probe_enter(struct run *run, imap_time now)
{
	struct address server = run->server;

	address_set_port(&server, run->config->cleartext_port);
	if (!probe_init(&run->probe, &server, now + (run->deadline - now) / 2)) {
		failure_set(&run->failure, CLASS_INTERNAL, "out of memory");
		return STEP_FAILED;
	}
	return probe_go_on(run, now);
}

static void probe_wait_step(const struct run *run, struct wait *wait, imap_time now)
{
	probe_wait(&run->probe, wait, now);
}

static enum step_progress probe_ready_step(struct run *run, const struct wait *wait, imap_time now)
{
	(void)wait;
	return probe_go_on(run, now);
}

const struct step step_probe = {
	.phase = PHASE_AUTH,
	.awaits = "answer from the cleartext port",
	.enter = probe_enter,
	.wait = probe_wait_step,
	.ready = probe_ready_step,
	.is_untimed = true,
};
