/* Writes an epoch's input as JSON, in the schema of the published vectors, so that
 * any epoch of an experiment can be run, explained and questioned on its own. */
#include "research/simulate.h"

static void put_u64s(asy_jw *w, const char *key, const uint64_t *v, size_t n)
{
	asy_jw_key(w, key);
	asy_jw_array(w);
	for (size_t i = 0; i < n; i++)
		asy_jw_u64(w, v[i]);
	asy_jw_end_array(w);
}

static void put_u16s(asy_jw *w, const uint16_t *v, size_t n)
{
	asy_jw_array(w);
	for (size_t i = 0; i < n; i++)
		asy_jw_u64(w, v[i]);
	asy_jw_end_array(w);
}

static void put_rows(asy_jw *w, const char *key, const assay_yuma_rows *rows)
{
	asy_jw_key(w, key);
	asy_jw_array(w);
	for (size_t i = 0; i < rows->rows_n; i++) {
		asy_yuma_row row = asy_yuma_rows_get(rows, i);
		if (row.len == 0)
			continue;
		asy_jw_array(w);
		asy_jw_u64(w, i);
		put_u16s(w, row.uid, row.len);
		put_u16s(w, row.value, row.len);
		asy_jw_end_array(w);
	}
	asy_jw_end_array(w);
}

/* timelock false: [uid, [[epoch, block]]]; true: [epoch, [[uid, block]]]. One pair per
 * group: only the order of the queue matters, and it is kept. */
static void put_commits(asy_jw *w, const assay_yuma_input *in, bool timelock)
{
	asy_jw_key(w, timelock ? "v4" : "v2");
	asy_jw_array(w);
	for (size_t i = 0; i < in->commits_n; i++) {
		const assay_yuma_commit *c = &in->commits[i];
		if (c->timelock != timelock)
			continue;
		asy_jw_array(w);
		asy_jw_u64(w, timelock ? c->epoch : c->uid);
		asy_jw_array(w);
		asy_jw_array(w);
		asy_jw_u64(w, timelock ? c->uid : c->epoch);
		asy_jw_u64(w, c->block);
		asy_jw_end_array(w);
		asy_jw_end_array(w);
		asy_jw_end_array(w);
	}
	asy_jw_end_array(w);
}

static void put_scalars(asy_jw *w, const assay_yuma_input *in)
{
	asy_jw_ku64(w, "n", in->n);
	asy_jw_ku64(w, "current_block", in->current_block);
	asy_jw_ku64(w, "tempo", in->tempo);
	asy_jw_ku64(w, "activity_cutoff_factor_milli", in->activity_cutoff_factor_milli);
	asy_jw_ku64(w, "last_mechanism_step_block", in->last_mechanism_step_block);
	asy_jw_ku64(w, "tao_weight", in->tao_weight);
	asy_jw_ku64(w, "stake_threshold", in->stake_threshold);
	asy_jw_key(w, "owner_uid");
	if (in->owner_uid < 0)
		asy_jw_null(w);
	else
		asy_jw_i64(w, in->owner_uid);
	asy_jw_ku64(w, "max_allowed_validators", in->max_allowed_validators);
	asy_jw_ku64(w, "kappa", in->kappa);
	asy_jw_ku64(w, "bonds_penalty", in->bonds_penalty);
	asy_jw_ku64(w, "bonds_moving_average", in->bonds_moving_average);
	asy_jw_kbool(w, "yuma3", in->yuma3);
	asy_jw_kbool(w, "liquid_alpha", in->liquid_alpha);
	asy_jw_ku64(w, "alpha_low", in->alpha_low);
	asy_jw_ku64(w, "alpha_high", in->alpha_high);
	asy_jw_ki64(w, "alpha_sigmoid_steepness", in->alpha_sigmoid_steepness);
	asy_jw_ku64(w, "liquid_alpha_consensus_mode", in->liquid_consensus_mode);
	asy_jw_ku64(w, "rao_emission", in->rao_emission);
}

assay_status asy_research_input_json(const assay_yuma_input *in, asy_buf *out, assay_err *err)
{
	asy_jw w = asy_jw_out(out, 0);
	asy_jw_object(&w);
	put_scalars(&w, in);
	put_u64s(&w, "last_update", in->last_update, in->last_update_n);
	put_u64s(&w, "block_at_registration", in->block_at_registration, in->n);
	put_u64s(&w, "alpha_stake", in->alpha_stake, in->n);
	put_u64s(&w, "tao_stake", in->tao_stake, in->n);
	if (in->previous_consensus_n > 0) {
		asy_jw_key(&w, "previous_consensus");
		asy_jw_array(&w);
		for (size_t i = 0; i < in->previous_consensus_n; i++)
			asy_jw_u64(&w, in->previous_consensus[i]);
		asy_jw_end_array(&w);
	}
	asy_jw_key(&w, "validator_permit");
	asy_jw_array(&w);
	for (size_t i = 0; i < in->validator_permit_n; i++)
		asy_jw_u64(&w, in->validator_permit[i] != 0);
	asy_jw_end_array(&w);
	asy_jw_key(&w, "commit_reveal");
	asy_jw_object(&w);
	asy_jw_kbool(&w, "enabled", in->commit_reveal);
	asy_jw_ku64(&w, "current_epoch", in->current_epoch);
	asy_jw_ku64(&w, "reveal_period", in->commit_reveal_period);
	put_commits(&w, in, false);
	put_commits(&w, in, true);
	asy_jw_end_object(&w);
	put_rows(&w, "weights", &in->weights);
	put_rows(&w, "bonds", &in->bonds);
	asy_jw_end_object(&w);
	return asy_jw_end(&w, err);
}
