/* round: the story. States and their fold (state.h), the decision of what comes next
 * (step.h), and the driver that journals, acts and asks again. Nothing else in the
 * tree may sequence two modules.
 * Reason to change: what a main gives the driver, or may ask of it. */
#ifndef ASY_ROUND_H
#define ASY_ROUND_H
#include "assay/weights.h"
#include "base/base.h"
#include "chain/chain.h"
#include "config/config.h"
#include "crypto/crypto.h"
#include "http/http.h"
#include "loop/loop.h"
#include "miner/miner.h"
#include "plugin/plugin.h"
#include "round/dataset.h"
#include "round/forecast.h"
#include "round/recheck.h"
#include "round/state.h"
#include "round/step.h"
#include "store/store.h"

/* The world as the main built it; everything is borrowed and outlives the driver. */
typedef struct {
	const asy_options *options;
	uint8_t config_digest[32];
	assay_span config_json; /* canonical: goes into BEGIN for replay */
	asy_clock *clock;
	asy_rng *rng;
	asy_logger *log;
	asy_loop *loop;
	asy_http *http;
	asy_chain *chain;
	asy_store *store;
	asy_plugin *plugin;
	const asy_dataset *dataset; /* NULL: the plugin makes the challenges */
	const asy_key *key;
	uint64_t cpu_mask;
	uint64_t rounds; /* begin this many rounds, then finish what is open; 0 = for ever */
} asy_task_env;

/* The weights policy and the memory's options that a configuration asks for. [pure] */
assay_weights_policy asy_round_policy(const asy_options *o);
assay_tracker_options asy_round_tracker_options(const asy_options *o);
/* The memory's members as candidates for weights; out has assay_tracker_count entries.
 * [pure] */
void asy_round_candidates(const assay_tracker *t, uint64_t now_ns, assay_candidate *out);
/* The plan from a record's inputs. [pure] */
assay_status asy_round_plan(const asy_weights_record *x, const asy_options *o,
							assay_weights_plan **plan, assay_err *err) ASSAY_CHECKED;

/* Whom a round asks and what it sends; the checks before a start ask the same way. */
asy_reach asy_round_reach(const asy_neuron *n, uint16_t uid, bool allow_private, asy_target *out);
/* May a vector of ours be sent in the subnet's consensus mode? ASSAY_E_CHAIN with a
 * sentence: the mode is not known, or another neuron decides, which is named. uid < 0 = we
 * are not in the subnet. modes.c. [pure] */
assay_status asy_mode_allows(const assay_snapshot *s, long uid, assay_err *err) ASSAY_CHECKED;
/* {"challenge_id", "task", "prompt"} */
assay_status asy_round_query_body(const char *task, const asy_question *q, asy_buf *out,
								  assay_err *err) ASSAY_CHECKED;

typedef struct asy_task asy_task;
/* Loads the per-miner memory and every unfinished round from the store. */
assay_status asy_task_new(const asy_task_env *env, asy_task **out, assay_err *err) ASSAY_CHECKED;
/* Runs until the wanted rounds are over (ASSAY_OK), the process is asked to stop
 * (ASSAY_E_CANCELLED: everything is on disk), or an error that waiting will not fix.
 * A chain that does not answer is waited for, with one complaint at growing
 * intervals. */
assay_status asy_task_run(asy_task *task, assay_err *err) ASSAY_CHECKED;
/* No new rounds: run returns when what is open is finished. */
void asy_task_drain(asy_task *task);
void asy_task_free(asy_task *task);

typedef struct {
	uint64_t rounds_begun, rounds_ended, counted, missed, refused, mismatches;
} asy_task_totals;
asy_task_totals asy_task_get_totals(const asy_task *task);
#endif
