/* daemon/daemon.h - what the files of assayd share: the daemon, an entry for each task that it
 * serves, and the hotkeys that tasks share.
 * Reason to change: something else that one process holds for its tasks. */
#ifndef ASY_DAEMON_H
#define ASY_DAEMON_H
#include "front/front.h"
#include "front/net.h"
#include "front/start.h"
#include "round/round.h"
#include "validator/validator.h"

typedef struct daemon_state daemon_state;

/* A hotkey and the chain as it sees it: one for all tasks that sign with it, so that there is
 * one queue of nonces. */
typedef struct daemon_hotkey daemon_hotkey;
struct daemon_hotkey {
	daemon_hotkey *next;
	asy_key *key;
	uint8_t id[32];
	asy_chain *chain;         /* NULL: no node has answered yet */
	asy_validator *validator; /* as chain */
	asy_co_mutex opening;
};

typedef struct daemon_entry daemon_entry;
struct daemon_entry {
	daemon_state *d;
	daemon_entry *next;
	char name[ASY_TASK_NAME_MAX + 1];
	asy_config *config; /* of this task alone: what holds for it */
	const asy_options *o;
	asy_buf config_json;
	asy_logger log;
	asy_co *life;
	daemon_hotkey *hotkey; /* NULL: not loaded yet, or not to be loaded */
	assay_status key_st;   /* of loading it at the start; its error is err */

	/* open, or NULL */
	asy_dataset *dataset;
	asy_plugin *plugin;
	asy_store *store;
	asy_http *http;
	bool is_served;

	bool has_place;   /* sets the weights of its subnet, mechanism and hotkey */
	bool was_running; /* at least once */
	bool is_leaving;  /* no longer in the configuration: ends when nothing is open */
	unsigned failures;
	assay_status st; /* how the last run ended */
	assay_err err;
	asy_task_totals totals; /* of all its runs */
};

struct daemon_state {
	const char *config_file;
	const asy_front_list *sets, *wanted;
	uint64_t rounds, cpu_mask;
	asy_logger log;
	asy_config *config;
	asy_front_net net; /* loop, and the HTTP client that asks the chain */
	daemon_entry *entries;
	daemon_hotkey *hotkeys;
	asy_co *reloading, *lag;
	uint64_t longest_block_ns;
	bool wants_reload, is_reloading;
};

/* ---- hotkeys.c ---- */
/* The hotkey that an entry's configuration names, loaded when it is new. */
assay_status daemon_load_hotkey(daemon_entry *e, assay_err *err) ASSAY_CHECKED;
/* Its chain, waited for until a node answers. [coroutine] */
assay_status daemon_open_chain(daemon_entry *e, assay_err *err) ASSAY_CHECKED;
void daemon_free_hotkeys(daemon_state *d);

/* ---- entry.c ---- */
/* Task i of c as a configuration of its own, and its canonical text. */
assay_status daemon_task_config(const daemon_state *d, const asy_config *c, size_t i,
								asy_config **out, asy_buf *text, assay_err *err) ASSAY_CHECKED;
/* An entry for task i of c, not begun. */
assay_status daemon_entry_new(daemon_state *d, const asy_config *c, size_t i, daemon_entry **out,
							  assay_err *err) ASSAY_CHECKED;
/* Opens, runs, and after trouble tries again, in a coroutine. */
assay_status daemon_entry_begin(daemon_entry *e, assay_err *err) ASSAY_CHECKED;
/* Takes over task i of c: ends what runs and begins anew with the same memory. [coroutine] */
assay_status daemon_entry_change(daemon_entry *e, const asy_config *c, size_t i,
								 assay_err *err) ASSAY_CHECKED;
/* Finishes what is open, then ends. [coroutine] */
void daemon_entry_leave(daemon_entry *e);
/* True when its life is over, or never began. */
bool daemon_entry_is_over(const daemon_entry *e);
/* Ends its life now; everything is on disk. NULL is fine. */
void daemon_entry_free(daemon_entry *e);
/* Deals the sockets of this process out anew among the entries. */
void daemon_share_sockets(daemon_state *d);

/* ---- shadow.c ---- */
/* Is the file of its plugin another one than was loaded? */
bool daemon_has_other_file(daemon_entry *e);
/* May task i of c replace it? Where it has another plugin, that one is opened beside the old one
 * and scores its last rounds once more; one that fails is refused, and the log says why. [coroutine] */
bool daemon_may_replace(daemon_entry *e, const asy_config *c, size_t i);

/* ---- lag.c ---- */
assay_status daemon_watch_lag(daemon_state *d, assay_err *err) ASSAY_CHECKED;
void daemon_end_lag(daemon_state *d);

/* ---- reload.c ---- */
/* Begins to wait for SIGHUP. */
assay_status daemon_watch_reload(daemon_state *d, assay_err *err) ASSAY_CHECKED;
#endif
