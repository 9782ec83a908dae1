/* The experiment's inside: state, agents, events. Private to research: sim_input.c
 * and sim_generate.c fill it, simulate.c runs it. */
#ifndef ASY_RESEARCH_SIM_H
#define ASY_RESEARCH_SIM_H
#include "research/simulate.h"

/* A row as the chain stores it, in room for n entries. */
typedef struct {
	uint16_t *uid, *value;
	size_t len, cap;
} sim_row;

/* How a validator chooses its row before every epoch. An agent stays with its uid. */
typedef enum {
	SIM_JUDGE, /* quality of every judged miner, with noise */
	SIM_CABAL, /* own on its miners, the rest judged */
	SIM_COPY,  /* the consensus of lag epochs ago */
} sim_agent_kind;
typedef struct {
	uint16_t uid;
	sim_agent_kind kind;
	double noise, own;
	uint16_t lag;
	const uint16_t *miner; /* SIM_CABAL: its miners */
	size_t miner_n;
} sim_agent;

typedef enum {
	SIM_SET_ROW,
	SIM_SET_STAKE,
	SIM_SET, /* a parameter of the subnet */
	SIM_REGISTER,
	SIM_QUALITY,
	SIM_MISS,
} sim_action;
/* Parameters that SIM_SET changes; the table is in sim_input.c. */
typedef struct sim_param sim_param;
typedef struct {
	uint32_t epoch;
	size_t order; /* in the document */
	sim_action action;
	uint16_t uid;
	bool has_alpha, has_tao;
	uint64_t alpha, tao;            /* SIM_SET_STAKE, SIM_REGISTER */
	const uint16_t *target, *value; /* SIM_SET_ROW */
	size_t len;
	const sim_param *param; /* SIM_SET */
	int64_t number;         /* SIM_SET; u64 beyond int64 as its bits */
	double quality;         /* SIM_QUALITY */
	uint32_t epochs;        /* SIM_MISS */
} sim_event;
void sim_param_set(const sim_param *p, int64_t number, assay_yuma_input *in);
/* "kappa is 39321", "uid 11 registers": an event for people. */
void sim_event_text(const sim_event *e, char *out, size_t cap);

typedef struct {
	size_t *offset;
	uint16_t *uid, *value;
	size_t cap;
} sim_packed;

struct asy_sim {
	asy_arena *arena; /* everything but the growing arrays below */
	/* parameters; its vectors are the arrays here */
	assay_yuma_input in;
	assay_yuma_input began; /* the parameters of the first epoch; its vectors mean nothing */
	size_t n;
	uint64_t seed;
	uint32_t epochs, at; /* at: the epoch that comes next */
	bool is_prepared, refresh;
	uint16_t reinvest_milli;
	double drift;
	uint64_t *last_update, *registered, *alpha, *tao;
	uint8_t *permit;
	uint32_t *missing_until; /* first epoch in which the uid acts again */
	sim_row *row;
	double *quality; /* of each uid; negative = not judged */
	sim_agent *agent;
	size_t agent_n;
	uint8_t *has_agent;
	sim_event *event; /* ascending by epoch, in document order within one */
	size_t event_n, event_at;
	uint16_t *past; /* consensus of the last past_n epochs, [epoch % past_n][uid] */
	uint32_t past_n;
	char group_name[ASY_SIM_GROUPS_MAX][ASY_SIM_NAME_MAX];
	size_t group_n;
	uint8_t *group; /* of each uid */
	/* for one epoch */
	sim_packed weights, bonds, bonds_next;
	uint8_t *scratch;
	size_t scratch_len;
	uint64_t *validator_emission, *emission, *stake;
	uint8_t *active, *next_permit;
	uint16_t *out16; /* stake weight, consensus, trust, incentive, dividends: n each */
	double *score;   /* n, while a row is made */
};

/* Everything that lives as long as the experiment, for n neurons; epochs is checked
 * against the limits. The caller has set s->in's scalars. */
assay_status sim_alloc(size_t n, uint32_t epochs, asy_sim **out, assay_err *err) ASSAY_CHECKED;
/* A generated subnet with its agents, not yet ready: events may follow. */
assay_status sim_generate(const asy_sim_generate *g, uint32_t epochs, uint64_t seed, asy_sim **out,
						  assay_err *err) ASSAY_CHECKED;
/* Copies a state: vectors, rows, bonds. */
assay_status sim_load(asy_sim *s, const assay_yuma_input *in, assay_err *err) ASSAY_CHECKED;
/* After agents and events are known: sorts, reserves the past. */
assay_status sim_ready(asy_sim *s, assay_err *err) ASSAY_CHECKED;
/* Replaces a row; values are max-upscaled as the chain stores them. */
assay_status sim_row_set(asy_sim *s, size_t uid, const uint16_t *target, const uint16_t *value,
						 size_t len, assay_err *err) ASSAY_CHECKED;

/* Draws are addressed, not consumed: a stream for a purpose, an epoch and a uid, so
 * that one agent more changes nothing of what the others draw. */
typedef enum { SIM_DRAW_STAKE, SIM_DRAW_QUALITY, SIM_DRAW_DRIFT, SIM_DRAW_NOISE } sim_draw;
void sim_stream(uint64_t seed, sim_draw what, uint32_t epoch, uint32_t uid, asy_seeded_rng *out);
/* Mean 0, deviation 1: twelve uniforms, exact in double. */
double sim_normal(asy_seeded_rng *r);
/* The agents' rows of the coming epoch (sim_agents.c). */
assay_status sim_agents_act(asy_sim *s, uint64_t block, assay_err *err) ASSAY_CHECKED;
#endif
