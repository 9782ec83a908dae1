/* What belongs to the hotkeys of a subnet: axons, coldkeys, live commits, and stake with
 * what is lent in both directions.
 * Reason to change: where the chain keeps something of a hotkey. */
#include <stdlib.h>
#include "crypto/crypto.h"
#include "schedule/schedule.h"
#include "chain/impl.h"

/* ---- keys ---- */

static size_t add_account(asy_read *r, const asy_chain *c, asy_item item, const asy_account *a)
{
	const assay_span key = asy_span(a->b, sizeof a->b);
	return asy_read_add(r, c, item, &key, 1);
}

static size_t add_u16_account(asy_read *r, const asy_chain *c, asy_item item, uint16_t n,
							  const asy_account *a)
{
	uint8_t le[2];
	asy_put_u16le(le, n);
	const assay_span keys[2] = {asy_span(le, sizeof le), asy_span(a->b, sizeof a->b)};
	return asy_read_add(r, c, item, keys, 2);
}

static size_t add_account_u16(asy_read *r, const asy_chain *c, asy_item item, const asy_account *a,
							  uint16_t n)
{
	uint8_t le[2];
	asy_put_u16le(le, n);
	const assay_span keys[2] = {asy_span(a->b, sizeof a->b), asy_span(le, sizeof le)};
	return asy_read_add(r, c, item, keys, 2);
}

/* ---- stake ---- */

/* A hotkey's own stake in a subnet. Runtimes before the subnets' own tokens kept one number a
 * hotkey, which then counts everywhere and has no part in TAO besides. */
static size_t add_own_stake(asy_read *r, const asy_chain *c, const asy_account *a, uint16_t netuid)
{
	if (c->items.item[ITEM_HOTKEY_ALPHA] == NULL && netuid != 0)
		return add_account(r, c, ITEM_HOTKEY_STAKE, a);
	return add_account_u16(r, c, ITEM_HOTKEY_ALPHA, a, netuid);
}

typedef struct {
	uint64_t proportion;
	asy_account who;
} lender;

static assay_status take_lenders(const asy_read *r, const asy_chain *c, size_t i, lender *out,
								 size_t *n, assay_err *err)
{
	assay_span bytes, who;
	*n = 0;
	if (!asy_read_get(r, c, i, &bytes))
		return ASSAY_OK;
	asy_scale in = asy_scale_in(bytes);
	size_t count = 0;
	assay_status st = asy_scale_count(&in, 40, ASY_DELEGATIONS_MAX, &count, err);
	for (size_t k = 0; k < count && st == ASSAY_OK; k++) {
		st = asy_scale_u64(&in, &out[k].proportion, err);
		if (st == ASSAY_OK)
			st = asy_scale_raw(&in, 32, &who, err);
		if (st == ASSAY_OK)
			memcpy(out[k].who.b, who.ptr, 32);
	}
	if (st == ASSAY_OK)
		*n = count;
	return st;
}

/* What each hotkey's second round of answers is found under, from its first index. */
enum { M_AXON, M_COLDKEY, M_ALPHA, M_TAO, M_PARENTS, M_CHILDREN, M_SUSPENDED, M_COMMITS, M_STEP };

/* A hotkey whose stake fell under the threshold neither lends nor is lent from, except where
 * it owns the subnet. */
static bool is_suspended(const asy_read *r, const asy_chain *c, size_t i, const asy_account *who,
						 const asy_account *owner)
{
	assay_span ignored;
	return asy_read_get(r, c, i, &ignored) && !asy_account_eq(who, owner);
}

/* The lenders' own stakes and whether they are suspended. */
static assay_status ask_lenders(asy_chain *c, const assay_snapshot *s, const asy_read *second,
								asy_read *third, assay_err *err)
{
	lender parents[ASY_DELEGATIONS_MAX];
	size_t n = 0;
	for (size_t i = 0; i < s->n; i++) {
		TRY(take_lenders(second, c, i * M_STEP + M_PARENTS, parents, &n, err));
		for (size_t k = 0; k < n; k++) {
			(void)add_own_stake(third, c, &parents[k].who, s->netuid);
			(void)add_own_stake(third, c, &parents[k].who, 0);
			(void)add_account(third, c, ITEM_SUSPENDED, &parents[k].who);
		}
	}
	return asy_read_run(third, c, &s->block.hash, err);
}

/* Last round: every hotkey's inherited stake. second holds the answers of the members'
 * round. */
static assay_status read_stakes(asy_chain *c, assay_snapshot *s, const asy_read *second,
								const asy_account *owner, assay_err *err)
{
	asy_read third = {.slot = NULL};
	lender parents[ASY_DELEGATIONS_MAX], kids[ASY_DELEGATIONS_MAX];
	asy_delegation alpha[ASY_DELEGATIONS_MAX], tao[ASY_DELEGATIONS_MAX], lent[ASY_DELEGATIONS_MAX];
	size_t parents_n = 0, kids_n = 0, at = 0;
	assay_status st = ask_lenders(c, s, second, &third, err);
	for (size_t i = 0; i < s->n && st == ASSAY_OK; i++) {
		asy_neuron *n = &s->neuron[i];
		st = take_lenders(second, c, i * M_STEP + M_PARENTS, parents, &parents_n, err);
		if (st == ASSAY_OK)
			st = take_lenders(second, c, i * M_STEP + M_CHILDREN, kids, &kids_n, err);
		for (size_t k = 0; k < parents_n && st == ASSAY_OK; k++) {
			bool lends = !is_suspended(&third, c, at + 2, &parents[k].who, owner);
			uint64_t part = lends ? parents[k].proportion : 0;
			alpha[k] = (asy_delegation){part, asy_read_int(&third, c, at, 0)};
			tao[k] = (asy_delegation){part, asy_read_int(&third, c, at + 1, 0)};
			at += 3;
		}
		if (is_suspended(second, c, i * M_STEP + M_SUSPENDED, &n->hotkey, owner))
			kids_n = 0;
		for (size_t k = 0; k < kids_n && st == ASSAY_OK; k++)
			lent[k] = (asy_delegation){kids[k].proportion, 0};
		if (st != ASSAY_OK)
			break;
		n->alpha_stake = asy_stake_inherited(asy_read_int(second, c, i * M_STEP + M_ALPHA, 0), lent,
											 kids_n, alpha, parents_n);
		n->tao_stake = asy_stake_inherited(asy_read_int(second, c, i * M_STEP + M_TAO, 0), lent,
										   kids_n, tao, parents_n);
		n->total_stake = asy_stake_total(n->alpha_stake, n->tao_stake, s->hyper.tao_weight);
	}
	asy_read_fini(&third);
	return st;
}

/* ---- commits ---- */

static void ask_timelocked(asy_read *r, const asy_chain *c, const assay_snapshot *s,
						   uint64_t *first, uint64_t *count)
{
	*first = *count = 0;
	if (s->hyper.commit_reveal_enabled)
		asy_ask_timelocked(r, c, s->netuid, s->mecid, &s->epoch, s->hyper.reveal_period_epochs,
						   s->block.number, first, count);
}

static assay_status add_commit(asy_buf *list, const asy_commit *c, assay_err *err)
{
	return asy_buf_add(list, c, sizeof *c, err);
}

static assay_status take_all_commits(asy_chain *c, assay_snapshot *s, const asy_read *r,
									 uint64_t first, uint64_t count, assay_err *err)
{
	asy_buf list = {0};
	asy_commit own[ASY_LIVE_COMMITS_MAX];
	assay_span bytes;
	assay_status st = ASSAY_OK;
	for (size_t i = 0; i < s->n && st == ASSAY_OK; i++) {
		size_t n = 0;
		if (!asy_read_get(r, c, i * M_STEP + M_COMMITS, &bytes))
			continue;
		st = asy_decode_commits(bytes, &s->neuron[i].hotkey, &s->epoch, own, ASY_COUNT(own), &n,
								err);
		for (size_t k = 0; k < n && st == ASSAY_OK; k++)
			st = add_commit(&list, &own[k], err);
	}
	for (uint64_t e = 0; e < count && st == ASSAY_OK; e++)
		if (asy_read_get(r, c, s->n * M_STEP + (size_t)e, &bytes))
			st = asy_decode_timelocked(bytes, first + e, &list, err);
	if (st == ASSAY_OK)
		st = asy_snapshot_set_commits(s, (const asy_commit *)(const void *)list.ptr,
									  list.len / sizeof(asy_commit), err);
	asy_buf_fini(&list);
	return st;
}

/* ---- all of it ---- */

assay_status asy_read_members(asy_chain *c, assay_snapshot *s, assay_err *err)
{
	asy_read r = {.slot = NULL};
	const uint16_t index = asy_storage_index(s->netuid, s->mecid);
	uint64_t first = 0, count = 0;
	assay_span bytes;
	for (size_t i = 0; i < s->n; i++) {
		const asy_account *who = &s->neuron[i].hotkey;
		(void)add_u16_account(&r, c, ITEM_AXONS, s->netuid, who);
		(void)add_account(&r, c, ITEM_OWNER, who);
		(void)add_own_stake(&r, c, who, s->netuid);
		(void)add_own_stake(&r, c, who, 0);
		(void)add_account_u16(&r, c, ITEM_PARENT_KEYS, who, s->netuid);
		(void)add_account_u16(&r, c, ITEM_CHILD_KEYS, who, s->netuid);
		(void)add_account(&r, c, ITEM_SUSPENDED, who);
		(void)add_u16_account(&r, c, ITEM_WEIGHT_COMMITS, index, who);
	}
	ask_timelocked(&r, c, s, &first, &count);
	size_t owner_at = asy_read_add_u16(&r, c, ITEM_OWNER_HOTKEY, s->netuid);
	assay_status st = asy_read_run(&r, c, &s->block.hash, err);
	for (size_t i = 0; i < s->n && st == ASSAY_OK; i++) {
		asy_neuron *n = &s->neuron[i];
		if (asy_read_get(&r, c, i * M_STEP + M_AXON, &bytes)) {
			st = asy_axon_decode(c->meta, c->items.item[ITEM_AXONS]->value, bytes, &n->axon, err);
			if (st != ASSAY_OK)
				(void)assay_err_at(err, st, "the axon of uid %zu", i);
		}
		if (asy_read_get(&r, c, i * M_STEP + M_COLDKEY, &bytes) && bytes.len == 32)
			memcpy(n->coldkey.b, bytes.ptr, 32);
	}
	asy_account owner = {{0}};
	if (st == ASSAY_OK && asy_read_get(&r, c, owner_at, &bytes) && bytes.len == sizeof owner.b)
		memcpy(owner.b, bytes.ptr, sizeof owner.b);
	if (st == ASSAY_OK)
		st = take_all_commits(c, s, &r, first, count, err);
	if (st == ASSAY_OK)
		st = read_stakes(c, s, &r, &owner, err);
	asy_read_fini(&r);
	return st;
}

/* ---- read-backs of one hotkey ---- */

static assay_status uid_of(asy_chain *c, uint16_t netuid, const asy_account *hotkey,
						   const asy_block_ref *at, uint16_t *uid, assay_err *err)
{
	asy_read r = {.slot = NULL};
	assay_span bytes;
	static const asy_item needed[] = {ITEM_UIDS};
	size_t i = add_u16_account(&r, c, ITEM_UIDS, netuid, hotkey);
	assay_status st = asy_items_need(&c->items, needed, ASY_COUNT(needed), err);
	if (st == ASSAY_OK)
		st = asy_read_run(&r, c, &at->hash, err);
	bool found = st == ASSAY_OK && asy_read_get(&r, c, i, &bytes);
	if (found && bytes.len != 2)
		st = ASSAY_FAIL(err, E_FORMAT, "a uid of %zu bytes", bytes.len);
	if (st == ASSAY_OK && !found) {
		char address[ASY_SS58_LEN];
		asy_ss58_encode(hotkey->b, address);
		st = ASSAY_FAIL(err, E_NOTFOUND, "hotkey %s is not registered in subnet %u", address,
						netuid);
	}
	if (st == ASSAY_OK)
		*uid = asy_get_u16le(bytes.ptr);
	asy_read_fini(&r);
	return st;
}

assay_status asy_chain_uid(asy_chain *c, uint16_t netuid, const asy_account *hotkey,
						   const asy_block_ref *at, uint16_t *uid, assay_err *err)
{
	return ASY_ASK(c, err, uid_of(c, netuid, hotkey, at, uid, err));
}

static assay_status last_update_of(asy_chain *c, uint16_t netuid, uint8_t mecid, uint16_t uid,
								   const asy_block_ref *at, uint64_t *block, assay_err *err)
{
	asy_read r = {.slot = NULL};
	assay_span bytes;
	size_t i = asy_read_add_u16(&r, c, ITEM_LAST_UPDATE, asy_storage_index(netuid, mecid)), n = 0;
	assay_status st = asy_read_run(&r, c, &at->hash, err);
	uint64_t v = 0;
	if (st == ASSAY_OK && asy_read_get(&r, c, i, &bytes)) {
		asy_scale in = asy_scale_in(bytes);
		st = asy_scale_count(&in, 8, ASY_UIDS_MAX, &n, err);
		if (st == ASSAY_OK && uid < n)
			v = asy_get_u64le(bytes.ptr + in.at + 8u * uid);
	}
	if (st == ASSAY_OK)
		*block = v;
	asy_read_fini(&r);
	return st;
}

assay_status asy_chain_last_update(asy_chain *c, uint16_t netuid, uint8_t mecid, uint16_t uid,
								   const asy_block_ref *at, uint64_t *block, assay_err *err)
{
	return ASY_ASK(c, err, last_update_of(c, netuid, mecid, uid, at, block, err));
}

static assay_status row_of(asy_chain *c, uint16_t netuid, uint8_t mecid, uint16_t uid,
						   const asy_block_ref *at, asy_entry **out, size_t *n, assay_err *err)
{
	asy_read r = {.slot = NULL};
	asy_buf entries = {0};
	assay_span bytes;
	uint32_t len = 0;
	size_t i = asy_read_add_u16_u16(&r, c, ITEM_WEIGHTS, asy_storage_index(netuid, mecid), uid);
	assay_status st = asy_read_run(&r, c, &at->hash, err);
	if (st == ASSAY_OK && asy_read_get(&r, c, i, &bytes))
		st = asy_decode_row(bytes, &entries, &len, err);
	asy_entry *copy = NULL;
	if (st == ASSAY_OK && len > 0) {
		copy = asy_calloc(len, sizeof *copy);
		if (copy == NULL)
			st = ASSAY_FAIL(err, E_NOMEM, "a row of %" PRIu32 " entries", len);
		else
			memcpy(copy, entries.ptr, len * sizeof *copy);
	}
	if (st == ASSAY_OK) {
		*out = copy;
		*n = len;
	}
	asy_buf_fini(&entries);
	asy_read_fini(&r);
	return st;
}

assay_status asy_chain_weights_row(asy_chain *c, uint16_t netuid, uint8_t mecid, uint16_t uid,
								   const asy_block_ref *at, asy_entry **out, size_t *n,
								   assay_err *err)
{
	return ASY_ASK(c, err, row_of(c, netuid, mecid, uid, at, out, n, err));
}

static assay_status commits_of(asy_chain *c, uint16_t netuid, uint8_t mecid,
							   const asy_account *hotkey, const asy_block_ref *at, asy_commit *out,
							   size_t cap, size_t *n, assay_err *err)
{
	asy_read r = {.slot = NULL};
	asy_epoch_state epoch = {.netuid = netuid};
	assay_span bytes;
	size_t i =
		add_u16_account(&r, c, ITEM_WEIGHT_COMMITS, asy_storage_index(netuid, mecid), hotkey);
	size_t tempo = asy_read_add_u16(&r, c, ITEM_TEMPO, netuid), found = 0;
	assay_status st = asy_read_run(&r, c, &at->hash, err);
	if (st == ASSAY_OK && asy_read_get(&r, c, i, &bytes)) {
		epoch.stateful = c->items.item[ITEM_EPOCH_INDEX] != NULL;
		epoch.tempo = (uint16_t)asy_read_int(&r, c, tempo, 0);
		st = asy_decode_commits(bytes, hotkey, &epoch, out, cap, &found, err);
	}
	if (st == ASSAY_OK)
		*n = found;
	asy_read_fini(&r);
	return st;
}

assay_status asy_chain_commits(asy_chain *c, uint16_t netuid, uint8_t mecid,
							   const asy_account *hotkey, const asy_block_ref *at, asy_commit *out,
							   size_t cap, size_t *n, assay_err *err)
{
	return ASY_ASK(c, err, commits_of(c, netuid, mecid, hotkey, at, out, cap, n, err));
}

static assay_status measure_block_time(asy_chain *c, const asy_block_ref *head, double fallback,
									   double *out, assay_err *err)
{
	const uint64_t span = head->number > 200 ? 200 : head->number > 1 ? head->number - 1 : 0;
	asy_block_ref past = {.number = head->number - span};
	uint64_t ms[2] = {0, 0};
	assay_status st = asy_chain_block_hash(c, past.number, &past.hash, err);
	const asy_block_ref *at[2] = {&past, head};
	for (size_t k = 0; k < 2 && st == ASSAY_OK; k++) {
		asy_read r = {.slot = NULL};
		size_t i = asy_read_add0(&r, c, ITEM_NOW);
		st = asy_read_run(&r, c, &at[k]->hash, err);
		if (st == ASSAY_OK)
			ms[k] = asy_read_int(&r, c, i, 0);
		asy_read_fini(&r);
	}
	if (st == ASSAY_OK)
		*out = asy_block_time(past.number, ms[0], head->number, ms[1], fallback);
	return st;
}

assay_status asy_chain_block_time(asy_chain *c, const asy_block_ref *head, double fallback,
								  double *out, assay_err *err)
{
	return ASY_ASK(c, err, measure_block_time(c, head, fallback, out, err));
}
