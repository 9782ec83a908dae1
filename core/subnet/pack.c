/* The snapshot as bytes, for the journal and for replay bundles: a magic, a version,
 * then every field in a fixed order, SCALE-coded. The same snapshot gives the same
 * bytes. Refuses unknown versions, counts beyond the limits, and left-over bytes.
 * Version 1 had no consensus modes, no stored consensus and the old clock only; it is read
 * as a state of a runtime without them, which is all that its writers knew.
 * Reason to change: a snapshot field is added; then the version goes up. */
#include <stdlib.h>
#include "codec/codec.h"
#include "subnet/subnet.h"

static const uint8_t pack_magic[4] = {'A', 'S', 'N', 'P'};
#define PACK_VERSION 2u

/* ---- out ---- */

static void put_axon(asy_scale_w *w, const asy_axon *a)
{
	asy_scale_put_bool(w, a->present);
	if (!a->present)
		return;
	asy_scale_put_raw(w, a->ip, sizeof a->ip);
	asy_scale_put_u16(w, a->port);
	asy_scale_put_u8(w, a->ip_type);
	asy_scale_put_u8(w, a->protocol);
	asy_scale_put_u8(w, a->placeholder1);
	asy_scale_put_u8(w, a->placeholder2);
	asy_scale_put_u32(w, a->version);
	asy_scale_put_u64(w, a->block);
}

static void put_neuron(asy_scale_w *w, const asy_neuron *n)
{
	asy_scale_put_raw(w, n->hotkey.b, 32);
	asy_scale_put_raw(w, n->coldkey.b, 32);
	put_axon(w, &n->axon);
	asy_scale_put_u64(w, n->registered_at);
	asy_scale_put_u64(w, n->last_update);
	asy_scale_put_u64(w, n->alpha_stake);
	asy_scale_put_u64(w, n->tao_stake);
	asy_scale_put_u64(w, n->total_stake);
	asy_scale_put_u64(w, n->emission);
	asy_scale_put_bool(w, n->permit);
	asy_scale_put_bool(w, n->active);
	asy_scale_put_u16(w, n->consensus);
	asy_scale_put_u16(w, n->validator_trust);
	asy_scale_put_u16(w, n->incentive);
	asy_scale_put_u16(w, n->dividends);
	asy_scale_put_u16(w, n->stake_weight);
}

static void put_rows(asy_scale_w *w, const asy_rows *r, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const asy_entry *row = asy_row(r, i);
		size_t len = asy_row_len(r, i);
		asy_scale_put_compact(w, len);
		for (size_t k = 0; k < len; k++) {
			asy_scale_put_u16(w, row[k].uid);
			asy_scale_put_u16(w, row[k].value);
		}
	}
}

static void put_hyper(asy_scale_w *w, const asy_hyper *h)
{
	asy_scale_put_u16(w, h->kappa);
	asy_scale_put_u16(w, h->bonds_penalty);
	asy_scale_put_u16(w, h->rho);
	asy_scale_put_u64(w, h->bonds_moving_average);
	asy_scale_put_bool(w, h->bonds_reset_on);
	asy_scale_put_bool(w, h->yuma3_on);
	asy_scale_put_bool(w, h->liquid_alpha_on);
	asy_scale_put_u16(w, h->alpha_low);
	asy_scale_put_u16(w, h->alpha_high);
	asy_scale_put_u16(w, (uint16_t)h->alpha_sigmoid_steepness);
	asy_scale_put_u32(w, h->activity_cutoff_factor_milli);
	asy_scale_put_u16(w, h->activity_cutoff);
	asy_scale_put_u16(w, h->min_allowed_weights);
	asy_scale_put_u16(w, h->max_weights_limit);
	asy_scale_put_u64(w, h->weights_version_key);
	asy_scale_put_u64(w, h->weights_set_rate_limit);
	asy_scale_put_bool(w, h->commit_reveal_enabled);
	asy_scale_put_u16(w, h->commit_reveal_version);
	asy_scale_put_u64(w, h->reveal_period_epochs);
	asy_scale_put_u16(w, h->max_allowed_validators);
	asy_scale_put_u16(w, h->immunity_period);
	asy_scale_put_u16(w, h->max_allowed_uids);
	asy_scale_put_u64(w, h->serving_rate_limit);
	asy_scale_put_u64(w, h->stake_threshold);
	asy_scale_put_u64(w, h->tao_weight);
	asy_scale_put_u16(w, h->admin_freeze_window);
	asy_scale_put_u8(w, h->mechanism_count);
	asy_scale_put_u8(w, h->liquid_consensus_mode);
	asy_scale_put_u8(w, h->epoch_consensus);
}

static void put_epoch(asy_scale_w *w, const asy_epoch_state *e)
{
	asy_scale_put_u16(w, e->tempo);
	asy_scale_put_bool(w, e->stateful);
	asy_scale_put_u8(w, e->max_epochs_per_block);
	asy_scale_put_u64(w, e->last_epoch_block);
	asy_scale_put_u64(w, e->pending_epoch_at);
	asy_scale_put_u64(w, e->subnet_epoch_index);
	asy_scale_put_u64(w, e->blocks_since_last_step);
	asy_scale_put_u64(w, e->last_mechanism_step_block);
	asy_scale_put_bool(w, e->net_by_tempo);
	asy_scale_put_bool(w, e->has_yuma_step);
	asy_scale_put_u64(w, e->has_yuma_step ? e->last_yuma_step_block : 0);
}

static void put_commit(asy_scale_w *w, const asy_commit *c)
{
	asy_scale_put_u8(w, (uint8_t)c->kind);
	asy_scale_put_raw(w, c->hotkey.b, 32);
	asy_scale_put_raw(w, c->hash.b, 32);
	asy_scale_put_u64(w, c->epoch);
	asy_scale_put_u64(w, c->block);
	asy_scale_put_u64(w, c->reveal_round);
}

assay_status asy_snapshot_pack(const assay_snapshot *s, asy_buf *out, assay_err *err)
{
	asy_scale_w w = asy_scale_out(out);
	asy_scale_put_raw(&w, pack_magic, sizeof pack_magic);
	asy_scale_put_u8(&w, PACK_VERSION);
	asy_scale_put_u64(&w, s->block.number);
	asy_scale_put_raw(&w, s->block.hash.b, 32);
	asy_scale_put_u32(&w, s->spec_version);
	asy_scale_put_u64(&w, s->timestamp_ms);
	asy_scale_put_u16(&w, s->netuid);
	asy_scale_put_u8(&w, s->mecid);
	asy_scale_put_bool(&w, s->has_owner_uid);
	asy_scale_put_u16(&w, s->has_owner_uid ? s->owner_uid : 0);
	put_hyper(&w, &s->hyper);
	put_epoch(&w, &s->epoch);
	asy_scale_put_u64(&w, s->emission.pending_server);
	asy_scale_put_u64(&w, s->emission.pending_validator);
	asy_scale_put_u64(&w, s->emission.pending_root);
	asy_scale_put_u64(&w, s->emission.alpha_out_per_block);
	asy_scale_put_compact(&w, s->n);
	for (size_t i = 0; i < s->n; i++)
		put_neuron(&w, &s->neuron[i]);
	put_rows(&w, &s->weights, s->n);
	put_rows(&w, &s->bonds, s->n);
	asy_scale_put_compact(&w, s->commit_n);
	for (size_t i = 0; i < s->commit_n; i++)
		put_commit(&w, &s->commit[i]);
	asy_scale_put_compact(&w, s->previous_consensus_n);
	for (size_t i = 0; i < s->previous_consensus_n; i++)
		asy_scale_put_u16(&w, s->previous_consensus[i]);
	return asy_scale_out_end(&w, err);
}

/* ---- in ----
 * A reader that fails once and then stays failed, so that a struct reads as a list. */

typedef struct {
	asy_scale in;
	uint8_t version;
	assay_status st;
	assay_err *err;
} reader;

static uint8_t get_u8(reader *r)
{
	uint8_t v = 0;
	if (r->st == ASSAY_OK)
		r->st = asy_scale_u8(&r->in, &v, r->err);
	return v;
}
static uint16_t get_u16(reader *r)
{
	uint16_t v = 0;
	if (r->st == ASSAY_OK)
		r->st = asy_scale_u16(&r->in, &v, r->err);
	return v;
}
static uint32_t get_u32(reader *r)
{
	uint32_t v = 0;
	if (r->st == ASSAY_OK)
		r->st = asy_scale_u32(&r->in, &v, r->err);
	return v;
}
static uint64_t get_u64(reader *r)
{
	uint64_t v = 0;
	if (r->st == ASSAY_OK)
		r->st = asy_scale_u64(&r->in, &v, r->err);
	return v;
}
static bool get_bool(reader *r)
{
	bool v = false;
	if (r->st == ASSAY_OK)
		r->st = asy_scale_bool(&r->in, &v, r->err);
	return v;
}
static void get_raw(reader *r, void *dst, size_t len)
{
	assay_span s = {NULL, 0};
	if (r->st == ASSAY_OK)
		r->st = asy_scale_raw(&r->in, len, &s, r->err);
	if (r->st == ASSAY_OK)
		memcpy(dst, s.ptr, len);
}
static size_t get_count(reader *r, size_t min_item, size_t max)
{
	size_t n = 0;
	if (r->st == ASSAY_OK)
		r->st = asy_scale_count(&r->in, min_item, max, &n, r->err);
	return n;
}

static void get_axon(reader *r, asy_axon *a)
{
	a->present = get_bool(r);
	if (!a->present)
		return;
	get_raw(r, a->ip, sizeof a->ip);
	a->port = get_u16(r);
	a->ip_type = get_u8(r);
	a->protocol = get_u8(r);
	a->placeholder1 = get_u8(r);
	a->placeholder2 = get_u8(r);
	a->version = get_u32(r);
	a->block = get_u64(r);
}

static void get_neuron(reader *r, asy_neuron *n)
{
	get_raw(r, n->hotkey.b, 32);
	get_raw(r, n->coldkey.b, 32);
	get_axon(r, &n->axon);
	n->registered_at = get_u64(r);
	n->last_update = get_u64(r);
	n->alpha_stake = get_u64(r);
	n->tao_stake = get_u64(r);
	n->total_stake = get_u64(r);
	n->emission = get_u64(r);
	n->permit = get_bool(r);
	n->active = get_bool(r);
	n->consensus = get_u16(r);
	n->validator_trust = get_u16(r);
	n->incentive = get_u16(r);
	n->dividends = get_u16(r);
	n->stake_weight = get_u16(r);
}
#define PACKED_NEURON_MIN (64u + 1 + 6 * 8 + 2 + 5 * 2)

static void get_rows(reader *r, assay_snapshot *s, asy_rows *which)
{
	uint32_t *len = asy_calloc(s->n > 0 ? s->n : 1, sizeof *len);
	/* no more entries can follow than there are bytes, four each */
	size_t cap = asy_scale_left(&r->in) / 4, total = 0;
	asy_entry *entry = asy_calloc(cap > 0 ? cap : 1, sizeof *entry);
	if (len == NULL || entry == NULL)
		r->st = ASSAY_FAIL(r->err, E_NOMEM, "%zu row entries", cap);
	for (size_t i = 0; i < s->n && r->st == ASSAY_OK; i++) {
		size_t n = get_count(r, 4, ASY_UIDS_MAX);
		len[i] = (uint32_t)n;
		for (size_t k = 0; k < n && r->st == ASSAY_OK; k++) {
			entry[total].uid = get_u16(r);
			entry[total].value = get_u16(r);
			total++;
		}
	}
	if (r->st == ASSAY_OK)
		r->st = asy_snapshot_set_rows(s, which, len, entry, r->err);
	free(entry);
	free(len);
}

static void get_hyper(reader *r, asy_hyper *h)
{
	h->kappa = get_u16(r);
	h->bonds_penalty = get_u16(r);
	h->rho = get_u16(r);
	h->bonds_moving_average = get_u64(r);
	h->bonds_reset_on = get_bool(r);
	h->yuma3_on = get_bool(r);
	h->liquid_alpha_on = get_bool(r);
	h->alpha_low = get_u16(r);
	h->alpha_high = get_u16(r);
	h->alpha_sigmoid_steepness = (int16_t)get_u16(r);
	h->activity_cutoff_factor_milli = get_u32(r);
	h->activity_cutoff = get_u16(r);
	h->min_allowed_weights = get_u16(r);
	h->max_weights_limit = get_u16(r);
	h->weights_version_key = get_u64(r);
	h->weights_set_rate_limit = get_u64(r);
	h->commit_reveal_enabled = get_bool(r);
	h->commit_reveal_version = get_u16(r);
	h->reveal_period_epochs = get_u64(r);
	h->max_allowed_validators = get_u16(r);
	h->immunity_period = get_u16(r);
	h->max_allowed_uids = get_u16(r);
	h->serving_rate_limit = get_u64(r);
	h->stake_threshold = get_u64(r);
	h->tao_weight = get_u64(r);
	h->admin_freeze_window = get_u16(r);
	h->mechanism_count = get_u8(r);
	if (r->version < 2)
		return;
	h->liquid_consensus_mode = get_u8(r);
	h->epoch_consensus = get_u8(r);
}

static void get_epoch(reader *r, asy_epoch_state *e)
{
	e->tempo = get_u16(r);
	e->stateful = get_bool(r);
	e->max_epochs_per_block = get_u8(r);
	e->last_epoch_block = get_u64(r);
	e->pending_epoch_at = get_u64(r);
	e->subnet_epoch_index = get_u64(r);
	e->blocks_since_last_step = get_u64(r);
	e->last_mechanism_step_block = get_u64(r);
	if (r->version < 2)
		return;
	e->net_by_tempo = get_bool(r);
	e->has_yuma_step = get_bool(r);
	e->last_yuma_step_block = get_u64(r);
	if (r->st == ASSAY_OK && !e->has_yuma_step && e->last_yuma_step_block != 0)
		r->st = ASSAY_FAIL(r->err, E_FORMAT, "a Yuma block without the flag that there is one");
}
#define PACKED_COMMIT (1u + 64 + 24)

static void get_commits(reader *r, assay_snapshot *s)
{
	size_t n = get_count(r, PACKED_COMMIT, ASY_COMMITS_MAX);
	if (r->st != ASSAY_OK)
		return;
	asy_commit *c = asy_calloc(n > 0 ? n : 1, sizeof *c);
	if (c == NULL)
		r->st = ASSAY_FAIL(r->err, E_NOMEM, "%zu commits", n);
	for (size_t i = 0; i < n && r->st == ASSAY_OK; i++) {
		uint8_t kind = get_u8(r);
		if (r->st == ASSAY_OK && kind != ASY_COMMIT_HASH && kind != ASY_COMMIT_TIMELOCK)
			r->st = ASSAY_FAIL(r->err, E_FORMAT, "commit %zu is of kind %u", i, kind);
		c[i].kind = (asy_commit_kind)kind;
		get_raw(r, c[i].hotkey.b, 32);
		get_raw(r, c[i].hash.b, 32);
		c[i].epoch = get_u64(r);
		c[i].block = get_u64(r);
		c[i].reveal_round = get_u64(r);
	}
	if (r->st == ASSAY_OK)
		r->st = asy_snapshot_set_commits(s, c, n, r->err);
	free(c);
}

static void get_consensus(reader *r, assay_snapshot *s)
{
	size_t n = r->version < 2 ? 0 : get_count(r, 2, s->n);
	uint16_t *list = asy_calloc(n > 0 ? n : 1, sizeof *list);
	if (list == NULL)
		r->st = ASSAY_FAIL(r->err, E_NOMEM, "the stored consensus of %zu neurons", n);
	for (size_t i = 0; i < n && r->st == ASSAY_OK; i++)
		list[i] = get_u16(r);
	if (r->st == ASSAY_OK)
		r->st = asy_snapshot_set_consensus(s, list, n, r->err);
	free(list);
}

/* The fields before the neurons; they are kept aside until n is known. */
static void get_head(reader *r, assay_snapshot *h)
{
	uint8_t magic[4] = {0};
	get_raw(r, magic, sizeof magic);
	r->version = get_u8(r);
	if (r->st == ASSAY_OK && memcmp(magic, pack_magic, sizeof magic) != 0)
		r->st = ASSAY_FAIL(r->err, E_FORMAT, "these bytes are not a snapshot");
	if (r->st == ASSAY_OK && (r->version == 0 || r->version > PACK_VERSION))
		r->st = ASSAY_FAIL(r->err, E_UNSUPPORTED,
						   "snapshot format %u, this program reads 1 to %u: use the version that "
						   "wrote it",
						   r->version, PACK_VERSION);
	h->block.number = get_u64(r);
	get_raw(r, h->block.hash.b, 32);
	h->spec_version = get_u32(r);
	h->timestamp_ms = get_u64(r);
	h->netuid = get_u16(r);
	h->mecid = get_u8(r);
	h->has_owner_uid = get_bool(r);
	h->owner_uid = get_u16(r);
	if (r->st == ASSAY_OK && !h->has_owner_uid && h->owner_uid != 0)
		r->st = ASSAY_FAIL(r->err, E_FORMAT, "an owner uid without the flag that there is one");
	get_hyper(r, &h->hyper);
	get_epoch(r, &h->epoch);
	h->emission.pending_server = get_u64(r);
	h->emission.pending_validator = get_u64(r);
	h->emission.pending_root = get_u64(r);
	h->emission.alpha_out_per_block = get_u64(r);
	h->epoch.netuid = h->netuid;
	h->epoch.is_null = h->hyper.epoch_consensus == ASY_CONSENSUS_NULL;
}

assay_status asy_snapshot_unpack(assay_span bytes, assay_snapshot **out, assay_err *err)
{
	reader r = {asy_scale_in(bytes), 0, ASSAY_OK, err};
	assay_snapshot head = {0}, *s = NULL;
	get_head(&r, &head);
	size_t n = get_count(&r, PACKED_NEURON_MIN, ASY_UIDS_MAX);
	if (r.st == ASSAY_OK)
		r.st = asy_snapshot_new(n, &s, err);
	if (r.st != ASSAY_OK)
		goto out;
	s->block = head.block;
	s->spec_version = head.spec_version;
	s->timestamp_ms = head.timestamp_ms;
	s->netuid = head.netuid;
	s->mecid = head.mecid;
	s->has_owner_uid = head.has_owner_uid;
	s->owner_uid = head.owner_uid;
	s->hyper = head.hyper;
	s->epoch = head.epoch;
	s->emission = head.emission;
	for (size_t i = 0; i < n && r.st == ASSAY_OK; i++)
		get_neuron(&r, &s->neuron[i]);
	if (r.st == ASSAY_OK)
		get_rows(&r, s, &s->weights);
	if (r.st == ASSAY_OK)
		get_rows(&r, s, &s->bonds);
	if (r.st == ASSAY_OK)
		get_commits(&r, s);
	if (r.st == ASSAY_OK)
		get_consensus(&r, s);
	if (r.st == ASSAY_OK)
		r.st = asy_scale_end(&r.in, err);
	if (r.st == ASSAY_OK)
		r.st = asy_snapshot_check(s, err);
	if (r.st == ASSAY_OK) {
		*out = s;
		s = NULL;
	}
out:
	asy_snapshot_free(s);
	if (r.st != ASSAY_OK)
		return assay_err_at(err, r.st, "reading a packed snapshot");
	return ASSAY_OK;
}
