/* simulate: consensus over many epochs, with changing rows, stakes and bonds. An
 * experiment is a starting state, agents that choose rows, and events; each epoch is
 * the chain's own, bit for bit, and its bonds and permits are the next one's input.
 * Pure and seeded: no clock, no entropy, no file; only + - * / on doubles, so the
 * same experiment gives the same bits on every machine.
 * Reason to change: another agent, event or output of an experiment. */
#ifndef ASY_RESEARCH_SIMULATE_H
#define ASY_RESEARCH_SIMULATE_H
#include "base/base.h"
#include "codec/codec.h"
#include "yuma/yuma.h"

#define ASY_SIM_EPOCHS_MAX 1000000u
#define ASY_SIM_CELLS_MAX ((size_t)4 << 20) /* epochs x neurons kept */
#define ASY_SIM_LAG_MAX 64u
#define ASY_SIM_GROUPS_MAX 8u
#define ASY_SIM_NAME_MAX 32u

/* A subnet made from numbers: honest validators, then the cabal's, then copiers,
 * then honest miners, then the cabal's. New-subnet parameters (Yuma 3). */
typedef struct {
	uint16_t validators, miners;             /* honest ones */
	uint16_t cabal_validators, cabal_miners; /* both or neither */
	double cabal_stake;                      /* share of all stake */
	double cabal_own;                        /* share of a cabal row on its own miners */
	uint16_t copiers;                        /* rows = the consensus copy_lag epochs ago */
	uint16_t copy_lag;
	int64_t newcomer_epoch;  /* the last honest miner is replaced then; -1 = never */
	double newcomer_quality; /* against 1 for the average miner */
	double noise;            /* of an honest judgement, standard deviation */
	double drift;            /* of a miner's quality per epoch, standard deviation */
	double stake_spread;     /* of validators' stakes, standard deviation */
	double quality_spread;   /* of miners' qualities, standard deviation */
	bool yuma3, liquid_alpha;
	uint16_t kappa, bonds_penalty;
	uint64_t bonds_moving_average; /* millionths */
} asy_sim_generate;
asy_sim_generate asy_sim_generate_defaults(void);

typedef struct asy_sim asy_sim;
/* The experiment from its JSON document (docs/yuma.md, format assay-simulate/1).
 * Errors name the path. */
assay_status asy_sim_read(asy_jv doc, asy_sim **out, assay_err *err) ASSAY_CHECKED;
/* The generated one. E_RANGE, E_LIMIT, E_NOMEM. */
assay_status asy_sim_make(const asy_sim_generate *how, uint32_t epochs, uint64_t seed,
						  asy_sim **out, assay_err *err) ASSAY_CHECKED;
void asy_sim_free(asy_sim *s);
void asy_sim_cpu(asy_sim *s, uint64_t cpu_mask);
size_t asy_sim_neurons(const asy_sim *s);
uint32_t asy_sim_epochs(const asy_sim *s);
/* Group of a uid and its name: who is who in the reports. */
size_t asy_sim_groups(const asy_sim *s);
const char *asy_sim_group_name(const asy_sim *s, size_t group);
size_t asy_sim_group(const asy_sim *s, size_t uid);

/* What an epoch stored about one uid. */
typedef struct {
	uint64_t emission, stake;
	uint16_t stake_weight, consensus, validator_trust, incentive, dividends;
	uint8_t active, permit; /* permit: for the next epoch */
} asy_sim_cell;

/* Epoch by epoch. prepare applies what happens before the next epoch; then the input
 * is what that epoch reads (borrowed until advance); advance runs it into cells (n of
 * them) and feeds bonds, permits and stakes forward. E_EMPTY: no epoch is left. */
assay_status asy_sim_prepare(asy_sim *s, assay_err *err) ASSAY_CHECKED;
const assay_yuma_input *asy_sim_input(const asy_sim *s);
assay_status asy_sim_advance(asy_sim *s, asy_sim_cell *cells, assay_err *err) ASSAY_CHECKED;

/* All epochs at once. */
typedef struct {
	size_t n;
	uint32_t epochs;
	asy_sim_cell *cell; /* [epoch][uid] */
	uint64_t *block;    /* of each epoch */
} asy_sim_result;
assay_status asy_sim_run(asy_sim *s, asy_sim_result *out, assay_err *err) ASSAY_CHECKED;
void asy_sim_result_fini(asy_sim_result *r);

/* ---- reports ---- */

/* One group in one epoch. */
typedef struct {
	double emission_share, stake_share;
	double validator_trust;  /* mean over its permitted uids, 0 without */
	double dividend_share;   /* of all dividends */
	double incentive_share;  /* of all incentive */
	double return_per_stake; /* dividend share over stake share; 1 = average; 0 without stake */
	size_t permits, actives;
} asy_sim_group_cell;
void asy_sim_group_at(const asy_sim *s, const asy_sim_result *r, uint32_t epoch, size_t group,
					  asy_sim_group_cell *out);

/* Appends to out. */
assay_status asy_sim_json(const asy_sim *s, const asy_sim_result *r, asy_buf *out,
						  assay_err *err) ASSAY_CHECKED;
/* Long format, one row per epoch and uid. */
assay_status asy_sim_csv(const asy_sim *s, const asy_sim_result *r, asy_buf *out,
						 assay_err *err) ASSAY_CHECKED;
/* One self-contained page. */
assay_status asy_sim_html(const asy_sim *s, const asy_sim_result *r, const char *title,
						  asy_buf *out, assay_err *err) ASSAY_CHECKED;

/* An epoch's input in the schema that asy_yuma_input_read takes (input_out.c). */
assay_status asy_research_input_json(const assay_yuma_input *in, asy_buf *out,
									 assay_err *err) ASSAY_CHECKED;
#endif
