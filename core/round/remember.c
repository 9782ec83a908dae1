/* What a plugin with state remembers, between the plugin and the journal. A BEGIN record names the
 * state as it is then, a SCORES record the state before and after; each has a version, and the
 * highest one is what a start gives back. The bytes are blobs of the round. */
#include "round/impl.h"

#define LOOK_BACK_IDS 64u /* rounds and submissions have one sequence of ids */
#define LOOK_BACK_ROUNDS 4u

static bool remembers(const asy_task *task)
{
	return (asy_plugin_info(task->env.plugin)->needs & ASY_NEED_STATE) != 0;
}

asy_kept_state asy_round_kept_state(const asy_task *task)
{
	assay_span state = asy_plugin_state(task->env.plugin);
	asy_kept_state k = {.version = task->plugin_state_version};
	if (!remembers(task) || state.len == 0)
		return k;
	k.blob.present = true;
	asy_blake2b(state.ptr, state.len, k.blob.b, sizeof k.blob.b);
	return k;
}

assay_status asy_round_put_state(asy_store *store, uint64_t round, assay_span state, assay_err *err)
{
	uint8_t digest[32];
	return state.len != 0 ? asy_store_blob_put(store, round, state, digest, err) : ASSAY_OK;
}

/* ---- a start ---- */

typedef struct {
	asy_kept_state newest;
} looking;

static assay_status visit(void *arg, const asy_rec *rec, assay_err *err)
{
	looking *k = arg;
	asy_kept_state x = {0};
	asy_json *doc = NULL;
	if (rec->type != ASY_REC_BEGIN && rec->type != ASY_REC_SCORES)
		return ASSAY_OK;
	TRY(asy_record_parse(rec->payload, &doc, err));
	assay_status st = asy_record_get_state(asy_json_root(doc), &x, NULL, err);
	asy_json_free(doc);
	if (st == ASSAY_OK && x.version >= k->newest.version)
		k->newest = x;
	return st;
}

static assay_status look_back(asy_task *task, asy_kept_state *out, assay_err *err)
{
	asy_story_info last = {0}, round[LOOK_BACK_IDS];
	looking k = {0};
	uint32_t passed;
	size_t n = 0;
	assay_status st = asy_store_last(task->env.store, ASY_STORY_ROUND, &last, err);
	if (st == ASSAY_E_NOTFOUND)
		return ASSAY_OK;
	if (st != ASSAY_OK)
		return st;
	uint64_t after = last.id > LOOK_BACK_IDS ? last.id - LOOK_BACK_IDS : 0;
	TRY(asy_store_stories(task->env.store, ASY_STORY_ROUND, after, round, LOOK_BACK_IDS, &n, err));
	for (size_t i = n > LOOK_BACK_ROUNDS ? n - LOOK_BACK_ROUNDS : 0; i < n; i++)
		if (!round[i].pruned)
			TRY(asy_store_sound_records(task->env.store, round[i].id, &passed, visit, &k, err));
	*out = k.newest;
	return ASSAY_OK;
}

/* Bytes that are lost are lost: the plugin begins anew, and the log says so. */
static assay_status give_back(asy_task *task, const asy_kept_state *k, assay_err *err)
{
	asy_buf bytes = {.max = ASY_PLUGIN_STATE_MAX};
	assay_err why = {0};
	assay_status st = asy_store_blob_get(task->env.store, k->blob.b, &bytes, &why);
	if (st == ASSAY_OK)
		st = asy_plugin_set_state(task->env.plugin, asy_buf_span(&bytes), err);
	else
		asy_log(task->env.log, ASY_BROKEN, "plugin.state_lost", ASY_STR("text", why.msg),
				ASY_STR("then", "the plugin begins anew"));
	asy_buf_fini(&bytes);
	return st == ASSAY_E_STORE || st == ASSAY_E_NOTFOUND ? ASSAY_OK : st;
}

assay_status asy_round_restore_state(asy_task *task, assay_err *err)
{
	asy_kept_state k = {0};
	if (task->has_plugin_state || !remembers(task))
		return ASSAY_OK;
	TRY(look_back(task, &k, err));
	if (k.blob.present)
		TRY(give_back(task, &k, err));
	task->plugin_state_version = k.version;
	task->has_plugin_state = true;
	return ASSAY_OK;
}
