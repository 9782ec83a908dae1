/* What the end-to-end tests share: a development chain in a child process, daemons in
 * others, and the questions asked of both. */
#ifndef ASSAY_TESTS_E2E_WORLD_H
#define ASSAY_TESTS_E2E_WORLD_H
#include <sys/types.h>
#include "base/base.h"
#include "codec/codec.h"

#define LANES 6u

typedef struct {
	char dir[256], url[128];
	bool one_hotkey; /* every lane's validator is that of lane 1; set before world_start */
	bool timelock;   /* vectors are sealed to the chain's own beacon */
	pid_t chain;
} world;

/* A chain with one small text subnet a lane (netuid 1..lanes): honest, lazy, garbage and
 * silent miners, one rival. Exits the process with a sentence when it cannot start. */
void world_start(world *w, unsigned lanes, unsigned tempo, unsigned block_ms);
void world_stop(world *w);

/* Writes DIR/lane-N/assayd.json; data_dir is DIR/lane-N/data. extra is spliced into the
 * object ("" or "\"log\": {...},"). */
void world_config(const world *w, unsigned lane, const char *extra);
void world_lane_path(const world *w, unsigned lane, const char *name, char out[512]);
/* Writes the lane's configuration as it is given. */
void world_write_config(const world *w, unsigned lane, const char *text);
/* What every lane's configuration has but its subnet and data: members of an object. */
void world_shared(const world *w, char out[2048]);
/* Waits until the lane's log has this text n times; false after timeout_s. */
bool world_saw(const world *w, unsigned lane, const char *text, unsigned n, unsigned timeout_s);
/* Removes the lane's data directory. */
void world_forget(const world *w, unsigned lane);

/* Starts program (in the build's bin folder) on the lane's configuration; its output
 * goes to DIR/lane-N/log. rounds NULL: for ever. env is "NAME=value" or NULL. */
pid_t world_daemon(const world *w, unsigned lane, const char *program, const char *rounds,
				   const char *env);
/* wait status of pid, or -1 after timeout_s (then it was killed). */
int world_wait(pid_t pid, unsigned timeout_s);
/* The lane's log as text; caller frees. */
char *world_log(const world *w, unsigned lane);
/* Runs a command line (argv, in the bin folder), captures both outputs. Returns the
 * exit code, or -signal. out is freed by the caller. */
int world_run(const char *const *argv, unsigned timeout_s, char **out);

/* One request to the chain; params is a JSON array. *doc is the caller's to free. */
assay_status world_call(const world *w, const char *method, const char *params, asy_json **doc,
						assay_err *err) ASSAY_CHECKED;
/* Next nonce of the lane's validator: how many of its transactions are on the chain. */
long world_nonce(const world *w, unsigned lane);
#endif
