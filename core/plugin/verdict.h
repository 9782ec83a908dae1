/* verdict: whose fault it was that a plugin died, and when a plugin that is at fault is
 * called again. Pure: counts in, verdict out. For core/plugin only. */
#ifndef ASY_PLUGIN_VERDICT_H
#define ASY_PLUGIN_VERDICT_H
#include "base/base.h"

/* ---- one round (verdict.c) ---- */

typedef struct {
	uint64_t asked;    /* rows that it was given */
	uint64_t judged;   /* rows whose call came back, whatever it said */
	uint64_t invalid;  /* of those: not finite, out of range, unflagged */
	uint64_t poison;   /* rows that killed a fresh worker, alone, twice */
	uint64_t deaths;   /* crashes and hangs */
	bool is_cut;       /* the round ended before every row was tried */
	bool control_died; /* a row that was judged a moment ago killed a fresh worker too */
} asy_evidence;

typedef enum {
	ASY_VERDICT_NOBODY, /* nothing happened that somebody has to answer for */
	ASY_VERDICT_ROWS,   /* poison: the rows' authors pay */
	ASY_VERDICT_PLUGIN  /* no row pays for it; the plugin is broken */
} asy_verdict;
asy_verdict asy_verdict_of(const asy_evidence *e);
/* During the round: there is nothing left to learn from killing more workers. */
bool asy_verdict_is_plain(const asy_evidence *e);

/* ---- over rounds (quarantine.c) ---- */

/* Too many faults within the last rounds, and it is left alone. After a wait it gets one
 * round to prove itself: a fault doubles the wait, a round without one ends it. */
typedef struct {
	uint32_t faults_max, rounds;
	uint32_t count[64]; /* faults of the last rounds, by round modulo 64 */
	uint64_t now;       /* rounds begun */
	uint64_t probe_at;  /* the round in which it is tried again */
	uint32_t wait;      /* rounds between the last two tries */
	bool is_on, is_probing;
} asy_quarantine;
#define ASY_QUARANTINE_WAIT_MAX 64u

typedef enum {
	ASY_QUARANTINE_NO_CHANGE,
	ASY_QUARANTINE_BEGUN,
	ASY_QUARANTINE_LONGER, /* the probe failed */
	ASY_QUARANTINE_OVER
} asy_quarantine_change;

void asy_quarantine_init(asy_quarantine *q, uint32_t faults_max, uint32_t rounds);
/* A round begins; false: leave the plugin alone in it. */
bool asy_quarantine_round(asy_quarantine *q);
/* What the round showed; worked: something came back. Nothing at all proves nothing. */
asy_quarantine_change asy_quarantine_result(asy_quarantine *q, uint32_t faults, bool worked);
/* Rounds until it is tried again; 0 when it is not on, or is being tried. */
uint64_t asy_quarantine_left(const asy_quarantine *q);
void asy_quarantine_release(asy_quarantine *q);
#endif
