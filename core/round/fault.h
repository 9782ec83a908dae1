/* round/fault.h - whose fault it was, and what follows. The one place that says what a
 * failure means: for the miner's memory, for the breaker, and whether a whole round can be
 * believed. docs/validator.md has the same table for operators. Everything here is [pure].
 * Reason to change: another way in which a question to a miner can end. */
#ifndef ASY_ROUND_FAULT_H
#define ASY_ROUND_FAULT_H
#include "assay/weights.h"
#include "miner/miner.h"
#include "plugin/plugin.h"
#include "task/task.h"

/* The version of the rules below, recorded with each round: replay judges a round by the
 * rules of its time. 1: everything that was not our own fault was the miner's, also a
 * question that was never sent. */
#define ASY_FAULT_RULES 2u

/* ---- one question to one miner ---- */

typedef enum {
	/* the miner's */
	ASY_END_JUDGED,      /* the plugin scored the answer */
	ASY_END_POISON,      /* it alone killed a fresh worker, twice */
	ASY_END_REFUSED,     /* a status that others did not get */
	ASY_END_MALFORMED,   /* nothing in it, or not what was asked for */
	ASY_END_GARBLED,     /* not HTTP */
	ASY_END_TOO_LARGE,   /* above what one answer may have */
	ASY_END_LATE,        /* silent, or late while others were not */
	ASY_END_UNREACHABLE, /* refused, no route, closed early, while others could be reached */
	/* ours */
	ASY_END_ALIKE,     /* as most of those asked, or nobody was heard: see the suspicion */
	ASY_END_LAG,       /* late while our own loop stood still */
	ASY_END_NO_ROOM,   /* our byte budget was spent */
	ASY_END_NO_SOCKET, /* our time was over before there was a socket for it */
	ASY_END_OURS,      /* anything else of this machine */
	/* the plugin's */
	ASY_END_ABSTAINED,       /* it chose not to judge */
	ASY_END_INVALID,         /* its score was not a number in its range */
	ASY_END_PLUGIN_FAILED,   /* error, crash, no worker, quarantine */
	ASY_END_PLUGIN_LATE,     /* its deadline passed */
	ASY_END_PLUGIN_POISONED, /* most rows killed it: so it is not the rows */
	/* the node's */
	ASY_END_NODE, /* it answered wrongly */
	/* nobody's */
	ASY_END_BREAKER,       /* not asked: it failed too often lately */
	ASY_END_ADDRESS,       /* not asked: an address that is not for strangers */
	ASY_END_CHANGED_HANDS, /* not asked: the uid has another owner */
	ASY_END_N
} asy_ending;

typedef enum {
	ASY_BLAME_MINER,
	ASY_BLAME_OURS,
	ASY_BLAME_PLUGIN,
	ASY_BLAME_NODE,
	ASY_BLAME_NOBODY
} asy_blame;
const char *asy_blame_name(asy_blame b); /* "miner", "ours" ... */

typedef enum {
	ASY_MEMORY_SCORE,    /* takes the score */
	ASY_MEMORY_FAILED,   /* takes a failure */
	ASY_MEMORY_KEPT,     /* stays as it is, in every form of the memory */
	ASY_MEMORY_UNJUDGED, /* stays as it is, unless tracker.missing says otherwise */
	ASY_MEMORY_UNASKED   /* no observation: as a miner that was not in the sample */
} asy_memory_effect;

typedef enum { ASY_BREAKER_NOTHING, ASY_BREAKER_LIFE, ASY_BREAKER_FAILURE } asy_breaker_effect;

typedef struct {
	asy_blame blame;
	asy_memory_effect memory;
	asy_breaker_effect breaker;
} asy_consequence;

/* The table. */
asy_consequence asy_fault_of(asy_ending e);

const char *asy_ending_name(asy_ending e); /* "late", "plugin_failed" ... */

/* What became of a question, as asking (w) and scoring (row) tell it. */
asy_ending asy_ending_of_why(asy_why w);
asy_ending asy_ending_of_row(const asy_plugin_row *row, bool plugin_poisoned);

/* Did so many rows kill the plugin that it cannot be the rows? More than half of those it
 * was given, and two at least. */
bool asy_fault_most_poison(const asy_plugin_row *row, size_t n);

/* ---- a whole round ---- */

typedef enum {
	ASY_STANDING_NEW,   /* never observed */
	ASY_STANDING_GOOD,  /* judged before, and fewer than three failures in a row since */
	ASY_STANDING_SILENT /* never judged, failing for long, or not observed for long */
} asy_standing;
asy_standing asy_standing_of(const assay_track *t);

typedef struct { /* one miner in one round */
	asy_standing standing;
	bool asked; /* a question reached an end that tells something about it */
	bool heard; /* an answer that can be judged */
	asy_why why;
	int http_status; /* of the first failure when not heard */
} asy_miner_end;

typedef enum { /* what is most likely wrong with us */
			   ASY_LIKELY_NOTHING,
			   ASY_LIKELY_ROUTE,
			   ASY_LIKELY_NETWORK,
			   ASY_LIKELY_IDENTITY, /* clock, hotkey or stake */
			   ASY_LIKELY_LIMITS,
			   ASY_LIKELY_REQUEST /* what is asked, or how */
} asy_likely;
const char *asy_likely_name(asy_likely l);   /* "query.route" ... */
const char *asy_likely_remedy(asy_likely l); /* one sentence */

asy_credit asy_credit_full(void);

typedef struct {
	size_t asked, good, heard; /* miners; good: asked, and of good standing */
	size_t alike;              /* of the good ones, those in the largest group of failures */
	asy_likely likely;
	bool is_strange;  /* most of the good ones failed alike, or nobody was heard */
	bool is_believed; /* strange, and taken as our own fault: judge nobody by this round */
} asy_suspicion;
/* The verdict on a round, before anything is judged by it. */
asy_suspicion asy_fault_suspect(const asy_miner_end *m, size_t n, asy_credit *credit);
/* The same credit for the plugin's side: may most of a batch be forgiven? */
bool asy_credit_take(asy_credit *credit);
#endif
